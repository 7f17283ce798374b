import { isRecord } from "../../src/policy/check_policy.ts";
import type { Fields, FieldType } from "../../src/policy/field.ts";
import { POLICY_FIELDS } from "../../src/policy/fields.ts";
import type { EffectivePolicy, Policy } from "../../src/policy/policy.ts";
import { plainDuration } from "../plain_duration.ts";
import { fieldsOf } from "./differences.ts";

const DURATIONS: ReadonlySet<string> = new Set(durationsIn(POLICY_FIELDS));

/**
 * The fields of a policy in force, an inner one after a dot, its durations as
 * people write them. An object that says nothing is left out.
 */
export function plainFields(policy: EffectivePolicy | Policy): Map<string, unknown> {
  return new Map(
    [...fieldsOf(policy)].filter(([, value]) => !isRecord(value)).map(([field, value]) => {
      const isDuration = DURATIONS.has(field) && typeof value === "number";
      return [field, isDuration ? plainDuration(value) : value];
    }),
  );
}

function durationsIn(fields: Fields, path = ""): string[] {
  return Object.entries(fields).flatMap(([name, { type }]) => durationsOf(type, path + name));
}

function durationsOf(type: FieldType, field: string): string[] {
  switch (type.kind) {
    case "duration":
      return [field];
    case "object":
      return durationsIn(type.fields, `${field}.`);
    case "variant":
      return Object.values(type.variants).flatMap((fields) => durationsIn(fields, `${field}.`));
    default:
      return [];
  }
}
