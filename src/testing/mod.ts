/**
 * What tests of code that uses breakers need: a clock that stands still until
 * it is moved, so that no test has to sleep.
 *
 * @example Usage
 * ```ts
 * import { ManualClock } from "@switchgear/breaker/testing";
 *
 * const clock = new ManualClock();
 * clock.setTimeout(() => console.log("a minute later"), 60_000);
 * await clock.tick("1m");
 * ```
 *
 * @module
 */
export { ManualClock } from "./manual_clock.ts";
