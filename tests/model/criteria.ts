import type { EffectivePolicy } from "../../src/policy/policy.ts";
import type { Tally } from "./history.ts";

/** What can trip the breaker, by the names of conformance cases; the last is the criterion in code. */
export type Criterion =
  | "failureThreshold"
  | "failureRate"
  | "slowCallRate"
  | "timeoutRate"
  | "readyToTrip";

/** What a breaker is given in code. */
export interface ModelCode {
  /** Is drawn from once at each opening. */
  readonly random: () => number;
  /** The criterion in code. @default never holds */
  readonly readyToTrip?: (counts: Tally & { readonly consecutiveFailures: number }) => boolean;
}

/** The criteria of R5 that hold for this content of the window, in the order in which R5 lists them. */
export function holding(
  policy: EffectivePolicy,
  consecutiveFailures: number,
  counts: Tally,
): Criterion[] {
  const enough = policy.window.kind === "count"
    ? Math.min(policy.minimumCalls, policy.window.size)
    : policy.minimumCalls;
  const reached = (part: number, threshold: number | undefined): boolean =>
    threshold !== undefined && counts.calls >= enough && part / counts.calls >= threshold;

  const held: Criterion[] = [];
  if (policy.failureThreshold > 0 && consecutiveFailures >= policy.failureThreshold) {
    held.push("failureThreshold");
  }
  if (reached(counts.failures, policy.failureRateThreshold)) held.push("failureRate");
  if (reached(counts.slow, policy.slowCallRateThreshold)) held.push("slowCallRate");
  if (reached(counts.timeouts, policy.timeoutRateThreshold)) held.push("timeoutRate");
  return held;
}

/** R8: how long the opening lasts that is the `reopenings`th since the trip and drew `draw`. */
export function openTimeMs(policy: EffectivePolicy, reopenings: number, draw: number): number {
  const backoff = policy.openBackoff;
  if (backoff === undefined) return policy.openStateTimeout;
  const grown = policy.openStateTimeout * backoff.multiplier ** reopenings;
  return Math.min(backoff.maxTimeout, grown) * (1 - backoff.jitter * draw);
}
