import type { Nanos } from "../../time/timeline.ts";

/**
 * What a rate limiter counts by. It knows nothing of those who wait: a
 * {@linkcode QuotaQueue} does. The instants that it is given never go back.
 */
export interface Quota {
  /** The most that one call can ever have. */
  readonly most: number;
  /** Takes `n` events if they are there at `at`, or nothing. */
  take(n: number, at: Nanos): boolean;
  /**
   * Nanoseconds until `n` events are there, once those who come before have had
   * `ahead` events; infinite if they never will be. With nobody ahead it is exact: `take` succeeds from
   * then on, and not before; otherwise it may be less than the wait will be, and never more.
   */
  delay(n: number, at: Nanos, ahead: number): Nanos;
  /** Whether nothing that was taken counts any more. */
  isFull(at: Nanos): boolean;
  /** The limit in words, such as `10 a second in bursts of up to 5`. */
  describe(): string;
}
