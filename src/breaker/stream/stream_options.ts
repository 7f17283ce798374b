import type { ItemSource } from "../../call/item_source.ts";
import { OptionsCheck } from "../../check/check_options.ts";
import type { Duration } from "../../time/duration.ts";
import type { Classification } from "../host/settings.ts";

/** What gives a stream its items: its signal is aborted once nobody wants more of them. */
export type StreamOperation<T> = (
  signal: AbortSignal,
) => ItemSource<T> | PromiseLike<ItemSource<T>>;

/** What one stream takes. */
export interface StreamOptions extends Omit<Classification, "isResultFailure"> {
  /** The caller's own signal: aborting it ends the stream at once with the signal's reason, as it ends a call. */
  signal?: AbortSignal | null | undefined;
  /** Time limit in place of the policy's, for all the time that is spent waiting for the producer; `null`: none. */
  timeout?: Duration | null | undefined;
  /** How long the first item may take, from the first `next()` on; `null`: as long as it likes. @default idleWithin */
  firstWithin?: Duration | null | undefined;
  /** How long each later item may take once it is waited for; `null`: as long as it likes. @default null */
  idleWithin?: Duration | null | undefined;
}

/** The limits of a stream in milliseconds, infinite where there is none. */
export interface StreamLimits {
  readonly firstMs: number;
  readonly idleMs: number;
  /** `undefined`: the policy's. */
  readonly ownTotalMs: number | undefined;
}

const PREDICATES = ["isIgnored", "isFailure", "holdAfter"] as const;
const NAMES = ["signal", "timeout", "firstWithin", "idleWithin", ...PREDICATES];

/**
 * Checks what a stream is given.
 *
 * @throws {TypeError} If an option is not known or not of its form.
 * @throws {RangeError} If a limit is no duration above 0.
 */
export function streamLimits(
  breaker: string,
  operation: unknown,
  options: StreamOptions,
): StreamLimits {
  const check = new OptionsCheck(`stream through breaker "${breaker}"`);
  check.callable("operation", operation);
  check.known(options, NAMES);
  const { signal, timeout, firstWithin, idleWithin } = options;
  check.signal(signal);
  for (const predicate of PREDICATES) {
    if (options[predicate] !== undefined) check.callable(predicate, options[predicate]);
  }
  const limit = (field: string, given: Duration | null): number =>
    given === null ? Infinity : check.duration(field, given, { above: 0 });
  const idleMs = limit("idleWithin", idleWithin ?? null);
  return {
    firstMs: firstWithin === undefined ? idleMs : limit("firstWithin", firstWithin),
    idleMs,
    ownTotalMs: timeout === undefined ? undefined : limit("timeout", timeout),
  };
}
