/**
 * The platform's own clocks, as they were when this module was loaded: files change
 * and are dated in real time, also while a test fakes `performance` and `Date`.
 *
 * @module
 */

/** Milliseconds since some origin, never fewer than before. */
export const steadyMs: () => number = performance.now.bind(performance);

/** Milliseconds since 1970. */
export const dateMs: () => number = Date.now;
