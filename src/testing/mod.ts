/**
 * What tests of code that uses breakers need: a clock that stands still until
 * it is moved, so that no test has to sleep.
 *
 * @example Usage
 * ```ts
 * import { ManualClock } from "@switchgear/breaker/testing";
 * import assert from "node:assert/strict";
 *
 * const clock = new ManualClock();
 * let rang = false;
 * clock.setTimeout(() => rang = true, 60_000);
 * await clock.tick("1m");
 * assert(rang);
 * ```
 *
 * @module
 */
export { dateClock } from "./date_clock.ts";
export { ManualClock } from "./manual_clock.ts";
