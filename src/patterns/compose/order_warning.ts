/**
 * What can be wrong with the order of layers:
 *
 * - `retry-outside-breaker`: a retry that would retry the rejections of a breaker
 *   inside of it, so that it works against an open breaker. Asked is the retry
 *   itself; by default none does.
 * - `timeout-longer-inside`: a time limit, also one of a breaker's policy, that
 *   can never be reached, because one outside of it is shorter.
 * - `fallback-inside-breaker`: a fallback, also one by cache, that hides failures
 *   from a breaker outside of it.
 * - `limit-inside-breaker`: a bulkhead or rate limiter whose own refusals count
 *   in a breaker outside of it as failures of the dependency. Asked are the
 *   breaker's `isIgnored` and `isFailure`.
 * - `wait-longer-than-timeout`: a bulkhead or rate limiter that may let a call
 *   wait for longer than a time limit outside of it.
 * - `layer-twice`: one breaker, bulkhead or rate limiter in two places, so that
 *   each call counts twice, and can wait for itself.
 */
export type OrderWarningCode =
  | "retry-outside-breaker"
  | "timeout-longer-inside"
  | "fallback-inside-breaker"
  | "limit-inside-breaker"
  | "wait-longer-than-timeout"
  | "layer-twice";

/** All codes. */
export const ORDER_WARNING_CODES: readonly OrderWarningCode[] = [
  "retry-outside-breaker",
  "timeout-longer-inside",
  "fallback-inside-breaker",
  "limit-inside-breaker",
  "wait-longer-than-timeout",
  "layer-twice",
];

/** Something that is known to be wrong with the order of layers. */
export interface OrderWarning {
  /** What it is; stable, and what silences it. */
  readonly code: OrderWarningCode;
  /** What it is, and what to do about it, in words. */
  readonly message: string;
  /** The layer that stands outside, such as `breaker "users"`. */
  readonly outer: string;
  /** The layer that stands inside of it. */
  readonly inner: string;
}
