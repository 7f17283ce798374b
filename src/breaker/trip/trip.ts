import type { Counts } from "../window/counts.ts";
import { describeLastFailure, type LastFailure } from "./last_failure.ts";
import type { Criterion } from "./trip_criteria.ts";

/** What tripped a breaker when it left closed. */
export interface Trip {
  /** Which criterion held. */
  readonly criterion: Criterion;
  /** The value seen: a count or a rate; absent for `readyToTrip` and `manual`. */
  readonly observed?: number;
  /** The value that it reached; absent for `readyToTrip` and `manual`. */
  readonly threshold?: number;
  /** Why somebody tripped it by hand, where that was said. */
  readonly reason?: string;
  /** The failure that it took; absent where it was none (a slow success, `tripNow`) or is not known (a permit that was told of none). */
  readonly lastFailure?: LastFailure;
  /** The evidence at that instant. */
  readonly counts: Counts;
  /** When, in milliseconds of the breaker's clock. */
  readonly at: number;
}

/** One sentence part that says what tripped a breaker: `failureRate 0.6 reached 0.5`. */
export function describeTrip(trip: Trip): string {
  if (trip.criterion === "manual") {
    return `tripNow(${trip.reason === undefined ? "" : JSON.stringify(trip.reason)})`;
  }
  const why = trip.observed === undefined
    ? `${trip.criterion} returned true`
    : `${trip.criterion} ${Number(trip.observed.toFixed(4))} reached ${trip.threshold}`;
  const { lastFailure } = trip;
  return lastFailure === undefined
    ? why
    : `${why}, last failure ${describeLastFailure(lastFailure)}`;
}
