import type { Mode } from "../../policy/policy.ts";
import { type Nanos, toMs } from "../../time/timeline.ts";
import type { StateName } from "../events/state_name.ts";
import { Holds } from "../state/holds.ts";
import type { Machine } from "../state/machine.ts";
import { openUntil } from "../state/open.ts";
import type { HalfOpen } from "../state/state.ts";
import type { LastFailure } from "../trip/last_failure.ts";
import type { Criterion } from "../trip/trip_criteria.ts";
import { CountWindow } from "../window/count_window.ts";
import type { Counts, LifetimeCounts } from "../window/counts.ts";
import { Evidence } from "../window/evidence.ts";
import { TimeWindow } from "../window/time_window.ts";
import type { Window } from "../window/window.ts";

/** The outcomes of a count window. */
export interface CountWindowSnapshot {
  /** Discriminates the kinds of window. */
  kind: "count";
  /** Calls held at most. */
  size: number;
  /** One digit per outcome, oldest first: the sum of 1 (failed), 2 (slow) and 4 (timed out). */
  outcomes: string;
}

/** The outcomes of a time window. */
export interface TimeWindowSnapshot {
  /** Discriminates the kinds of window. */
  kind: "time";
  /** Length of the window in milliseconds. */
  durationMs: number;
  /** Slices in which it moves. */
  buckets: number;
  /** How far the window has moved since its slices last began to repeat, in milliseconds. */
  phaseMs: number;
  /** The slices that hold anything. */
  slices: {
    bucketsAgo: number;
    lastMsAgo: number;
    calls: number;
    failures: number;
    slow: number;
    timeouts: number;
  }[];
}

/** What tripped a breaker, and how long ago. */
export interface TripSnapshot {
  /** Which criterion held. */
  criterion: Criterion;
  /** The value seen; absent for `readyToTrip` and `manual`. */
  observed?: number;
  /** The value that it reached; absent for `readyToTrip` and `manual`. */
  threshold?: number;
  /** Why somebody tripped it by hand, where that was said. */
  reason?: string;
  /** The failure that it took, where that is known. */
  lastFailure?: LastFailure;
  /** The evidence at that instant. */
  counts: Counts;
  /** How long before the snapshot, in milliseconds. */
  msAgo: number;
}

/** A ramp's settings and how far it has come. */
export interface RampSnapshot {
  /** Calls of the first interval. */
  calls: number;
  /** Length of an interval in milliseconds. */
  perMs: number;
  /** Factor by which the allowance grows. */
  growth: number;
  /** Good intervals that close. */
  steps: number;
  /** How long the present interval has lasted, in milliseconds. */
  intervalSinceMs: number;
  /** Good intervals so far. */
  good: number;
  /** Calls admitted in the present interval. */
  admitted: number;
  /** Counted calls that settled in it. */
  settled: number;
}

/** Everything that a breaker knows, as plain JSON. Instants are told as time passed or remaining, so that it can go on under another clock. */
export interface BreakerSnapshot {
  /** Version of this format. */
  version: 1;
  /** Name of the breaker. */
  name: string;
  /** When it was taken, in milliseconds since 1970; absent where the wall clock could not tell, and in older snapshots. */
  takenAt?: number;
  /** State, as people see it. */
  state: StateName;
  /** The mode in force. */
  mode: Mode;
  /** The mode set in code; `null`: none. */
  override: Mode | null;
  /** Failures since the last success. */
  consecutiveFailures: number;
  /** How long ago the newest failure was recorded since the breaker last closed, in milliseconds; `null`: there was none. */
  lastFailureMsAgo: number | null;
  /** The window; `null`: it holds nothing. */
  window: CountWindowSnapshot | TimeWindowSnapshot | null;
  /** In the mode `metrics-only`: the criterion whose crossing has been announced and is not over. */
  wouldOpenBy: Criterion | null;
  /** The holds that are not over. */
  holds: {
    owner: string;
    /** What is left of it, in milliseconds. */
    leftMs: number;
  }[];
  /** What is left of the time that failures asked for, in milliseconds; 0: nothing. */
  askedLeftMs: number;
  /** The longest time after which an overdue probe succeeded, in milliseconds; 0: none has. */
  slowestProbeMs: number;
  /** Totals since the breaker was created. */
  lifetime: LifetimeCounts;
  /** Present unless closed: what tripped the breaker. */
  trip?: TripSnapshot;
  /** Present unless closed: reopenings since last closed. */
  reopenings?: number;
  /** Present where open. */
  open?: {
    /** How long it has been open, in milliseconds. */
    sinceMs: number;
    /** How long it will be, as the policy stands, in milliseconds: for people, a restored breaker goes by `sinceMs` and its policy. */
    remainingMs: number;
    /** The random draw of this opening. */
    draw: number;
  };
  /** Present where half-open. Probes in flight are not part of it. */
  halfOpen?: {
    /** How long it has been half-open, in milliseconds. */
    sinceMs: number;
    /** Successes so far. */
    successes: number;
    /** Present with a ramp: its settings and how far it has come. */
    ramp?: RampSnapshot;
  };
}

