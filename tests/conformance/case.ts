import type { Mode, Policy } from "../../mod.ts";

/** How a case says that a call ends. */
export type CaseOutcome =
  | "success"
  | "failure"
  | "timeout"
  | "ignored"
  | "cancelled"
  | "dropped";

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
}

/** One step of a case: one key, and the modifiers that belong to it. */
export type Step =
  | { begin: string; admitted?: boolean; reason?: string }
  | { settle: string; as: CaseOutcome }
  | { call: CaseOutcome; admitted?: boolean; reason?: string; took?: string; times?: number }
  | { advance: string | number }
  | { policy: Policy; invalid?: boolean }
  | { mode: Mode | null }
  | { reset: true }
  | { random: number | number[] }
  | { restore: true }
  | { expect: Expectation };

/** One conformance case (DESIGN.md, section 8). */
export interface Case {
  name: string;
  rule: string;
  policy?: Policy;
  steps: Step[];
}

const STEP_FIELDS: Record<string, readonly string[]> = {
  begin: ["admitted", "reason"],
  settle: ["as"],
  call: ["admitted", "reason", "took", "times"],
  advance: [],
  policy: ["invalid"],
  mode: [],
  reset: [],
  random: [],
  restore: [],
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
];

/**
 * Reads the cases of one file.
 *
 * @throws {TypeError} If the text is no array of cases; says which one and why.
 */
export function parseCases(text: string, file: string): Case[] {
  const refuse = (what: string): never => {
    throw new TypeError(`Cannot read conformance cases from ${file}: ${what}`);
  };
  let cases: unknown;
  try {
    cases = JSON.parse(text);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  if (!Array.isArray(cases)) return refuse("not an array");
  cases.forEach((item, i) => {
    const fault = faultOf(item);
    if (fault !== undefined) refuse(`case ${i + 1}: ${fault}`);
  });
  return cases;
}

function faultOf(item: unknown): string | undefined {
  if (!isRecord(item)) return "not an object";
  const known = ["name", "rule", "policy", "steps"];
  const unknown = Object.keys(item).find((key) => !known.includes(key));
  if (unknown !== undefined) return `unknown field "${unknown}"`;
  if (typeof item["name"] !== "string") return `"name" must be a string`;
  if (!Array.isArray(item["steps"])) return `"steps" must be an array`;
  for (const [i, step] of item["steps"].entries()) {
    const fault = stepFault(step);
    if (fault !== undefined) return `"${item["name"]}", step ${i + 1}: ${fault}`;
  }
  return undefined;
}

function stepFault(step: unknown): string | undefined {
  if (!isRecord(step)) return "not an object";
  const keys = Object.keys(step);
  const kind = keys.find((key) => key in STEP_FIELDS);
  if (kind === undefined) return `none of ${Object.keys(STEP_FIELDS).join(", ")}`;
  const extra = keys.find((key) => key !== kind && !STEP_FIELDS[kind]?.includes(key));
  if (extra !== undefined) return `"${extra}" does not go with "${kind}"`;
  if (kind !== "expect") return undefined;
  const expected = step["expect"];
  if (!isRecord(expected)) return `"expect" must be an object`;
  const unknown = Object.keys(expected).find((key) => !EXPECTATIONS.includes(key));
  return unknown === undefined ? undefined : `cannot expect "${unknown}"`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
