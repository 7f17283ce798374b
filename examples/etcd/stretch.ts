import type { CallRecord } from "../../cli/demo/ledger.ts";
import { percentile } from "../../cli/demo/percentiles.ts";

/** From when to when something lasted, in milliseconds since the demo began. */
export interface Span {
  /** When it began. */
  readonly fromMs: number;
  /** When it was over. */
  readonly toMs: number;
}

/** What callers saw in a stretch of time. Times are in milliseconds, from when the caller asked. */
export interface Stretch {
  /** Calls asked for in it. */
  readonly calls: number;
  /** Those that failed or were refused. */
  readonly errors: number;
  /** Median time to an answer. */
  readonly p50Ms: number;
  /** 99th percentile of the same. */
  readonly p99Ms: number;
}

/** Sums up the calls that were asked for in a span. */
export function stretchOf(records: readonly CallRecord[], { fromMs, toMs }: Span): Stretch {
  const asked = records.filter(({ askedMs }) => askedMs >= fromMs && askedMs < toMs);
  const times = asked.map(({ askedMs, endedMs }) => endedMs - askedMs);
  return {
    calls: asked.length,
    errors: asked.filter(({ ending }) => ending !== "ok").length,
    p50Ms: percentile(times, 0.5) ?? 0,
    p99Ms: percentile(times, 0.99) ?? 0,
  };
}

/**
 * Calls that failed or were refused although the service was well and the breaker had no reason:
 * those that no trouble explains.
 *
 * @param troubles From when the service failed until its breaker had closed again.
 */
export function unexplainedErrors(
  records: readonly CallRecord[],
  troubles: readonly Span[],
): number {
  return records.filter(({ ending, askedMs, endedMs }) =>
    ending !== "ok" && !troubles.some(({ fromMs, toMs }) => endedMs >= fromMs && askedMs <= toMs)
  ).length;
}