/** What a snapshot says of the state, which costs the same however large the window is. */
export type StateSnapshot = Pick<
  BreakerSnapshot,
  "state" | "mode" | "trip" | "reopenings" | "open" | "halfOpen"
>;

/** Takes a snapshot of a breaker that has just been looked at. */
export function takeSnapshot(machine: Machine, now: Nanos): BreakerSnapshot {
  const { state, evidence = new Evidence(), holds = new Holds() } = machine;
  // From opening to closing the window stands still (R10).
  if (state.kind === "closed") evidence.window?.advance(now);
  const { lastFailureAt } = evidence;
  const takenAt = machine.host.timeOfDay();
  const windowAt = state.kind === "closed" ? now : state.trippedAt;
  return {
    version: 1,
    name: machine.name,
    ...(takenAt !== undefined && { takenAt }),
    override: machine.overridden ?? null,
    consecutiveFailures: evidence.consecutiveFailures,
    lastFailureMsAgo: lastFailureAt === undefined ? null : toMs(now - lastFailureAt),
    window: windowSnapshot(evidence.window, windowAt),
    wouldOpenBy: machine.crossed ?? null,
    holds: holds.running(now).map(({ owner, until }) => ({ owner, leftMs: toMs(until - now) })),
    askedLeftMs: toMs(Math.max(0, holds.askedUntil - now)),
    slowestProbeMs: toMs(machine.probeTimes?.slowest ?? 0),
    lifetime: evidence.lifetime(),
    ...takeState(machine, now),
  };
}

/** Takes the part of a snapshot that is about the state of a breaker that has just been looked at. */
export function takeState(machine: Machine, now: Nanos): StateSnapshot {
  const { state } = machine;
  const shown = { state: machine.shown, mode: machine.mode };
  if (state.kind === "closed") return shown;
  const { at: _at, ...trip } = state.trip;
  const tripped = {
    ...shown,
    trip: { ...trip, msAgo: toMs(now - state.trippedAt) },
    reopenings: state.reopenings,
  };
  const sinceMs = toMs(now - state.since);
  if (state.kind === "open") {
    const remainingMs = toMs(openUntil(state, machine.policy) - now);
    return { ...tripped, open: { sinceMs, remainingMs, draw: state.draw } };
  }
  const ramp = rampSnapshot(state, now);
  return { ...tripped, halfOpen: { sinceMs, successes: state.successes, ...(ramp && { ramp }) } };
}

function rampSnapshot({ ramp }: HalfOpen, now: Nanos): RampSnapshot | undefined {
  if (ramp === undefined) return undefined;
  const { calls, per, growth, steps } = ramp.settings;
  const { good, admitted, settled } = ramp;
  const intervalSinceMs = toMs(now - ramp.since);
  return { calls, perMs: toMs(per), growth, steps, intervalSinceMs, good, admitted, settled };
}

function windowSnapshot(window: Window | undefined, at: Nanos): BreakerSnapshot["window"] {
  if (window instanceof CountWindow) {
    return { kind: "count", size: window.size, outcomes: [...window].join("") };
  }
  if (!(window instanceof TimeWindow)) return null;
  const { duration, buckets } = window.shape;
  const elapsed = at - window.origin;
  return {
    kind: "time",
    durationMs: toMs(duration),
    buckets,
    phaseMs: toMs(elapsed - Math.floor(elapsed / duration) * duration),
    slices: [...window.contents()].map(({ lastAt, ...slice }) => ({
      ...slice,
      lastMsAgo: toMs(at - lastAt),
    })),
  };
}
