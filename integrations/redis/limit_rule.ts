import type { Fault } from "../../src/check/fault.ts";
import { ROOT_PATH } from "../../src/check/json_path.ts";
import { checkObject } from "../../src/policy/check_policy.ts";
import type { FieldsOf } from "../../src/policy/field.ts";
import { scanJson } from "../../src/policy/json_scan.ts";

/** Where a rule's calls are counted: by each process for itself, or in Redis for all of them together. */
export type LimitMode = "local" | "distributed";

/** What a rule does while Redis does not answer: let calls through, refuse them, or apply a local share of the limit. */
export type OnRedisFailure = "allow" | "refuse" | "local";

/** One limit, as a document holds it. */
export interface LimitRule {
  /** For editors; ignored. */
  $schema?: string;
  /** For people; ignored. */
  description?: string;
  /** Where calls are counted. @default "distributed" */
  mode?: LimitMode;
  /** Tokens a second that flow back, above 0, at most 1,000,000,000, fractions allowed. */
  rate: number;
  /** Tokens that can be taken at once at most, from 1 to 1,000,000,000. */
  capacity: number;
  /** What happens while Redis does not answer. @default "local" */
  onFailure?: OnRedisFailure;
  /** Processes that share the limit; each one's local share is that part of it. @default the limiter's `processes` */
  processes?: number;
}

/** What {@linkcode parseRuleText} makes of a document: a rule, or everything that is wrong with it. */
export type RuleResult =
  | {
    /** Whether the document is valid. */
    readonly ok: true;
    /** The rule, frozen, as it was written. */
    readonly rule: Readonly<LimitRule>;
  }
  | {
    /** Whether the document is valid. */
    readonly ok: false;
    /** Everything that is wrong with it. */
    readonly faults: readonly Fault[];
  };

const TEXT = { kind: "text" } as const;
const MOST = 1_000_000_000;
const LONGEST_FILL_S = 365 * 24 * 60 * 60;

/** The fields of a rule. */
const RULE_FIELDS = {
  $schema: { type: TEXT, description: "For editors; ignored." },
  description: { type: TEXT, description: "For people; ignored." },
  mode: {
    type: { kind: "choice", values: ["local", "distributed"] },
    default: "distributed",
    description: "Where calls are counted: by each process for itself, or in Redis for all.",
  },
  rate: {
    type: { kind: "number", above: 0, max: MOST },
    unit: "tokens a second",
    required: true,
    description: "Tokens that flow back.",
  },
  capacity: {
    type: { kind: "integer", min: 1, max: MOST },
    unit: "tokens",
    required: true,
    description: "Tokens that can be taken at once at most.",
  },
  onFailure: {
    type: { kind: "choice", values: ["allow", "refuse", "local"] },
    default: "local",
    description:
      "While Redis does not answer: let through, refuse, or apply a local share of the limit.",
  },
  processes: {
    type: { kind: "integer", min: 1, max: 1_000_000 },
    unit: "processes",
    description: "Processes that share the limit. Left out: as the limiter was told.",
  },
} as const satisfies FieldsOf<LimitRule>;

/**
 * Checks a rule document. Every fault is listed, not only the first; the rule
 * handed back is a frozen copy.
 *
 * @example Usage
 * ```ts
 * import { parseRule } from "@switchgear/breaker/redis";
 * import assert from "node:assert/strict";
 *
 * const result = parseRule({ rate: 10, capacity: 20, onFailur: "refuse" });
 * assert(!result.ok);
 * assert.equal(result.faults[0]?.suggestion, "onFailure");
 * ```
 *
 * @param value The document, as `JSON.parse` gives it.
 * @returns The rule or its faults.
 */
export function parseRule(value: unknown): RuleResult {
  return checkRule(value, []);
}

/**
 * Checks the JSON text of a rule document. Besides what {@linkcode parseRule} refuses, text that
 * is no JSON is a fault with its line and column, and so is a field that stands twice.
 *
 * @example Usage
 * ```ts
 * import { parseRuleText } from "@switchgear/breaker/redis";
 * import assert from "node:assert/strict";
 *
 * const result = parseRuleText(`{"rate": 10, "capacity": 20}`);
 * assert(result.ok);
 * assert.equal(result.rule.rate, 10);
 * ```
 *
 * @param text The text of one document, such as `logins.json`; a leading byte order mark is skipped.
 * @returns The rule or its faults.
 */
export function parseRuleText(text: string): RuleResult {
  const json = text.startsWith("\ufeff") ? text.slice(1) : text;
  const scan = scanJson(json);
  if (!scan.valid) {
    const { found, allowed, position: { line, column } } = scan;
    const place = `${found} at line ${line}, column ${column}`;
    const message = `${ROOT_PATH} is no JSON: found ${place}; allowed: ${allowed}`;
    return { ok: false, faults: [{ path: ROOT_PATH, found: place, allowed, message }] };
  }
  const repeated = scan.repeated.map(({ path, position: { line, column } }) => {
    const found = `a second time at line ${line}, column ${column}`;
    return { path, found, allowed: "once", message: `${path} must stand once; found ${found}` };
  });
  return checkRule(JSON.parse(json), repeated);
}

function checkRule(value: unknown, faults: Fault[]): RuleResult {
  const rule = checkObject(value, ROOT_PATH, { fields: RULE_FIELDS, nullable: false }, faults);
  if (faults.length > 0 || !isRule(rule)) return { ok: false, faults };
  const fillS = rule.capacity / rule.rate;
  if (fillS <= LONGEST_FILL_S) return { ok: true, rule };
  const path = `${ROOT_PATH}.rate`;
  const found = String(rule.rate);
  const allowed = `enough that capacity (${rule.capacity}) flows back within 365 days`;
  return {
    ok: false,
    faults: [{ path, found, allowed, message: `${path} must be ${allowed}; found ${found}` }],
  };
}

/** Whether what the table of fields let pass is a rule: it is, wherever no fault was found. */
function isRule(checked: Readonly<Record<string, unknown>>): checked is Readonly<
  Record<string, unknown> & LimitRule
> {
  return typeof checked["rate"] === "number" && typeof checked["capacity"] === "number";
}
