import type { Nanos } from "../../time/timeline.ts";
import type { LastFailure } from "../trip/last_failure.ts";
import type { Trip } from "../trip/trip.ts";
import type { CompiledPolicy } from "./compiled_policy.ts";
import { ProbeQueue } from "./probe_queue.ts";
import { type RampProgress, startRamp } from "./ramp.ts";

/** Calls flow and are recorded. */
export interface Closed {
  readonly kind: "closed";
}

/** Calls are refused until the open time is over. */
export interface Open {
  readonly kind: "open";
  /** When this opening began. */
  readonly since: Nanos;
  /** Reopenings since last closed; 0 at the trip. */
  readonly reopenings: number;
  /** The random draw of this opening, in [0, 1). */
  readonly draw: number;
  readonly trip: Trip;
  readonly trippedAt: Nanos;
}

/** Some calls are let through to find out. */
export interface HalfOpen {
  readonly kind: "half-open";
  readonly since: Nanos;
  readonly reopenings: number;
  readonly trip: Trip;
  readonly trippedAt: Nanos;
  readonly probes: ProbeQueue;
  /** Successes since half-open began. */
  readonly successes: number;
  /** Present where the policy has a ramp. */
  readonly ramp: RampProgress | undefined;
}

/** The state of a breaker's machine. */
export type State = Closed | Open | HalfOpen;

/** The one closed state: it remembers nothing. */
export const CLOSED: Closed = Object.freeze({ kind: "closed" });

/** A probe that failed, and how, where that is known. */
interface ReopenedByProbe {
  readonly cause: "probe-failure" | "probe-timeout";
  readonly lastFailure?: LastFailure | undefined;
}

/** What makes a state change, and when. */
export type TransitionEvent =
  & { readonly at: Nanos }
  & (
    | { readonly cause: "tripped"; readonly trip: Trip; readonly draw: number }
    | ReopenedByProbe & { readonly draw: number }
    | { readonly cause: "manual"; readonly reason: string | undefined; readonly draw: number }
    | { readonly cause: "open-timeout" | "recovered" | "reset" | "mode" }
  );

/** A transition into open whose random number is not drawn yet. */
export type UndrawnEvent =
  & { readonly at: Nanos }
  & (
    | { readonly cause: "tripped"; readonly trip: Trip }
    | ReopenedByProbe
    | { readonly cause: "manual"; readonly reason: string | undefined }
  );

/**
 * Every transition there is. An event that does not apply to a state leaves it
 * as it is.
 *
 *     closed    -- tripped ------------------------> open
 *     open      -- open-timeout -------------------> half-open
 *     half-open -- probe-failure, probe-timeout ---> open, one more reopening
 *     half-open -- manual -------------------------> open, one more reopening
 *     half-open -- recovered ----------------------> closed
 *     any       -- reset, mode --------------------> closed
 */
export function transition(from: State, event: TransitionEvent, policy: CompiledPolicy): State {
  const { at } = event;
  switch (event.cause) {
    case "tripped":
      if (from.kind !== "closed") return from;
      return open(at, 0, event.draw, event.trip, at);
    case "open-timeout":
      if (from.kind !== "open") return from;
      return halfOpen(at, from, policy);
    case "probe-failure":
    case "probe-timeout":
    case "manual":
      if (from.kind !== "half-open") return from;
      return open(at, from.reopenings + 1, event.draw, from.trip, from.trippedAt);
    case "recovered":
      return from.kind === "half-open" ? CLOSED : from;
    case "reset":
    case "mode":
      return CLOSED;
  }
}

function open(since: Nanos, reopenings: number, draw: number, trip: Trip, trippedAt: Nanos): Open {
  return { kind: "open", since, reopenings, draw, trip, trippedAt };
}

function halfOpen(since: Nanos, from: Open, policy: CompiledPolicy): HalfOpen {
  return {
    kind: "half-open",
    since,
    reopenings: from.reopenings,
    trip: from.trip,
    trippedAt: from.trippedAt,
    probes: new ProbeQueue(),
    successes: 0,
    ramp: policy.ramp && startRamp(policy.ramp, since),
  };
}
