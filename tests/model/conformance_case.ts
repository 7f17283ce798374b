import type { Mode } from "../../src/policy/policy.ts";
import { parseDuration } from "../../src/time/duration.ts";
import type { Outcome } from "./observation.ts";

/** One case of a conformance file. */
export interface ConformanceCase {
  readonly name: string;
  readonly rule: string;
  readonly policy: unknown;
  readonly steps: readonly Step[];
}

/** One step, its durations in milliseconds and its modifiers filled in. */
export type Step =
  | {
    readonly kind: "begin";
    readonly id: string;
    readonly admitted: boolean;
    readonly reason?: string;
  }
  | {
    readonly kind: "settle";
    readonly id: string;
    readonly as: Outcome;
    readonly holdAfterMs: number;
  }
  | {
    readonly kind: "call";
    readonly as: Outcome;
    readonly admitted: boolean;
    readonly reason?: string;
    readonly tookMs: number;
    readonly times: number;
    readonly holdAfterMs: number;
  }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "policy"; readonly document: unknown; readonly invalid: boolean }
  | { readonly kind: "mode"; readonly mode: Mode | null }
  | { readonly kind: "reset" }
  | {
    readonly kind: "restore";
    readonly ageMs: number;
    /** Absent: the policy in force. */
    readonly document?: unknown;
  }
  | { readonly kind: "hold"; readonly ms: number; readonly owner: string }
  | { readonly kind: "release"; readonly owner: string }
  | { readonly kind: "trip" }
  | { readonly kind: "random"; readonly draws: readonly number[] }
  | { readonly kind: "expect"; readonly values: Readonly<Record<string, unknown>> };

/** Each kind of step with its own key first and then its modifiers. */
const KEYS: Readonly<Record<Step["kind"], readonly string[]>> = {
  begin: ["begin", "admitted", "reason"],
  settle: ["settle", "as", "holdAfter"],
  call: ["call", "admitted", "reason", "took", "times", "holdAfter"],
  advance: ["advance"],
  policy: ["policy", "invalid"],
  mode: ["mode"],
  reset: ["reset"],
  restore: ["restore", "under"],
  hold: ["hold", "owner"],
  release: ["release", "owner"],
  trip: ["trip"],
  random: ["random"],
  expect: ["expect"],
};
const MODES: readonly Mode[] = ["normal", "disabled", "forced-open", "metrics-only"];
const OUTCOMES: readonly Outcome[] = [
  "success",
  "failure",
  "timeout",
  "ignored",
  "cancelled",
  "dropped",
];

/**
 * Reads the text of a conformance file.
 *
 * @throws {TypeError} If it is not written as the format says: a misspelt key would pass vacuously.
 */
export function readCases(text: string): ConformanceCase[] {
  const file: unknown = JSON.parse(text);
  if (!Array.isArray(file)) throw new TypeError("A conformance file must hold an array of cases");
  return file.map(readCase);
}

function readCase(value: unknown): ConformanceCase {
  const fields = record(value, "case");
  onlyKeys(fields, ["name", "rule", "policy", "steps"]);
  const { name, rule, policy = {}, steps } = fields;
  if (typeof name !== "string" || typeof rule !== "string" || !Array.isArray(steps)) {
    throw new TypeError(`Case needs a name, a rule and steps: ${JSON.stringify(value)}`);
  }
  return { name, rule, policy, steps: steps.map(readStep) };
}

function readStep(value: unknown): Step {
  const fields = record(value, "step");
  const kind = (Object.keys(KEYS) as Step["kind"][]).find((key) => key in fields);
  if (kind === undefined) throw new TypeError(`Unknown step: ${JSON.stringify(value)}`);
  onlyKeys(fields, KEYS[kind]);
  const { admitted = true, took = 0, times = 1, invalid = false, reason, holdAfter = 0 } = fields;
  const { owner = "code", under } = fields;
  const own = fields[kind];
  if (typeof admitted !== "boolean" || typeof invalid !== "boolean" || typeof times !== "number") {
    throw new TypeError(`Wrong modifier: ${JSON.stringify(value)}`);
  }
  if (holdAfter !== 0 && own !== "failure" && fields["as"] !== "failure") {
    throw new TypeError(`Only a failure can ask by holdAfter: ${JSON.stringify(value)}`);
  }
  const expectedReason = reason === undefined ? {} : { reason: text(reason) };
  switch (kind) {
    case "begin":
      return { kind, id: text(own), admitted, ...expectedReason };
    case "settle":
      return {
        kind,
        id: text(own),
        as: oneOf(fields["as"], OUTCOMES),
        holdAfterMs: duration(holdAfter),
      };
    case "call":
      return {
        ...{ kind, as: oneOf(own, OUTCOMES), admitted, ...expectedReason, times },
        ...{ tookMs: duration(took), holdAfterMs: duration(holdAfter) },
      };
    case "advance":
      return { kind, ms: duration(own) };
    case "policy":
      return { kind, document: own, invalid };
    case "mode":
      return { kind, mode: own === null ? null : oneOf(own, MODES) };
    case "reset":
    case "trip":
      onlyTrue(own, kind);
      return { kind };
    case "restore":
      return {
        kind,
        ageMs: own === true ? 0 : duration(own),
        ...(under === undefined ? {} : { document: under }),
      };
    case "hold":
      return { kind, ms: duration(own), owner: text(owner) };
    case "release":
      onlyTrue(own, kind);
      return { kind, owner: text(owner) };
    case "random":
      return { kind, draws: draws(own) };
    case "expect":
      return { kind, values: record(own, "expect") };
  }
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new TypeError(`Not an object for ${what}: ${JSON.stringify(value)}`);
}

function onlyKeys(fields: Record<string, unknown>, keys: readonly string[]): void {
  const unknown = Object.keys(fields).filter((key) => !keys.includes(key));
  if (unknown.length > 0) {
    throw new TypeError(`Unknown key ${unknown.join(", ")}: ${JSON.stringify(fields)}`);
  }
}

function onlyTrue(value: unknown, kind: string): void {
  if (value !== true) throw new TypeError(`"${kind}" must be true`);
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`Not a text: ${JSON.stringify(value)}`);
}

function oneOf<Value extends string>(value: unknown, values: readonly Value[]): Value {
  const found = values.find((each) => each === value);
  if (found !== undefined) return found;
  throw new TypeError(`Not one of ${values.join(", ")}: ${JSON.stringify(value)}`);
}

function duration(value: unknown): number {
  if (typeof value === "string" || typeof value === "number") return parseDuration(value);
  throw new TypeError(`Not a duration: ${JSON.stringify(value)}`);
}

function draws(value: unknown): number[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const numbers = list.filter((draw) => typeof draw === "number");
  if (list.length > 0 && numbers.length === list.length) return numbers;
  throw new TypeError(`Not a draw or a list of draws: ${JSON.stringify(value)}`);
}
