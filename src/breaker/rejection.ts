import { SwitchgearError } from "../errors.ts";
import type { RejectionDetails, RejectionReason } from "./events/refusal.ts";
import type { StateName } from "./events/state_name.ts";
import { describeTrip, type Trip } from "./trip/trip.ts";

/** What a call would get: `admitted`, or why not and when to try again. */
export type Peek =
  & {
    /** Whole milliseconds left of the hold in force, rounded up; absent: there is none. */
    readonly heldForMs?: number;
  }
  & ({ readonly admitted: true } | RefusedPeek);

/** Why a call would be refused. */
export interface RefusedPeek extends RejectionDetails {
  /** It is not admitted. */
  readonly admitted: false;
  /** Whole milliseconds until a call may be admitted; absent for `probing` and `forced`. */
  readonly retryAfterMs?: number;
}

/**
 * A call was refused by a breaker.
 *
 * One error object serves every call that is refused for one reason during one
 * opening, because creating an error costs several times as much as the whole
 * refusal; its stack is therefore that of the first of those calls. A caller
 * who wants an object per call, to attach something to, creates the breaker
 * with `freshErrors: true`.
 *
 * @example Usage
 * ```ts
 * import { BreakerOpenError, createBreaker } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const breaker = createBreaker("payments", { failureThreshold: 1, openStateTimeout: "1m" });
 * breaker.tryAcquire()?.failure();
 * try {
 *   await breaker.do(() => Promise.resolve("paid"));
 *   assert.fail("the call went through");
 * } catch (error) {
 *   assert(error instanceof BreakerOpenError);
 *   assert.equal(error.reason, "open");
 *   assert(error.retryAfterMs !== undefined && error.retryAfterMs <= 60_000);
 * }
 * ```
 */
export class BreakerOpenError extends SwitchgearError implements RejectionDetails {
  /** Which kind of error it is. */
  declare readonly code: "BREAKER_OPEN";
  /** Name of the breaker. */
  readonly breaker: string;
  /** Its state. */
  readonly state: StateName;
  /** Why it refuses. */
  readonly reason: RejectionReason;
  /** What tripped it when it left closed; absent where nothing did. */
  readonly trip?: Trip;
  readonly #retryAfterMs: () => number | undefined;

  /** Creates the error; `retryAfterMs` is asked whenever the property is read. */
  constructor(details: RejectionDetails, retryAfterMs: () => number | undefined) {
    super("BREAKER_OPEN", describe(details));
    this.breaker = details.breaker;
    this.state = details.state;
    this.reason = details.reason;
    if (details.trip !== undefined) this.trip = details.trip;
    this.#retryAfterMs = retryAfterMs;
  }

  /**
   * Whole milliseconds until a call may be admitted, as of now: to the end of
   * the open time, of the hold or of the ramp's interval, 0 once that is past; `undefined`
   * for `probing` and `forced`.
   */
  get retryAfterMs(): number | undefined {
    return this.#retryAfterMs();
  }

  static {
    this.prototype.name = "BreakerOpenError";
  }
}

/**
 * An error that is kept, to serve many calls. As V8 makes it, an error holds the
 * frames of its stack, and by them all that its first caller holds, on Deno
 * even when its stack was read. One whose stack was assigned holds the text alone.
 */
export function lastingError(
  details: RejectionDetails,
  retryAfterMs: () => number | undefined,
): BreakerOpenError {
  const error = new BreakerOpenError(details, retryAfterMs);
  const traced: { name: string; message: string; stack?: unknown } = {
    name: error.name,
    message: error.message,
  };
  try {
    Error.captureStackTrace?.(traced, lastingError); // where there is none, an error holds no frames
    if (typeof traced.stack === "string") error.stack = traced.stack;
  } catch {
    // The program's own Error.prepareStackTrace failed, or errors are frozen.
  }
  return error;
}

const WHY: Record<RejectionReason, string> = {
  open: "it is open",
  held: "it is held",
  probing: "it is half-open and enough probes are in flight",
  ramping: "it is half-open and the calls of this interval are used up",
  forced: 'its mode is "forced-open"',
};

function describe({ breaker, reason, trip }: RejectionDetails): string {
  const cause = trip === undefined ? "" : ` (tripped by ${describeTrip(trip)})`;
  return `Breaker "${breaker}" refused the call: ${WHY[reason]}${cause}`;
}
