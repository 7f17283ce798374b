import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { Duration } from "../policy/policy.ts";
import type { ReadyToTrip } from "./ready_to_trip.ts";

/**
 * How a settled operation is judged (R2), where the default is not enough:
 * resolved is a success, threw is a failure. A predicate that throws is
 * reported, and the default stands.
 */
export interface Classification {
  /** Whether an error is in no count and no rate; asked first. @default () => false */
  isIgnored?: (error: unknown) => boolean;
  /** Whether an error is a failure; `false`: the dependency answered, a success. @default () => true */
  isFailure?: (error: unknown) => boolean;
  /** Whether a resolved value is a failure, such as a response with status 503. @default () => false */
  // deno-lint-ignore no-explicit-any -- the value's type differs from call to call
  isResultFailure?: (value: any) => boolean;
}

/** What breakers take that is no policy: it is given in code and stays as it is. */
export interface BreakerSettings extends Classification {
  /**
   * The source of time, read exactly whenever it is needed.
   *
   * @default the system's clock, of which up to 128 reads share one reading, for at most a millisecond, in bursts of more than a thousand reads per millisecond; `systemClock` is always exact
   */
  clock?: Clock;
  /** Draws in [0, 1) for the jitter. @default Math.random */
  random?: () => number;
  /** Hears of callbacks that throw. @default console */
  logger?: Logger;
  /** A trip criterion in code, besides those of the policy. One that throws is reported and counts as `false`. */
  readyToTrip?: ReadyToTrip;
  /** Makes each refused call throw an error of its own, at several times the cost. @default false */
  freshErrors?: boolean;
}

/** What one call takes. */
export interface CallOptions<F = never> extends Classification {
  /** The caller's own signal: aborting it rejects the call at once with the signal's reason, and is ignored in all counts. */
  signal?: AbortSignal | undefined;
  /** Time limit of this call in place of the policy's; `null`: none. */
  timeout?: Duration | null;
  /**
   * Answers in place of a call that was refused, timed out or threw an error that is a failure, and is given the error. It
   * does not run for a cancelled call, for an error that is ignored or no failure, or for a value that `isResultFailure`
   * counts as a failure: the caller gets that error or value itself.
   */
  fallback?: (error: unknown) => F | PromiseLike<F>;
}

/** What one synchronous call takes. */
export interface SyncCallOptions<F = never> extends Classification {
  /** Answers in place of a call that was refused or threw an error that is a failure, and is given the error. */
  fallback?: (error: unknown) => F;
}
