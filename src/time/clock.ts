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

/** What a clock must have. */
export const CLOCK_METHODS: readonly (keyof Clock)[] = ["now", "setTimeout", "clearTimeout"];

/** The longest delay that a JavaScript timer takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The platform's functions that set and clear timers. */
export interface PlatformTimers {
  /** Sets a timer of at most 2^31 - 1 milliseconds. */
  readonly setTimeout: typeof globalThis.setTimeout;
  /** Clears a timer that this `setTimeout` has set. */
  readonly clearTimeout: typeof globalThis.clearTimeout;
}

/** A timer of any length. */
export class SystemTimer {
  readonly #timers: PlatformTimers;
  readonly #callback: () => void;
  #handle: ReturnType<typeof setTimeout> | undefined;

  /** Calls `callback` once, `delayMs` milliseconds from now. */
  constructor(callback: () => void, delayMs: number, timers: PlatformTimers) {
    this.#timers = timers;
    this.#callback = callback;
    this.#arm(delayMs);
  }

  #arm(delayMs: number): void {
    const { setTimeout } = this.#timers;
    const stepMs = Math.min(delayMs, MAX_TIMER_MS);
    this.#handle = setTimeout(() => {
      this.#handle = undefined;
      if (delayMs > stepMs) this.#arm(delayMs - stepMs);
      else this.#callback();
    }, stepMs);
  }

  /** Clears the timer, also where a test tool has replaced the globals since, or put them back. */
  clear(): void {
    const handle = this.#handle;
    const { clearTimeout: clear } = this.#timers;
    this.#handle = undefined;
    if (handle === undefined) return;
    if (clear === clearTimeout || typeof handle === "number") clear(handle);
    else close(handle);
  }
}

/**
 * Clears a timer while other globals stand in the place of its own: by its own method,
 * which the timers of Node, Deno and Bun have. Those convert to a number. Node's mock timers
 * do not, and are left alone: one that is cleared after `reset()` breaks the next ones.
 */
function close(timer: unknown): void {
  if (typeof timer !== "object" || timer === null || !(Symbol.toPrimitive in timer)) return;
  if ("close" in timer && typeof timer.close === "function") timer.close();
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
  setTimeout: (callback: () => void, delayMs: number): unknown => {
    const { setTimeout, clearTimeout } = globalThis;
    return new SystemTimer(callback, delayMs, { setTimeout, clearTimeout });
  },
  clearTimeout: (timer: unknown): void => {
    if (timer instanceof SystemTimer) timer.clear();
  },
};
