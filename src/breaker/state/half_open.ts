import type { Nanos } from "../../time/timeline.ts";
import { FAILURE, type OutcomeBits, SLOW } from "../window/outcome.ts";
import type { CompiledPolicy } from "./compiled_policy.ts";
import type { Probe } from "./probe_queue.ts";
import type { ProbeTimes } from "./probe_times.ts";
import { allowance, completesAt, rollRamp, startRamp } from "./ramp.ts";
import type { HalfOpen } from "./state.ts";

/** Why half-open would refuse a call now (R9, R12); `undefined`: it would admit it. */
export function halfOpenRefusal(
  state: HalfOpen,
  policy: CompiledPolicy,
): "ramping" | "probing" | undefined {
  if (state.ramp !== undefined && state.ramp.admitted >= allowance(state.ramp)) return "ramping";
  return state.probes.size >= policy.maxProbes ? "probing" : undefined;
}

/** What the admission of a probe goes by. */
export interface ProbeAdmission {
  readonly policy: CompiledPolicy;
  readonly times: ProbeTimes;
  /** The time limit of its call; 0: none. */
  readonly limit: Nanos;
  readonly at: Nanos;
}

/** Admits a probe; its deadline is fixed now (R11). */
export function admitProbe(
  state: HalfOpen,
  { policy, times, limit, at }: ProbeAdmission,
): { readonly state: HalfOpen; readonly probe: Probe } {
  const probe = state.probes.add(at + times.allowed(policy, limit), times);
  const { ramp } = state;
  return {
    state: ramp === undefined
      ? state
      : { ...state, ramp: { ...ramp, admitted: ramp.admitted + 1 } },
    probe,
  };
}

/** Whether a probe's outcome counts as a failure (R10). */
export function failsProbe(bits: OutcomeBits, policy: CompiledPolicy): boolean {
  return (bits & FAILURE) !== 0 || (policy.slowProbeFails && (bits & SLOW) !== 0);
}

/** Half-open after one more successful probe. */
export function withSuccess(state: HalfOpen): HalfOpen {
  const { ramp } = state;
  return {
    ...state,
    successes: state.successes + 1,
    ramp: ramp && { ...ramp, settled: ramp.settled + 1 },
  };
}

/** Whether the successes so far close the breaker; a ramp closes by its intervals instead. */
export function enoughSuccesses(state: HalfOpen, policy: CompiledPolicy): boolean {
  return state.ramp === undefined && state.successes >= policy.successThreshold;
}

/**
 * The transition that time alone makes next, if it is due by `until`: a probe
 * that is out of time, or a ramp that is complete. Where both fall on one
 * instant the probe has failed (R12).
 */
export function halfOpenDue(
  state: HalfOpen,
  until: Nanos,
): { readonly cause: "probe-timeout" | "recovered"; readonly at: Nanos } | undefined {
  const deadline = state.probes.deadline;
  const complete = state.ramp === undefined ? Infinity : completesAt(state.ramp);
  if (deadline <= until && deadline <= complete) return { cause: "probe-timeout", at: deadline };
  return complete <= until ? { cause: "recovered", at: complete } : undefined;
}

/** Half-open with its ramp moved on to `at`. */
export function rolled(state: HalfOpen, policy: CompiledPolicy, at: Nanos): HalfOpen {
  if (state.ramp === undefined || policy.ramp === undefined) return state;
  const ramp = rollRamp(state.ramp, policy.ramp, at);
  return ramp === state.ramp ? state : { ...state, ramp };
}

/** Half-open under a changed policy: a ramp added or removed starts its progress anew (R12). */
export function underPolicy(state: HalfOpen, policy: CompiledPolicy, at: Nanos): HalfOpen {
  if ((state.ramp === undefined) === (policy.ramp === undefined)) return state;
  return { ...state, successes: 0, ramp: policy.ramp && startRamp(policy.ramp, at) };
}
