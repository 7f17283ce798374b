import { MAX_DURATION_LENGTH } from "../time/duration.ts";
import { MAX_DURATION_MS, MIN_DURATION_MS } from "./check_policy.ts";
import {
  type Field,
  type Fields,
  type FieldType,
  type NumberType,
  variantFields,
  type VariantType,
} from "./field.ts";
import { POLICY_FIELDS } from "./fields.ts";

type Schema = Record<string, unknown>;

const DRAFT_07 = "http://json-schema.org/draft-07/schema#";

/** Go's notation with at least one digit other than 0 and no minus sign. */
const DURATION_PATTERN =
  "^(?=.*[1-9])\\+?(?:(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$";

/** At most one single `*`, any number of doubled ones (R28). */
const NAME_PATTERN = "^(?:[^*]|\\*\\*)*\\*?(?:[^*]|\\*\\*)*$";

/**
 * The JSON Schema of a policy document, for editors that complete and check
 * policy files. It is generated from the table that the parser checks by.
 *
 * It is written in draft-07, which editors support in full (VS Code's support
 * of later drafts is partial). What a schema cannot say it lets pass: that a
 * duration in text is at most a year and at least a nanosecond, and that no
 * field stands twice.
 *
 * @example Usage
 * ```ts
 * import { policySchema } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * assert.equal(policySchema()["title"], "Circuit breaker policy");
 * console.log(JSON.stringify(policySchema(), null, 2)); // for a file that "$schema" names
 * ```
 *
 * @returns A new object each time.
 */
export function policySchema(): Record<string, unknown> {
  return { $schema: DRAFT_07, title: "Circuit breaker policy", ...policyDefinition() };
}

/**
 * The JSON Schema of a collection, `breakers.json`: one object of name to
 * policy. See {@linkcode policySchema}.
 *
 * @example Usage
 * ```ts
 * import { collectionSchema } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * assert.equal(collectionSchema()["type"], "object");
 * ```
 *
 * @returns A new object each time.
 */
export function collectionSchema(): Record<string, unknown> {
  const policy = { $ref: "#/definitions/policy" };
  return {
    $schema: DRAFT_07,
    title: "Circuit breaker policies by breaker name",
    type: "object",
    properties: { $schema: { anyOf: [{ type: "string" }, policy] } },
    propertyNames: { pattern: NAME_PATTERN },
    additionalProperties: policy,
    definitions: { policy: policyDefinition() },
  };
}

function policyDefinition(): Schema {
  return { type: "object", ...objectSchema(POLICY_FIELDS, true) };
}

function objectSchema(fields: Fields, nullable: boolean): Schema {
  const entries = Object.entries(fields);
  const required = entries.filter(([, field]) => field.required).map(([name]) => name);
  return {
    properties: Object.fromEntries(
      entries.map(([name, field]) => [name, fieldSchema(field, nullable)]),
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function fieldSchema(field: Field, nullable: boolean): Schema {
  return {
    description: describe(field),
    ...typeSchema(field.type, nullable ? ["null"] : []),
    ...(field.default !== undefined && { default: structuredClone(field.default) }),
  };
}

function describe({ description, type, unit }: Field): string {
  if (type.kind === "duration") {
    return `${description} A duration such as "1m30s" or "250ms", or a number of milliseconds.`;
  }
  return unit === undefined ? description : `${description} Unit: ${unit}.`;
}

/** The schema of a type; `orNull` names the null type where null is allowed too. */
function typeSchema(type: FieldType, orNull: readonly "null"[]): Schema {
  switch (type.kind) {
    case "integer":
    case "number":
      return { type: [type.kind, ...orNull], ...bounds(type) };
    case "duration":
      return {
        type: ["string", "number", ...orNull],
        pattern: DURATION_PATTERN,
        maxLength: MAX_DURATION_LENGTH,
        minimum: MIN_DURATION_MS,
        maximum: MAX_DURATION_MS,
      };
    case "text":
      return { type: ["string", ...orNull] };
    case "choice":
      return { enum: [...type.values, ...orNull.map(() => null)] };
    case "object":
      return { type: ["object", ...orNull], ...objectSchema(type.fields, false) };
    case "variant":
      return { oneOf: [...variantSchemas(type), ...orNull.map((name) => ({ type: name }))] };
  }
}

function bounds({ min, above, max }: NumberType): Schema {
  return {
    ...(min !== undefined && { minimum: min }),
    ...(above !== undefined && { exclusiveMinimum: above }),
    ...(max !== undefined && { maximum: max }),
  };
}

function variantSchemas(type: VariantType): Schema[] {
  return Object.keys(type.variants).map((kind) => ({
    type: "object",
    ...objectSchema(variantFields(type, [kind]), false),
  }));
}
