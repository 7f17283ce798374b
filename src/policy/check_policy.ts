import { describeValue } from "../check/describe_value.ts";
import type { Fault } from "../check/fault.ts";
import { fieldPath } from "../check/json_path.ts";
import { nearestName } from "../check/nearest_name.ts";
import { parseDuration } from "../time/duration.ts";
import {
  type Field,
  type Fields,
  type FieldType,
  type NumberType,
  variantFields,
  type VariantType,
} from "./field.ts";

/** The longest duration in a policy, in milliseconds: a year of 365 days. */
export const MAX_DURATION_MS = 365 * 24 * 60 * 60 * 1_000;

/** The shortest duration in a policy, in milliseconds; anything less rounds to 0 ns. */
export const MIN_DURATION_MS = 5e-7;

/** So many faults on, unknown fields and words come without a suggestion, which would take a hostile document minutes. */
const MAX_FAULTS_WITH_SUGGESTION = 1_000;

/** The fields that an object may have. */
export interface ObjectRule {
  /** Each known field by name. */
  readonly fields: Fields;
  /** Whether each of them may also be `null`. */
  readonly nullable: boolean;
  /** What else there is to say about an unknown field: which objects have it. */
  readonly elsewhere?: (name: string) => string | undefined;
}

/**
 * Checks a value against a table of fields and copies what the table knows.
 * Only own enumerable fields are looked at, `undefined` counts as left out,
 * and the value of a field that is not in the table is never read.
 *
 * @param value Anything.
 * @param path The value's JSON path.
 * @param rule The fields that it may have.
 * @param faults Takes every fault, in the order of the document.
 * @returns A frozen copy, which is whole only if no fault was added.
 */
export function checkObject(
  value: unknown,
  path: string,
  rule: ObjectRule,
  faults: Fault[],
): Readonly<Record<string, unknown>> {
  const copy: Record<string, unknown> = {};
  if (!isRecord(value)) {
    faults.push(misfit(path, describeValue(value), "an object"));
    return copy;
  }
  const missing = new Map(Object.entries(rule.fields).filter(([, field]) => field.required));
  for (const name of Object.keys(value)) {
    const field = Object.hasOwn(rule.fields, name) ? rule.fields[name] : undefined;
    if (field === undefined) {
      faults.push(unknownField(path, name, rule, suggestsAt(faults)));
      continue;
    }
    const found = value[name];
    if (found === undefined) continue;
    missing.delete(name);
    copy[name] = checkField(found, fieldPath(path, name), field, rule.nullable, faults);
  }
  for (const [name, { type }] of missing) {
    faults.push(misfit(fieldPath(path, name), "nothing", describeType(type)));
  }
  return Object.freeze(copy);
}

/** Whether `value` is an object with fields, of whatever prototype, and no array, date, map or function. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === "[object Object]";
}

function checkField(
  value: unknown,
  path: string,
  { type }: Field,
  nullable: boolean,
  faults: Fault[],
): unknown {
  if (nullable && value === null) return null;
  if (type.kind === "object" && isRecord(value)) {
    return checkObject(value, path, { fields: type.fields, nullable: false }, faults);
  }
  if (type.kind === "variant" && isRecord(value)) {
    return checkObject(
      value,
      path,
      variantRule(type, Object.hasOwn(value, "kind") ? value["kind"] : undefined),
      faults,
    );
  }
  if (!allows(type, value)) {
    const allowed = describeType(type) + (nullable ? ", or null" : "");
    const suggests = type.kind === "choice" && typeof value === "string" && suggestsAt(faults);
    const suggestion = suggests ? nearestName(value, type.values) : undefined;
    faults.push(misfit(path, describeValue(value), allowed, suggestion));
  }
  // Turns -0, which would be told apart from 0, into 0.
  return value === 0 ? 0 : value;
}

/** Whether a value other than an object is one that `type` allows. */
function allows(type: FieldType, value: unknown): boolean {
  switch (type.kind) {
    case "integer":
      return Number.isInteger(value) && inRange(type, value);
    case "number":
      return inRange(type, value);
    case "duration":
      return isDuration(value);
    case "text":
      return typeof value === "string";
    case "choice":
      return typeof value === "string" && type.values.includes(value);
    case "object":
    case "variant":
      return false;
  }
}

