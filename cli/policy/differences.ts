import { isRecord } from "../../src/policy/check_policy.ts";
import { columns } from "../columns.ts";
import type { Paint } from "../paint.ts";
import { printable } from "../printable.ts";

/** A field that two documents do not have alike. */
export interface Difference {
  /** The field, an inner one after a dot. */
  readonly field: string;
  /** What it was; absent: it was not there. */
  readonly before?: unknown;
  /** What it is; absent: it is not there. */
  readonly after?: unknown;
}

/** What differs from one document to another, field by field, in their order. */
export function differences(before: object, after: object): Difference[] {
  const [old, next] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...old.keys(), ...next.keys()])]
    .filter((field) => shown(old.get(field)) !== shown(next.get(field)))
    .map((field) => ({
      field,
      ...(old.has(field) && { before: old.get(field) }),
      ...(next.has(field) && { after: next.get(field) }),
    }));
}

/** What stands where a field is not there. */
export type Absence = (field: string) => string;

/** Of a document: its field is inherited. */
export const inherited: Absence = () => "(inherited)";

/** Of a policy in force: nothing of the kind acts, which for a limit means that there is none. */
export const offInForce: Absence = (field) => field === "halfOpen.maxProbes" ? "no limit" : "(off)";

/** Differences as aligned lines; `absent` says what stands where a field is not there. */
export function differenceLines(
  found: readonly Difference[],
  absent: Absence,
  paint: Paint,
): string[] {
  return columns([
    ["FIELD", "BEFORE", "AFTER"].map((heading) => paint("dim", heading)),
    ...found.map(({ field, before, after }) => [
      printable(field),
      paint("red", before === undefined ? absent(field) : shown(before)),
      paint("green", after === undefined ? absent(field) : shown(after)),
    ]),
  ]);
}

/** Differences as a phrase: `failureThreshold 3 -> 5, timeout removed`. */
export function differencePhrase(found: readonly Difference[]): string {
  return found.map(({ field, before, after }) => {
    if (after === undefined) return `${printable(field)} removed`;
    if (before === undefined) return `${printable(field)}=${shown(after)}`;
    return `${printable(field)} ${shown(before)} -> ${shown(after)}`;
  }).join(", ");
}

/** The fields of a document by name, those of inner objects too, each after a dot. */
export function fieldsOf(document: object, path = ""): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [name, value] of Object.entries(document)) {
    const inner = isRecord(value) ? fieldsOf(value, `${path}${name}.`) : undefined;
    if (inner === undefined || inner.size === 0) fields.set(path + name, value);
    else for (const [field, innerValue] of inner) fields.set(field, innerValue);
  }
  return fields;
}

/** A value as `policy set` takes it: text without quotes, unless JSON would read it as something else. */
export function shown(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? "";
  return printable(isPlain(value) ? value : JSON.stringify(value));
}

function isPlain(text: string): boolean {
  if (text === "" || /[\s"\\]/.test(text)) return false;
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}
