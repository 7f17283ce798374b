import type { BreakerSnapshot } from "../../src/breaker/snapshot/snapshot.ts";
import { allowance, type RampProgress } from "../../src/breaker/state/ramp.ts";
import type { Mode } from "../../src/policy/policy.ts";
import { toMs } from "../../src/time/timeline.ts";
import type { Pair } from "./pair.ts";
import type { PreparedScope } from "./scope.ts";

const MODES: readonly (Mode | null)[] = [
  null,
  "normal",
  "disabled",
  "forced-open",
  "metrics-only",
];
const CRITERIA = [
  null,
  undefined,
  "failureThreshold",
  "failureCount",
  "failureRate",
  "slowCallRate",
  "timeoutRate",
  "readyToTrip",
  "manual",
] as const;

/** Adds what decides production's future. Calls in flight come apart. */
export function signProduction({ scope, production }: Pair, signature: number[]): void {
  const snapshot = production.breaker.snapshot();
  const { core } = production;
  const { state } = core;
  signature.push(
    MODES.indexOf(snapshot.mode),
    MODES.indexOf(snapshot.override),
    ["closed", "open", "half-open"].indexOf(state.kind),
    Math.min(snapshot.consecutiveFailures, scope.maxFailures),
    CRITERIA.indexOf(snapshot.wouldOpenBy),
    core.passes ? 1 : 0,
    core.steady === core.epoch ? 1 : 0,
  );
  const { holds, askedLeftMs, slowestProbeMs, lastFailureMsAgo } = snapshot;
  signature.push(
    ...holds.map(({ leftMs }) => leftMs),
    -1,
    askedLeftMs,
    Math.min(slowestProbeMs, scope.maxTeachingMs),
    state.kind === "closed" ? Math.min(lastFailureMsAgo ?? Infinity, scope.maxGapMs) : 0,
  );
  signWindow(snapshot.window, signature);
  signPlaceInTime(scope, production.nowMs, signature);
  if (state.kind === "closed") return;
  signature.push(
    CRITERIA.indexOf(state.trip.criterion),
    Math.min(state.reopenings, scope.maxReopenings),
  );
  signPlaceInTime(scope, toMs(state.trippedAt), signature);
  if (state.kind === "open") {
    signature.push(snapshot.open?.sinceMs ?? NaN, state.draw);
  } else if (state.ramp === undefined) {
    signature.push(state.probes.size, state.successes);
  } else {
    signature.push(state.probes.size);
    signRamp(state.ramp, snapshot.halfOpen?.ramp?.intervalSinceMs ?? NaN, signature);
  }
}

/** A window that comes into being lies where the clock says. */
function signPlaceInTime({ periodMs }: PreparedScope, atMs: number, signature: number[]): void {
  if (periodMs > 0) signature.push(atMs % periodMs);
}

function signWindow(window: BreakerSnapshot["window"], signature: number[]): void {
  if (window === null) {
    signature.push(0);
  } else if (window.kind === "count") {
    signature.push(1, window.size, window.outcomes.length, ...[...window.outcomes].map(Number));
  } else {
    const { durationMs, buckets, phaseMs, slices } = window;
    signature.push(2, durationMs, buckets, phaseMs, slices.length);
    for (const { bucketsAgo, lastMsAgo, calls, failures, slow, timeouts } of slices) {
      signature.push(bucketsAgo, lastMsAgo, calls, failures, slow, timeouts);
    }
  }
}

function signRamp(ramp: RampProgress, intervalSinceMs: number, signature: number[]): void {
  const { calls, per, growth, steps } = ramp.settings;
  signature.push(
    ...[calls, per, growth, steps, intervalSinceMs, ramp.good],
    // Beyond the allowance all is refused, and one settled call makes an interval good.
    Math.min(ramp.admitted, allowance(ramp)),
    Math.min(ramp.settled, 1),
  );
}
