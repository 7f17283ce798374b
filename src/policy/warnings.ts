import { ownFields } from "../check/own_fields.ts";
import { formatDuration } from "../time/duration.ts";
import type { EffectivePolicy } from "./policy.ts";

/** One look at a policy: what is in vain about it, if anything. */
type Check = (policy: EffectivePolicy) => string | undefined;

/**
 * Says what in a policy can never act: valid, so it is in force, but most
 * likely not what was meant. A policy of plain defaults has no warnings.
 *
 * @example Usage
 * ```ts
 * import { policyWarnings, resolvePolicy } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const [warning] = policyWarnings(resolvePolicy({ slowCallRateThreshold: 0.5 }));
 * assert.match(warning ?? "", /^slowCallRateThreshold /);
 * ```
 *
 * @param policy The merged policy, because one document may complete another.
 * @returns One sentence for each, beginning with the field; empty if all is well.
 */
export function policyWarnings(policy: EffectivePolicy): readonly string[] {
  const own = Object.assign(ownFields(policy), { halfOpen: ownFields(policy.halfOpen) });
  return CHECKS.map((check) => check(own)).filter((warning) => warning !== undefined);
}

const CHECKS: readonly Check[] = [
  slowRateWithoutThreshold,
  slowThresholdBeyondTimeout,
  failureCountBeyondWindow,
  gapWithoutRow,
  timeoutRateWithoutTimeout,
  timeoutRateBehindFailureRate,
  (policy) => rateBehindFailureThreshold(policy, "failureRateThreshold"),
  (policy) => rateBehindFailureThreshold(policy, "timeoutRateThreshold"),
  minimumBeyondWindow,
  backoffWithoutEffect,
  timeoutBeyondProbes,
];

function slowRateWithoutThreshold(policy: EffectivePolicy): string | undefined {
  if (policy.slowCallRateThreshold === undefined) return undefined;
  if (policy.slowCallThreshold !== undefined) return undefined;
  return "slowCallRateThreshold can never open the breaker: without slowCallThreshold no call is slow";
}

function slowThresholdBeyondTimeout(policy: EffectivePolicy): string | undefined {
  const { slowCallThreshold, timeout } = policy;
  if (slowCallThreshold === undefined || timeout === undefined) return undefined;
  if (slowCallThreshold < timeout) return undefined;
  return `slowCallThreshold (${formatDuration(slowCallThreshold)}) is not below timeout ` +
    `(${formatDuration(timeout)}), which ends a call before it can be slow`;
}

function failureCountBeyondWindow(policy: EffectivePolicy): string | undefined {
  const { failureCountThreshold, window } = policy;
  if (failureCountThreshold === undefined || window.kind !== "count") return undefined;
  if (failureCountThreshold <= window.size) return undefined;
  return `failureCountThreshold (${failureCountThreshold}) can never open the breaker: the window ` +
    `holds ${window.size} calls at most`;
}

function gapWithoutRow(policy: EffectivePolicy): string | undefined {
  const { failureThresholdWithin, failureThreshold } = policy;
  if (failureThresholdWithin === undefined || failureThreshold > 1) return undefined;
  const why = failureThreshold === 0 ? "is off" : "is 1, which no gap keeps from being reached";
  return `failureThresholdWithin opens nothing later: failureThreshold ${why}`;
}

function timeoutRateWithoutTimeout(policy: EffectivePolicy): string | undefined {
  if (policy.timeoutRateThreshold === undefined || policy.timeout !== undefined) return undefined;
  return "timeoutRateThreshold acts only on calls that bring a time limit of their own: " +
    "there is no timeout";
}

/** A timeout is a failure too, so the share of failures is never the lower one. */
function timeoutRateBehindFailureRate(policy: EffectivePolicy): string | undefined {
  const { timeoutRateThreshold, failureRateThreshold } = policy;
  if (timeoutRateThreshold === undefined || failureRateThreshold === undefined) return undefined;
  if (timeoutRateThreshold < failureRateThreshold) return undefined;
  return `timeoutRateThreshold (${timeoutRateThreshold}) is never the first to open the breaker: ` +
    `timeouts are failures, and failureRateThreshold is ${failureRateThreshold}`;
}

/**
 * Of n calls without k consecutive failures at most n - floor(n / k) failed,
 * a share that is greatest for the least n that is one short of a multiple of
 * k. A rate above it is reached only after k consecutive failures, which have
 * opened the breaker unless they were too far apart.
 */
function rateBehindFailureThreshold(
  policy: EffectivePolicy,
  name: "failureRateThreshold" | "timeoutRateThreshold",
): string | undefined {
  const { failureThreshold, failureThresholdWithin, window } = policy;
  const rate = policy[name];
  if (rate === undefined || failureThreshold === 0) return undefined;
  if (failureThresholdWithin !== undefined && failureThreshold > 1) return undefined;
  const most = window.kind === "count" ? window.size : Infinity;
  const least = Math.min(policy.minimumCalls, most);
  const runs = Math.floor(least / failureThreshold);
  const calls = Math.min(most, runs * failureThreshold + failureThreshold - 1);
  if (rate <= (calls - runs) / calls) return undefined;
  return `${name} (${rate}) can never open the breaker: among ${least} calls or more, that share ` +
    `is reached only after failureThreshold (${failureThreshold}) consecutive failures`;
}

function minimumBeyondWindow(policy: EffectivePolicy): string | undefined {
  const { minimumCalls, window } = policy;
  const hasRate = policy.failureRateThreshold !== undefined ||
    policy.slowCallRateThreshold !== undefined || policy.timeoutRateThreshold !== undefined;
  if (!hasRate || window.kind !== "count" || minimumCalls <= window.size) return undefined;
  return `minimumCalls (${minimumCalls}) counts as ${window.size}: the window holds no more calls`;
}

function backoffWithoutEffect(policy: EffectivePolicy): string | undefined {
  const { openBackoff, openStateTimeout } = policy;
  if (openBackoff === undefined) return undefined;
  const { multiplier, maxTimeout, jitter } = openBackoff;
  if (maxTimeout <= openStateTimeout) {
    return `openBackoff.maxTimeout (${formatDuration(maxTimeout)}) keeps the open time from ` +
      `growing: openStateTimeout is ${formatDuration(openStateTimeout)}`;
  }
  if (multiplier > 1 || jitter > 0) return undefined;
  return "openBackoff changes nothing: its multiplier is 1 and its jitter 0";
}

function timeoutBeyondProbes({ timeout, halfOpen }: EffectivePolicy): string | undefined {
  const { probeTimeout } = halfOpen;
  if (timeout === undefined || probeTimeout === undefined || timeout <= probeTimeout) {
    return undefined;
  }
  return `timeout (${formatDuration(timeout)}) never acts on a probe, which has failed after ` +
    `halfOpen.probeTimeout (${formatDuration(probeTimeout)})`;
}
