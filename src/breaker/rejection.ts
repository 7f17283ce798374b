import { nameErrors } from "../error_kind.ts";
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
  /** Discriminates it from the answer for a call that would be admitted. */
  readonly admitted: false;
}

/** What a refusal is made of; what is not known may be there as `undefined`. */
export interface RefusalDetails extends Omit<RejectionDetails, "retryAfterMs" | "trip"> {
  /** Whole milliseconds until a call may be admitted. */
  readonly retryAfterMs?: number | undefined;
  /** What tripped the breaker when it left closed. */
  readonly trip?: Trip | undefined;
}

/**
 * A call was refused by a breaker.
 *
 * Each refused call gets an error of its own, unless the breaker was created
 * with `freshErrors: false`: then one error serves every call that is refused
 * for one reason during one opening, its stack is that of the first of those
 * calls, and its `retryAfterMs` is as of when it is read. A fallback is given an
 * object of its own that says the same and has no stack frames, because making
 * an error costs many times as much as the refusal.
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
  declare readonly breaker: string;
  /** Its state. */
  declare readonly state: StateName;
  /** Why it refuses. */
  declare readonly reason: RejectionReason;
  /**
   * Whole milliseconds from the refusal until a call may be admitted: to the end of the open time, of the hold or of
   * the ramp's interval; absent for `probing` and `forced`.
   */
  declare readonly retryAfterMs?: number;
  /** What tripped it when it left closed; absent where nothing did. */
  declare readonly trip?: Trip;

  /** Creates the error of one refusal. */
  constructor(details: RefusalDetails, message: string = describeRefusal(details)) {
    super("BREAKER_OPEN", message);
    this.breaker = details.breaker;
    this.state = details.state;
    this.reason = details.reason;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.trip !== undefined) this.trip = details.trip;
  }

  static {
    nameErrors(this, { name: "BreakerOpenError", code: "BREAKER_OPEN" });
  }
}

/**
 * An error that is kept, to serve many calls; `retryAfterMs` is asked whenever
 * the property is read. As V8 makes it, an error holds the frames of its stack,
 * and by them all that its first caller holds, on Deno even when its stack was
 * read. One whose stack was assigned holds the text alone.
 */
export function lastingError(
  details: RefusalDetails,
  message: string,
  retryAfterMs: () => number | undefined,
): BreakerOpenError {
  const error = new BreakerOpenError(details, message);
  Object.defineProperty(error, "retryAfterMs", {
    get: retryAfterMs,
    enumerable: true,
    configurable: true,
  });
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

/**
 * What tells a fallback of a refusal: an object of its own that reads like the
 * error. It is no error that V8 made, and holds no stack.
 */
class RefusalNotice {
  readonly code = "BREAKER_OPEN";
  readonly breaker: string;
  readonly state: StateName;
  readonly reason: RejectionReason;
  declare readonly retryAfterMs?: number;
  declare readonly trip?: Trip;
  readonly #message: string;

  constructor({ breaker, state, reason, retryAfterMs, trip }: RefusalDetails, message: string) {
    this.breaker = breaker;
    this.state = state;
    this.reason = reason;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
    if (trip !== undefined) this.trip = trip;
    this.#message = message;
  }

  get message(): string {
    // A proxy, a copy or a descendant has the fields alone.
    return #message in this ? this.#message : describeRefusal(this);
  }

  set message(value: unknown) {
    own(this, "message", value);
  }

  get stack(): string {
    return String(this);
  }

  set stack(value: unknown) {
    own(this, "stack", value);
  }

  static {
    Object.setPrototypeOf(this.prototype, BreakerOpenError.prototype);
    Reflect.deleteProperty(this.prototype, "constructor"); // it reads as the error's, too
  }
}

/** What tells a fallback of a refusal. */
export function refusalNotice(details: RefusalDetails, message: string): unknown {
  return new RefusalNotice(details, message);
}

function own(notice: RefusalNotice, field: string, value: unknown): void {
  Object.defineProperty(notice, field, { value, writable: true, configurable: true });
}

const WHY: Record<RejectionReason, string> = {
  open: "it is open",
  held: "it is held",
  probing: "it is half-open and enough probes are in flight",
  ramping: "it is half-open and the calls of this interval are used up",
  forced: 'its mode is "forced-open"',
};

/** A refusal in a sentence. */
export function describeRefusal({ breaker, reason, trip }: RefusalDetails): string {
  const cause = trip === undefined ? "" : ` (tripped by ${describeTrip(trip)})`;
  return `Breaker "${breaker}" refused the call: ${WHY[reason]}${cause}`;
}
