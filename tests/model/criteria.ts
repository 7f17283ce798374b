import type { EffectivePolicy } from "../../src/policy/policy.ts";
import type { Tally } from "./history.ts";

/** What can trip the breaker, by the names of conformance cases; the last two are the criterion in code and `tripNow`. */
export type Criterion =
  | "failureThreshold"
  | "failureCount"
  | "failureRate"
  | "slowCallRate"
  | "timeoutRate"
  | "readyToTrip"
  | "manual";

/** What a breaker is given in code. */
export interface ModelCode {
  /** Is drawn from once at each opening. */
  readonly random: () => number;
  /** The criterion in code. @default never holds */
  readonly readyToTrip?: (counts: Tally & { readonly consecutiveFailures: number }) => boolean;
}

/** The policy's criteria that hold for this content of the window, in the order in which R5 and R24 ask them. */
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
  const { failureCountThreshold = Infinity } = policy;
  if (counts.failures >= failureCountThreshold) held.push("failureCount");
  if (reached(counts.failures, policy.failureRateThreshold)) held.push("failureRate");
  if (reached(counts.slow, policy.slowCallRateThreshold)) held.push("slowCallRate");
  if (reached(counts.timeouts, policy.timeoutRateThreshold)) held.push("timeoutRate");
  return held;
}
