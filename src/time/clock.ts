/**
 * The source of time and of timers. Everything in this package that waits or
 * measures does so through a `Clock`, so that tests can drive time by hand
 * (see `ManualClock` in `@switchgear/breaker/testing`).
 */
export interface Clock {
  /**
   * Milliseconds since an arbitrary origin, fractions allowed. Expected to be
   * monotonic; at a reading lower than an earlier one time stands still, and
   * goes on with what the clock advances from there.
   */
  now(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now, and returns a handle for {@linkcode Clock.clearTimeout}. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  /** Cancels a timer; a handle that has fired or was cancelled already does nothing. */
  clearTimeout(timer: unknown): void;
}

/** The longest delay that a JavaScript timer takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

class SystemTimer {
  #handle: ReturnType<typeof setTimeout> | undefined;

  constructor(callback: () => void, delayMs: number) {
    this.#arm(callback, delayMs);
  }

  #arm(callback: () => void, delayMs: number): void {
    const stepMs = Math.min(delayMs, MAX_TIMER_MS);
    this.#handle = setTimeout(
      () => delayMs > stepMs ? this.#arm(callback, delayMs - stepMs) : callback(),
      stepMs,
    );
  }

  clear(): void {
    clearTimeout(this.#handle);
  }
}

/**
 * The exact clock of the platform: `performance.now()` and the global timers,
 * with delays of more than 24.8 days split into several.
 *
 * @example Usage
 * ```ts
 * import { systemClock } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const startedAt = systemClock.now();
 * assert(systemClock.now() >= startedAt);
 * ```
 */
export const systemClock: Clock = {
  now: (): number => performance.now(),
  setTimeout: (callback: () => void, delayMs: number): unknown =>
    new SystemTimer(callback, delayMs),
  clearTimeout: (timer: unknown): void => {
    if (timer instanceof SystemTimer) timer.clear();
  },
};
