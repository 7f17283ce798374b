import type { Logger } from "../../log.ts";
import type { Clock } from "../../time/clock.ts";
import type { Duration } from "../../time/duration.ts";
import type { WallClock } from "../../time/wall_clock.ts";
import type { ReadyToTrip } from "../trip/ready_to_trip.ts";

/** What else is known of a call whose caller ran out of time. */
export interface AbortedCall {
  /** How long the call had run when its signal was aborted, in milliseconds. */
  readonly elapsedMs: number;
}

/**
 * A callback that is asked about a value. It may take less than all that it can be asked about: what the calls of one
 * breaker bring is its owner's to know.
 *
 * @typeParam V What it is asked about.
 * @typeParam A What it answers.
 */
export type Asked<V, A> = { ask(value: V): A }["ask"];

/**
 * How a settled operation is judged (R2), where the default is not enough:
 * resolved is a success, threw is a failure. A predicate that throws is
 * reported, and the default stands.
 *
 * @typeParam T What the operation resolves to.
 */
export interface Classification<T = unknown> {
  /**
   * Whether an error is in no count and no rate; asked first. With `aborted`, the error is the reason by which the
   * caller's signal was aborted, a `TimeoutError`: `true` where the caller had too little time for it to be the
   * dependency's fault.
   *
   * @default () => false
   */
  isIgnored?: ((error: unknown, aborted?: AbortedCall) => boolean) | undefined;
  /** Whether an error is a failure; `false`: the dependency answered, a success. @default () => true */
  isFailure?: ((error: unknown) => boolean) | undefined;
  /** Whether a resolved value is a failure, such as a response with status 503. @default () => false */
  isResultFailure?: Asked<T, boolean> | undefined;
  /**
   * For how long the dependency asks to be left alone, given the error or value that was judged a failure; at most the
   * policy's `maxHold`. It keeps a breaker that is not closed from probing. `retryAfterMs` fits.
   *
   * @default () => undefined
   */
  holdAfter?: Asked<unknown, Duration | undefined> | undefined;
}

/** What breakers take that is no policy: it is given in code and stays as it is. */
export interface BreakerSettings extends Classification {
  /**
   * The source of time, read exactly whenever it is needed.
   *
   * @default the system's clock, of which up to 128 reads share one reading, for at most a millisecond, in bursts of more than a thousand reads per millisecond; `systemClock` is always exact
   */
  clock?: Clock | undefined;
  /** The time of day, for what outlives the process or is told to people; how long something takes goes by `clock`. @default systemWallClock, or the readings of a `clock` that is given */
  wallClock?: WallClock | undefined;
  /** Draws in [0, 1) for the jitter. @default Math.random */
  random?: (() => number) | undefined;
  /** Hears of callbacks that throw. @default console */
  logger?: Logger | undefined;
  /** A trip criterion in code, besides those of the policy. One that throws is reported and counts as `false`. */
  readyToTrip?: ReadyToTrip | undefined;
  /** Gives each refused call an error of its own; `false`: one error serves all that one opening refuses, at a tenth of the cost. @default true */
  freshErrors?: boolean | undefined;
  /** Whether what is told of the last failure holds its message, up to 200 characters, with what looks like a secret hidden. @default true */
  failureMessages?: boolean | undefined;
}
