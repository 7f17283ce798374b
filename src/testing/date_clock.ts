import { type Clock, systemClock } from "../time/clock.ts";

/**
 * The clock for tests under fake timers that replace `Date` and `setTimeout`, but not
 * `performance`: those of `node:test`, and of Vitest 2. It reads `Date.now()` and the
 * global timers at the time of each call, so whatever replaces these moves it.
 *
 * Not for production: `Date` follows every correction of the system's time.
 * {@linkcode ManualClock} needs no fakes at all.
 *
 * @example Usage
 * ```ts
 * import { createBreaker } from "@switchgear/breaker";
 * import { dateClock } from "@switchgear/breaker/testing";
 * import assert from "node:assert/strict";
 * import { mock } from "node:test";
 *
 * mock.timers.enable({ apis: ["Date", "setTimeout"] });
 * const policy = { failureThreshold: 1, openStateTimeout: "30s" };
 * const breaker = createBreaker("payments", policy, { clock: dateClock });
 * breaker.tryAcquire()?.failure();
 * assert.equal(breaker.state, "open");
 * mock.timers.tick(30_000);
 * assert.equal(breaker.state, "half-open");
 * mock.timers.reset();
 * ```
 */
export const dateClock: Clock = {
  now: (): number => Date.now(),
  setTimeout: (callback: () => void, delayMs: number): unknown =>
    systemClock.setTimeout(callback, delayMs),
  clearTimeout: (timer: unknown): void => systemClock.clearTimeout(timer),
};
