/**
 * The time of day: milliseconds since 1970 in UTC. People and other machines
 * understand it, and it outlives the process; but it can be set, forwards and
 * back. How long something takes is measured by a `Clock`.
 *
 * @example Usage
 * ```ts
 * import { retryAfterMs, type WallClock } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const noon: WallClock = () => Date.UTC(2026, 0, 1, 12);
 * const headers = { "retry-after": "Thu, 01 Jan 2026 12:00:30 GMT" };
 * assert.equal(retryAfterMs({ headers }, noon), 30_000);
 * ```
 */
export type WallClock = () => number;

/**
 * The wall clock of the platform, `Date.now()`.
 *
 * @example Usage
 * ```ts
 * import { systemWallClock } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * assert(systemWallClock() > Date.UTC(2024, 0, 1));
 * ```
 */
export const systemWallClock: WallClock = (): number => Date.now();
