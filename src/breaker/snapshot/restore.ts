import { type Duration, parseDuration } from "../../time/duration.ts";
import { type InstantSource, type Nanos, toNanos } from "../../time/timeline.ts";
import { Holds } from "../state/holds.ts";
import type { BreakerHost } from "../host/host.ts";
import type { Machine } from "../state/machine.ts";
import { ProbeQueue } from "../state/probe_queue.ts";
import { ProbeTimes } from "../state/probe_times.ts";
import type { RampProgress } from "../state/ramp.ts";
import { CLOSED, type State } from "../state/state.ts";
import type { Trip } from "../trip/trip.ts";
import { CountWindow } from "../window/count_window.ts";
import { Evidence } from "../window/evidence.ts";
import { TimeWindow } from "../window/time_window.ts";
import type { Window } from "../window/window.ts";
import type { BreakerSnapshot, RampSnapshot, TripSnapshot } from "./snapshot.ts";

/** What a snapshot is restored with. */
export interface RestoreOptions {
  /**
   * How much time has passed since the snapshot was taken; below 0 counts as none.
   *
   * @default by the wall clock, since the snapshot's `takenAt`
   */
  readonly elapsed?: Duration | undefined;
}

/** Longer than any policy's durations together can end anything. */
const LONGEST_ELAPSED_MS = 100 * 365 * 24 * 3_600_000;

/**
 * Makes sure that a snapshot can be restored with these, before there is a breaker.
 *
 * @throws {TypeError | RangeError} If `elapsed` is no duration.
 */
export function checkRestoreOptions({ elapsed }: RestoreOptions): void {
  if (elapsed !== undefined) parseDuration(elapsed);
}

/**
 * Makes a new breaker's machine go on where `snapshot` was taken, at the instant
 * of the snapshot: the next look makes what has fallen due since (R19). Probes
 * that were in flight then are dropped.
 */
export function resumeFrom(
  machine: Machine,
  snapshot: BreakerSnapshot,
  options: RestoreOptions = {},
): void {
  const elapsedMs = elapsedSince(snapshot, machine.host, options);
  const now = machine.look() - toNanos(Math.min(elapsedMs, LONGEST_ELAPSED_MS));
  const overridden = snapshot.override ?? undefined;
  const evidence = Evidence.of(snapshot.lifetime);
  // Under another mode a breaker starts closed and empty, as at any change of mode (R13).
  const sameMode = snapshot.mode === (overridden ?? machine.policy.mode);
  const state = sameMode ? stateOf(snapshot, machine.host.timeline, now) : CLOSED;
  if (sameMode) {
    const { consecutiveFailures, lastFailureMsAgo } = snapshot;
    evidence.resume({
      window: windowOf(snapshot, state.kind === "closed" ? now : state.trippedAt),
      consecutiveFailures,
      // A snapshot from before R24 does not say.
      lastFailureAt: lastFailureMsAgo == null ? undefined : now - toNanos(lastFailureMsAgo),
    });
  }
  const crossed = sameMode ? snapshot.wouldOpenBy ?? undefined : undefined;
  const probeTimes = new ProbeTimes(toNanos(snapshot.slowestProbeMs ?? 0));
  const holds = holdsOf(snapshot, now);
  machine.resume({ state, overridden, crossed, evidence, probeTimes, holds }, now);
}

function elapsedSince(
  { takenAt }: BreakerSnapshot,
  host: BreakerHost,
  { elapsed }: RestoreOptions,
): number {
  if (elapsed !== undefined) return Math.max(0, parseDuration(elapsed));
  const today = host.timeOfDay();
  return takenAt === undefined || today === undefined ? 0 : Math.max(0, today - takenAt);
}

/** A snapshot from before R22 has none. */
function holdsOf({ holds = [], askedLeftMs = 0 }: BreakerSnapshot, now: Nanos): Holds {
  const running = holds.map(({ owner, leftMs }) => ({ owner, until: now + toNanos(leftMs) }));
  return new Holds(running, now + toNanos(askedLeftMs));
}

function stateOf(snapshot: BreakerSnapshot, timeline: InstantSource, now: Nanos): State {
  const { open, halfOpen, reopenings = 0 } = snapshot;
  if (snapshot.trip === undefined) return CLOSED;
  const trippedAt = now - toNanos(snapshot.trip.msAgo);
  const trip = tripOf(snapshot.trip, timeline.clockMs(trippedAt));
  const tripped = { reopenings, trip, trippedAt };
  if (open !== undefined) {
    return { kind: "open", since: now - toNanos(open.sinceMs), draw: open.draw, ...tripped };
  }
  if (halfOpen === undefined) return CLOSED;
  const { successes, ramp } = halfOpen;
  return {
    kind: "half-open",
    since: now - toNanos(halfOpen.sinceMs),
    probes: new ProbeQueue(),
    successes,
    ramp: ramp && rampOf(ramp, now),
    ...tripped,
  };
}

function tripOf(
  { msAgo: _msAgo, counts, lastFailure, ...trip }: TripSnapshot,
  at: number,
): Trip {
  return Object.freeze({
    ...trip,
    ...(lastFailure !== undefined && { lastFailure: Object.freeze({ ...lastFailure }) }),
    counts: Object.freeze({ ...counts }),
    at,
  });
}

function rampOf(ramp: RampSnapshot, now: Nanos): RampProgress {
  const { calls, perMs, growth, steps, intervalSinceMs, good, admitted, settled } = ramp;
  const settings = { calls, per: toNanos(perMs), growth, steps };
  return { settings, since: now - toNanos(intervalSinceMs), good, admitted, settled };
}

function windowOf({ window }: BreakerSnapshot, at: Nanos): Window | undefined {
  if (window === null) return undefined;
  if (window.kind === "count") {
    const restored = new CountWindow(window.size);
    for (const digit of window.outcomes) restored.record(Number(digit));
    return restored;
  }
  const { buckets, slices } = window;
  const shape = { duration: toNanos(window.durationMs), buckets };
  const restored = new TimeWindow(shape, at, at - toNanos(window.phaseMs));
  for (const { lastMsAgo, ...slice } of slices) {
    restored.restore({ ...slice, lastAt: at - toNanos(lastMsAgo) });
  }
  return restored;
}
