import { ownFields } from "../../check/own_fields.ts";
import type { EffectivePolicy, EffectiveTimeWindow, Mode } from "../../policy/policy.ts";
import { type Nanos, toNanos } from "../../time/timeline.ts";
import { criteriaOf, type TripCriterion } from "../trip/trip_criteria.ts";
import type { TimeWindowShape } from "../window/time_window.ts";
import type { WindowShape } from "../window/window_shape.ts";
import type { RampSettings } from "./ramp.ts";

/** How the open time grows with each reopening. */
export interface OpenBackoff {
  /** Factor from one reopening to the next. */
  readonly multiplier: number;
  /** Cap of the open time. */
  readonly max: Nanos;
  /** Share of the open time that is drawn off at random. */
  readonly jitter: number;
}

/** A policy in the form that the breaker works with; breakers of one policy share it. */
export interface CompiledPolicy {
  /** The policy as people see it. */
  readonly effective: EffectivePolicy;
  readonly mode: Mode;
  readonly criteria: readonly TripCriterion[];
  readonly window: WindowShape;
  /** The longest gap between two failures in a row (R24); infinite: any. */
  readonly longestGap: Nanos;
  /** A call that takes longer is slow; infinite: none is. */
  readonly slowAfter: Nanos;
  /** Whether recording an outcome needs the present instant. */
  readonly recordNeedsTime: boolean;
  /** Whether a slow success fails a probe (R10). */
  readonly slowProbeFails: boolean;
  /** Time limit of a call in milliseconds; 0: none. */
  readonly timeoutMs: number;
  readonly openTime: Nanos;
  readonly openBackoff: OpenBackoff | undefined;
  readonly successThreshold: number;
  readonly maxProbes: number;
  /** How long a probe may take; `undefined`: that follows from other times (R11). */
  readonly probeTimeout: Nanos | undefined;
  readonly ramp: RampSettings | undefined;
  /** The longest hold that a failure can ask for (R22). */
  readonly maxHold: Nanos;
}

/** Prepares a policy for breakers. */
export function compilePolicy(effective: EffectivePolicy): CompiledPolicy {
  const own = ownFields(effective);
  const { window, failureThresholdWithin, slowCallThreshold, openBackoff, ramp } = own;
  const halfOpen = ownFields(own.halfOpen);
  return {
    effective,
    mode: effective.mode,
    criteria: criteriaOf(own),
    window: window.kind === "count" ? { size: window.size } : timeWindowShape(window),
    longestGap: failureThresholdWithin === undefined ? Infinity : toNanos(failureThresholdWithin),
    slowAfter: slowCallThreshold === undefined ? Infinity : toNanos(slowCallThreshold),
    recordNeedsTime: slowCallThreshold !== undefined || window.kind === "time",
    slowProbeFails: own.slowCallRateThreshold !== undefined,
    timeoutMs: own.timeout ?? 0,
    openTime: toNanos(effective.openStateTimeout),
    openBackoff: openBackoff && {
      multiplier: openBackoff.multiplier,
      max: toNanos(openBackoff.maxTimeout),
      jitter: openBackoff.jitter,
    },
    successThreshold: effective.successThreshold,
    maxProbes: halfOpen.maxProbes ?? (ramp === undefined ? 1 : Infinity),
    probeTimeout: halfOpen.probeTimeout === undefined ? undefined : toNanos(halfOpen.probeTimeout),
    ramp: ramp && {
      calls: ramp.calls,
      per: toNanos(ramp.per),
      growth: ramp.growth,
      steps: ramp.steps,
    },
    maxHold: toNanos(effective.maxHold),
  };
}

/** Slices of less than a nanosecond hold nothing that instants could tell apart, and make numbers too large to be exact. */
function timeWindowShape({ duration, buckets }: EffectiveTimeWindow): TimeWindowShape {
  const nanos = toNanos(duration);
  return { duration: nanos, buckets: Math.min(buckets, nanos) };
}

/**
 * How long the nth reopening lasts (R8): exponential backoff with a cap, from
 * which `draw` in [0, 1) takes off up to the share `jitter`. n is 0 at the trip.
 */
export function openTime(policy: CompiledPolicy, reopenings: number, draw: number): Nanos {
  const backoff = policy.openBackoff;
  if (backoff === undefined) return policy.openTime;
  const grown = Math.min(backoff.max, policy.openTime * backoff.multiplier ** reopenings);
  return Math.round(grown * (1 - backoff.jitter * draw));
}
