import type { Mode, Policy } from "../../mod.ts";

const OUTCOMES = ["success", "failure", "timeout", "ignored", "cancelled", "dropped"] as const;

/** How a case says that a call ends. */
export type CaseOutcome = typeof OUTCOMES[number];

/** What a case can expect; `null`: there is none. */
export interface Expectation {
  state?: string;
  calls?: number;
  failures?: number;
  successes?: number;
  slow?: number;
  timeouts?: number;
  consecutiveFailures?: number;
  rejected?: number;
  staleCalls?: number;
  inFlight?: number;
  reason?: string | null;
  retryAfterMs?: number | null;
  transitions?: string[];
  trippedBy?: string | null;
  /** Whole milliseconds left of the hold in force. */
  held?: number | null;
  /** Probes that settled at or after their deadline, since the breaker was made. */
  overdueProbes?: number;
}

/** One step of a case: one key, and the modifiers that belong to it. */
export type Step =
  | { begin: string; admitted?: boolean; reason?: string }
  | { settle: string; as: CaseOutcome } & AskingFailure
  | CallStep & AskingFailure
  | { advance: string | number }
  | { policy: Policy; invalid?: boolean }
  | { mode: Mode | null }
  | { reset: true }
  | { random: number | number[] }
  /** From a snapshot that is so old, below 0 by a wall clock that went back; under another policy, if one is given. */
  | { restore: true | string | number; under?: Policy }
  | { hold: string | number; owner?: string }
  | { release: true; owner?: string }
  | { trip: true }
  | { expect: Expectation };

interface CallStep {
  call: CaseOutcome;
  admitted?: boolean;
  reason?: string;
  took?: string;
  times?: number;
}

/** A failure may say for how long the dependency asks to be left alone (R22). */
interface AskingFailure {
  holdAfter?: string | number;
}

/** One conformance case. */
export interface Case {
  name: string;
  rule: string;
  policy?: Policy;
  steps: Step[];
}

const STEP_FIELDS: Record<string, readonly string[]> = {
  begin: ["admitted", "reason"],
  settle: ["as", "holdAfter"],
  call: ["admitted", "reason", "took", "times", "holdAfter"],
  advance: [],
  policy: ["invalid"],
  mode: [],
  reset: [],
  random: [],
  restore: ["under"],
  hold: ["owner"],
  release: ["owner"],
  trip: [],
  expect: [],
};

const EXPECTATIONS: readonly string[] = [
  "state",
  "calls",
  "failures",
  "successes",
  "slow",
  "timeouts",
  "consecutiveFailures",
  "rejected",
  "staleCalls",
  "inFlight",
  "reason",
  "retryAfterMs",
  "transitions",
  "trippedBy",
  "held",
  "overdueProbes",
];

/** A case, or what is wrong with what stands in its place. */
export type ParsedCase = Case | { readonly fault: string };

/**
 * Reads the cases of one file. A case with a fault spoils no other.
 *
 * @throws {TypeError} If the text is no array; says why.
 */
export function parseCases(text: string, file: string): ParsedCase[] {
  let cases: unknown;
  try {
    cases = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TypeError(`Cannot read conformance cases from ${file}: ${why}`);
  }
  if (!Array.isArray(cases)) {
    throw new TypeError(`Cannot read conformance cases from ${file}: not an array`);
  }
  return cases.map((item, i) => {
    const fault = faultOf(item);
    return fault === undefined ? item : { fault: `case ${i + 1}: ${fault}` };
  });
}

function faultOf(item: unknown): string | undefined {
  if (!isRecord(item)) return "not an object";
  const known = ["name", "rule", "policy", "steps"];
  const unknown = Object.keys(item).find((key) => !known.includes(key));
  if (unknown !== undefined) return `unknown field "${unknown}"`;
  for (const field of ["name", "rule"]) {
    if (typeof item[field] !== "string") return `"${field}" must be a string`;
  }
  if (!Array.isArray(item["steps"])) return `"steps" must be an array`;
  const begun = new Set<unknown>();
  for (const [i, step] of item["steps"].entries()) {
    const fault = stepFault(step, begun);
    if (fault !== undefined) return `"${item["name"]}", step ${i + 1}: ${fault}`;
  }
  return undefined;
}

type Rule = readonly [allowed: string, holds: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";

const TEXT: Rule = ["text", isText];
const TRUE: Rule = ["true", (value) => value === true];
const BOOLEAN: Rule = ["true or false", (value) => typeof value === "boolean"];
const DURATION: Rule = ["a duration", (value) => isText(value) || isNumber(value)];
const OUTCOME: Rule = [
  "an outcome",
  (value) => OUTCOMES.some((outcome) => outcome === value),
];

/** What each field of a step may hold; what is not named here is checked where it is used. */
const VALUES: Record<string, Rule> = {
  begin: TEXT,
  settle: TEXT,
  as: OUTCOME,
  call: OUTCOME,
  admitted: BOOLEAN,
  reason: TEXT,
  took: DURATION,
  advance: DURATION,
  times: ["a positive integer", (value) => Number.isInteger(value) && Number(value) > 0],
  invalid: TRUE,
  reset: TRUE,
  restore: ["true or a duration", (value) => value === true || isText(value) || isNumber(value)],
  hold: DURATION,
  holdAfter: DURATION,
  owner: TEXT,
  release: TRUE,
  trip: TRUE,
  random: [
    "a number or a list of numbers",
    (value) =>
      isNumber(value) || (Array.isArray(value) && value.length > 0 && value.every(isNumber)),
  ],
};

function stepFault(step: unknown, begun: Set<unknown>): string | undefined {
  if (!isRecord(step)) return "not an object";
  const keys = Object.keys(step);
  const kind = keys.find((key) => Object.hasOwn(STEP_FIELDS, key));
  if (kind === undefined) return `none of ${Object.keys(STEP_FIELDS).join(", ")}`;
  for (const key of keys) {
    if (key !== kind && !STEP_FIELDS[kind]?.includes(key)) {
      return `"${key}" does not go with "${kind}"`;
    }
    const rule = Object.hasOwn(VALUES, key) ? VALUES[key] : undefined;
    if (rule !== undefined && !rule[1](step[key])) {
      return `"${key}" must be ${rule[0]}, not ${shown(step[key])}`;
    }
  }
  if (kind === "settle" && step["as"] === undefined) return `"settle" needs "as"`;
  if (step["holdAfter"] !== undefined && step["as"] !== "failure" && step["call"] !== "failure") {
    return `only a failure can ask by "holdAfter"`;
  }
  if (kind === "settle") begun.delete(step["settle"]);
  if (kind === "restore") begun.clear();
  if (kind === "begin") {
    if (begun.has(step["begin"])) return `"${step["begin"]}" was begun before and is not settled`;
    if (step["admitted"] !== false) begun.add(step["begin"]);
  }
  if (kind !== "expect") return undefined;
  const expected = step["expect"];
  if (!isRecord(expected)) return `"expect" must be an object`;
  const unknown = Object.keys(expected).find((key) => !EXPECTATIONS.includes(key));
  return unknown === undefined ? undefined : `cannot expect "${unknown}"`;
}

/** As much of a value as a message has room for. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