function inRange({ min, above, max }: NumberType, value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) &&
    (min === undefined || value >= min) &&
    (above === undefined || value > above) &&
    (max === undefined || value <= max);
}

function isDuration(value: unknown): boolean {
  if (typeof value !== "string" && typeof value !== "number") return false;
  try {
    const ms = parseDuration(value);
    return ms >= MIN_DURATION_MS && ms <= MAX_DURATION_MS;
  } catch {
    return false;
  }
}

/** While the kind is unknown the fields of every kind are allowed, so that their other faults show. */
function variantRule(type: VariantType, kind: unknown): ObjectRule {
  const kinds = Object.keys(type.variants);
  const known = kinds.filter((name) => name === kind);
  return {
    fields: variantFields(type, known.length > 0 ? known : kinds),
    nullable: false,
    elsewhere: (field) => {
      const owner = kinds.find((name) => Object.hasOwn(type.variants[name] ?? {}, field));
      return owner && `only "kind": "${owner}" has it`;
    },
  };
}

function describeType(type: FieldType): string {
  switch (type.kind) {
    case "integer":
      return type.max === Number.MAX_SAFE_INTEGER
        ? `an integer of at least ${type.min}`
        : `an integer from ${type.min} to ${type.max}`;
    case "number":
      if (type.max === undefined) return `a number of at least ${type.min}`;
      if (type.above === undefined) return `a number from ${type.min} to ${type.max}`;
      return `a number above ${type.above} and at most ${type.max}`;
    case "duration":
      return 'a duration above 0 and at most 365 days, such as "1m30s", "250ms" or 250 (milliseconds)';
    case "text":
      return "text";
    case "choice":
      return `one of ${type.values.map((value) => `"${value}"`).join(", ")}`;
    case "object":
      return `an object with any of ${Object.keys(type.fields).join(", ")}`;
    case "variant":
      return `an object with "kind" one of ${
        Object.keys(type.variants).map((kind) => `"${kind}"`).join(", ")
      }`;
  }
}

function suggestsAt(faults: readonly Fault[]): boolean {
  return faults.length < MAX_FAULTS_WITH_SUGGESTION;
}

function misfit(path: string, found: string, allowed: string, suggestion?: string): Fault {
  const message = `${path} must be ${allowed}; found ${found}`;
  if (suggestion === undefined) return { path, found, allowed, message };
  const hint = `; did you mean "${suggestion}"?`;
  return { path, found, allowed, suggestion, message: message + hint };
}

/** The names of fields, which every fault about an unknown one repeats. */
const listed = new WeakMap<Fields, string>();

function listOf(fields: Fields): string {
  let list = listed.get(fields);
  if (list === undefined) {
    list = Object.keys(fields).join(", ");
    listed.set(fields, list);
  }
  return list;
}

function unknownField(parent: string, name: string, rule: ObjectRule, suggests: boolean): Fault {
  const path = fieldPath(parent, name);
  const list = listOf(rule.fields);
  const found = `the unknown field ${describeValue(name)}`;
  const allowed = `any of ${list}`;
  const elsewhere = rule.elsewhere?.(name);
  if (elsewhere !== undefined) {
    const message = `${path} is no field of this kind; ${elsewhere}`;
    return { path, found, allowed: `${allowed}; ${elsewhere}`, message };
  }
  const suggestion = suggests ? nearestName(name, Object.keys(rule.fields)) : undefined;
  if (suggestion === undefined) {
    return {
      path,
      found,
      allowed,
      message: `${path} is an unknown field; allowed are ${list}`,
    };
  }
  const message = `${path} is an unknown field; did you mean "${suggestion}"?`;
  return { path, found, allowed, suggestion, message };
}
