import { SERVER_FAULTS } from "./server_faults.ts";

function under(prefix: string, names: readonly string[]): string[] {
  return names.map((name) => `${prefix}:${name}`);
}

/** What must have happened in a soak of a minute or more: one in which it did not would say nothing about it. */
export const REQUIRED_EVENTS: readonly string[] = [
  ...under("outcome", ["success", "failure", "timeout", "ignored", "slow", "stale"]),
  ...under("refused", ["open", "held", "probing", "ramping", "forced", "allow", "closed pool"]),
  ...under("transition", [
    ...["tripped", "open-timeout", "probe-failure", "probe-timeout", "recovered"],
    ...["manual", "reset", "mode"],
  ]),
  ...under("event", ["wouldOpen", "policyChange"]),
  ...under("via", ["do", "do with options", "doSync", "wrap", "permit", "fetch"]),
  ...under("via", ["retry", "timeout", "bulkhead", "pool", "bucket", "hedge", "cache"]),
  ...under("via", ["resilient"]),
  ...under("abort", ["before", "during", "once settled", "before settling", "with others"]),
  ...under("permit", ["success", "failure", "failure with error", "timeout", "ignore"]),
  ...under("permit", ["disposed", "twice", "late", "abandoned"]),
  ...under("admin", ["reset", "override", "policy", "restore", "hold", "trip"]),
  ...under("admin", ["listener", "forget"]),
  ...under("listener", ["throws", "rejects", "looks", "calls", "resets", "leaves"]),
  ...under("report", ["listener", "predicate"]),
  ...under("server", SERVER_FAULTS),
  ...under("edit", ["own, good", "own, no JSON", "own, invalid", "own, removed"]),
  ...under("edit", ["collection, good", "collection, no JSON", "collection, invalid"]),
  ...under("edit", ["default, good", "default, no JSON", "default, invalid"]),
  ...under("saving", ["renaming", "in two halves", "removing first"]),
  ...under("retry outcome", ["success", "exhausted", "budget-exhausted", "cancelled"]),
  ...under("hedge event", ["win", "slow", "failed", "budget exhausted"]),
  ...under("retry", ["answered", "aborted", "failed"]),
  ...under("hedge", ["answered", "aborted", "failed"]),
  ...under("resilient", ["answered", "aborted"]),
  ...under("adjusted", ["bulkhead", "pool", "bucket"]),
  ...under("timeout", ["answered", "aborted", "BREAKER_TIMEOUT", "BREAKER_OPEN"]),
  ...under("bulkhead", ["answered", "aborted", "BULKHEAD_FULL full", "BULKHEAD_FULL timeout"]),
  ...under("pool", ["answered", "aborted", "POOL_FULL", "POOL_CLOSED timeout"]),
  ...under("bucket", ["answered", "aborted", "RATE_LIMITED"]),
  ...under("cache", ["answered", "aborted", "loaded", "answered without a load"]),
  "fallback:answered",
  "breaker:forgotten",
];
