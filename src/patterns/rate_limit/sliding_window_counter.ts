import { formatDuration } from "../../time/duration.ts";
import { type Nanos, toMs } from "../../time/timeline.ts";
import { QuotaLimiter } from "./rate_limiter.ts";
import {
  type SlidingWindowOptions,
  type WindowKind,
  WindowLimit,
  type WindowQuota,
} from "./window_limit.ts";

/** Two counters: the events of the window on the grid that goes on now, and of the one before. */
class CounterQuota implements WindowQuota {
  limit: number;
  readonly #window: Nanos;
  #startedAt: Nanos;
  #count = 0;
  #before = 0;

  constructor(limit: number, window: Nanos, at: Nanos) {
    this.limit = limit;
    this.#window = window;
    this.#startedAt = at;
  }

  get most(): number {
    return this.limit;
  }

  take(n: number, at: Nanos): boolean {
    this.#advance(at);
    if (at - this.#startedAt < this.#opensAfter(this.#before, this.limit - this.#count - n)) {
      return false;
    }
    this.#count += n;
    return true;
  }

  delay(n: number, at: Nanos, ahead: number): Nanos {
    this.#advance(at);
    const passed = at - this.#startedAt;
    const total = this.#count + ahead + n;
    const opensAfter = this.#opensAfter(this.#before, this.limit - total);
    if (opensAfter < this.#window) return Math.max(0, opensAfter - passed);
    if (ahead > 0) { // each window on the grid gives no more than the limit
      return Math.max(1, Math.floor((total - 1) / this.limit)) * this.#window - passed;
    }
    return this.#window - passed + this.#opensAfter(this.#count, this.limit - n);
  }

  isFull(at: Nanos): boolean {
    this.#advance(at);
    return this.#count === 0 && this.#before === 0;
  }

  describe(): string {
    return `about ${this.limit} in any ${formatDuration(toMs(this.#window))}`;
  }

  /** How far into a window what is left of the `before` events of the last one fits into `room`. */
  #opensAfter(before: number, room: number): Nanos {
    if (room < 0) return this.#window;
    if (before <= room) return 0;
    return Math.ceil(this.#window * ((before - room) / before));
  }

  #advance(at: Nanos): void {
    const windows = Math.floor((at - this.#startedAt) / this.#window);
    if (windows <= 0) return;
    this.#before = windows === 1 ? this.#count : 0;
    this.#count = 0;
    this.#startedAt += windows * this.#window;
  }
}

const KIND: WindowKind = {
  title: "sliding window counter",
  range: { min: 1 },
  quota: (limit, window, at) => new CounterQuota(limit, window, at),
};

/** An approximate sliding window. Created by {@linkcode createSlidingWindowCounter}. */
export class SlidingWindowCounter extends QuotaLimiter {
  readonly #limit: WindowLimit;

  /** Created by {@linkcode createSlidingWindowCounter}. */
  constructor(options: SlidingWindowOptions) {
    const limit = new WindowLimit(options, KIND);
    super(limit.settings, limit.quota, limit.queue);
    this.#limit = limit;
  }

  /** Events in one window at most, about. */
  get limit(): number {
    return this.#limit.quota.limit;
  }

  /**
   * Lets through more or fewer from now on; what is in the window still counts,
   * who waits moves with the limit, and who waits for more than it is refused.
   *
   * @param limit Events in one window at most, about.
   * @throws {TypeError} If `limit` is no number.
   * @throws {RangeError} If it is no whole number of at least 1; the old limit then stands.
   */
  setLimit(limit: number): void {
    this.#limit.set(limit);
  }
}

/**
 * Creates a sliding window that is approximate, and needs the same few bytes
 * whatever the limit. It counts events in windows on a grid that starts with the limiter, and takes the
 * events of the last window for evenly spread: a quarter into a window, three
 * quarters of the last one's count still count.
 *
 * No window on the grid holds more than `limit` events. Where the last window's
 * came late in it, a stretch as long as `window` may hold more than `limit`, always less than twice as many.
 *
 * From Cloudflare, "How we built rate limiting capable of scaling to millions of domains" (2017).
 *
 * @example Usage
 * ```ts
 * import { createSlidingWindowCounter } from "@switchgear/breaker";
 * import { ManualClock } from "@switchgear/breaker/testing";
 * import assert from "node:assert/strict";
 *
 * const clock = new ManualClock();
 * const limiter = createSlidingWindowCounter({ limit: 100, window: "1m", clock });
 * assert.equal(limiter.allow(100), true);
 * await clock.tick("75s"); // three quarters of 100 still count
 * assert.deepEqual([limiter.allow(26), limiter.allow(25)], [false, true]);
 * ```
 *
 * @param options The limit.
 * @returns The limiter, with nothing counted.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function createSlidingWindowCounter(options: SlidingWindowOptions): SlidingWindowCounter {
  return new SlidingWindowCounter(options);
}
