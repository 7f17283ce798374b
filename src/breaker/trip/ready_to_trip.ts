import type { Counts } from "../window/counts.ts";

/**
 * A trip criterion in code: asked after each recorded failure or slow call, it
 * opens the breaker by returning `true`.
 */
export type ReadyToTrip = (counts: Counts) => boolean;

/**
 * Trips after `threshold` failures in a row.
 *
 * @example Usage
 * ```ts
 * import { consecutiveFailures, createBreaker } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const settings = { readyToTrip: consecutiveFailures(3) };
 * const breaker = createBreaker("payments", { failureThreshold: 0 }, settings);
 * for (let i = 0; i < 3; i++) breaker.tryAcquire()?.failure();
 * assert.equal(breaker.state, "open");
 * ```
 *
 * @param threshold Failures in a row, a positive integer.
 * @returns The criterion.
 * @throws {RangeError} If `threshold` is not a positive integer.
 */
export function consecutiveFailures(threshold: number): ReadyToTrip {
  assertCount("threshold", threshold);
  return (counts) => counts.consecutiveFailures >= threshold;
}

/**
 * Trips when the share of failures in the window reaches `rate`, once the
 * window holds `minimumRequests` calls.
 *
 * @example Usage
 * ```ts
 * import { createBreaker, errorRate } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const breaker = createBreaker("payments", {}, { readyToTrip: errorRate(0.5, 4) });
 * for (let i = 0; i < 2; i++) breaker.tryAcquire()?.success();
 * for (let i = 0; i < 2; i++) breaker.tryAcquire()?.failure();
 * assert.equal(breaker.state, "open");
 * ```
 *
 * @param rate Failures divided by calls, above 0 and at most 1.
 * @param minimumRequests Calls in the window before the rate counts, a positive integer.
 * @returns The criterion.
 * @throws {RangeError} If an argument is out of its range.
 */
export function errorRate(rate: number, minimumRequests: number): ReadyToTrip {
  assertRate(rate);
  assertCount("minimumRequests", minimumRequests);
  return ({ calls, failures }) => calls >= minimumRequests && failures / calls >= rate;
}

/**
 * Trips when the share of timeouts in the window reaches `rate`, once the
 * window holds `minimumRequests` calls.
 *
 * @example Usage
 * ```ts
 * import { createBreaker, timeoutRate } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const settings = { readyToTrip: timeoutRate(0.5, 2) };
 * const breaker = createBreaker("payments", { timeout: "2s" }, settings);
 * breaker.tryAcquire()?.success();
 * breaker.tryAcquire()?.timeout();
 * assert.equal(breaker.state, "open");
 * ```
 *
 * @param rate Timeouts divided by calls, above 0 and at most 1.
 * @param minimumRequests Calls in the window before the rate counts, a positive integer.
 * @returns The criterion.
 * @throws {RangeError} If an argument is out of its range.
 */
export function timeoutRate(rate: number, minimumRequests: number): ReadyToTrip {
  assertRate(rate);
  assertCount("minimumRequests", minimumRequests);
  return ({ calls, timeouts }) => calls >= minimumRequests && timeouts / calls >= rate;
}

function assertCount(field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(
      `Cannot create trip criterion: "${field}" must be a positive integer, received ${value}`,
    );
  }
}

function assertRate(value: number): void {
  if (!(value > 0 && value <= 1)) {
    throw new RangeError(
      `Cannot create trip criterion: "rate" must be above 0 and at most 1, received ${value}`,
    );
  }
}
