import { Refill } from "../../src/patterns/rate_limit/refill.ts";
import type { LimitRule } from "./limit_rule.ts";

const THOUSAND = 1_000;

/** A rule in the form that the limiter works with, every default filled in. */
export interface RuleInForce extends Required<Omit<LimitRule, "$schema" | "description">> {
  /** What the script takes besides the number of tokens: capacity, and the rate as tokens per microseconds. */
  readonly scriptArgs: readonly string[];
  /** Tokens a second of one process while Redis does not answer. */
  readonly shareRate: number;
  /** The most that one process holds of them. */
  readonly shareCapacity: number;
}

/** Prepares a rule; `processes` is what holds where it says nothing of them. */
export function ruleInForce(rule: LimitRule, processes: number): RuleInForce {
  const { mode = "distributed", onFailure = "local", rate, capacity } = rule;
  const sharers = rule.processes ?? processes;
  // A thousand times the rate per nanosecond is the rate per microsecond.
  const refill = Refill.of(rate * THOUSAND);
  return {
    mode,
    onFailure,
    rate,
    capacity,
    processes: sharers,
    scriptArgs: [capacity, refill.tokens, refill.nanos].map(String),
    shareRate: rate / sharers,
    shareCapacity: Math.max(1, Math.floor(capacity / sharers)),
  };
}
