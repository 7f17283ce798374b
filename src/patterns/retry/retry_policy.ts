import { PoolClosedError } from "../pool/pool_full_error.ts";
import { BreakerOpenError } from "../../breaker/rejection.ts";
import { isPermanent } from "./permanent_error.ts";
import { findInCauses, readProperty } from "./retry_causes.ts";

/**
 * When to try again, and after how long. Attempts are numbered from 1. A policy
 * is shared by all calls, so it keeps nothing about any of them: what a delay
 * builds on is handed to it.
 *
 * {@linkcode exponentialBackoff}, {@linkcode fixedDelay}, {@linkcode fullJitter},
 * {@linkcode equalJitter} and {@linkcode decorrelatedJitter} make the usual ones,
 * plain objects that can be spread into one's own.
 *
 * @example Usage
 * ```ts
 * import { isRetryable, retry, type RetryPolicy } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const policy: RetryPolicy = {
 *   maxAttempts: 4,
 *   shouldRetry: (error, attempt) => isRetryable(error) && attempt < 3,
 *   delay: (attempt) => attempt * 2,
 * };
 * let attempts = 0;
 * await assert.rejects(retry(() => Promise.reject(new Error(`${++attempts}`)), policy), /3/);
 * ```
 */
export interface RetryPolicy {
  /** Attempts of one call at most, the first one included; `Infinity`: only `shouldRetry` ends them. @default Infinity */
  readonly maxAttempts?: number | undefined;
  /**
   * Whether to try again after attempt number `attempt` failed with `error`. It is not asked about
   * a {@linkcode PermanentError}, nor after the last attempt. One that throws is reported and counts as `false`.
   */
  shouldRetry(error: unknown, attempt: number): boolean;
  /**
   * Milliseconds to wait after attempt number `attempt` failed, 0 or more and finite. `previousMs`
   * is what this gave after the attempt before, in the same call; absent after the first one. Where
   * it fails, the longest delay is waited that is known of the policy.
   */
  delay(attempt: number, previousMs?: number): number;
  /** The longest that `delay` can give after attempt number `attempt`, in milliseconds; must not fall. For `describe`. */
  longestDelay?(attempt: number): number;
}

/**
 * Whether an error is worth another attempt, as retries see it by default: all
 * are but a {@linkcode PermanentError}, the rejection of a breaker or of a pool that is
 * closed (each of them also as a cause), and a cancellation (an error named `AbortError`). A timeout is worth one.
 *
 * @example Usage
 * ```ts
 * import { isRetryable, PermanentError } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * assert.equal(isRetryable(new Error("Connection reset")), true);
 * assert.equal(isRetryable(new PermanentError("No such user")), false);
 * ```
 *
 * @param error Anything that was thrown.
 * @returns Whether to try again.
 */
export function isRetryable(error: unknown): boolean {
  return readProperty(error, "name") !== "AbortError" && !isPermanent(error) &&
    !isLastingRefusal(error);
}

function isLastingRefusal(error: unknown): boolean {
  const isOne = (each: unknown): boolean =>
    each instanceof BreakerOpenError || each instanceof PoolClosedError;
  return findInCauses(error, (each) => isOne(each) || undefined) ?? false;
}
