import { formatDuration } from "../../time/duration.ts";
import { type Nanos, toMs } from "../../time/timeline.ts";
import { QuotaLimiter } from "./rate_limiter.ts";
import {
  type SlidingWindowOptions,
  type WindowKind,
  WindowLimit,
  type WindowQuota,
} from "./window_limit.ts";

const FIRST_SIZE = 16;

/** The instants of the events in the window, oldest first, in a ring that grows as they do. */
class InstantsQuota implements WindowQuota {
  limit: number;
  readonly #window: Nanos;
  #ring = new Float64Array(FIRST_SIZE);
  #first = 0;
  #length = 0;

  constructor(limit: number, window: Nanos) {
    this.limit = limit;
    this.#window = window;
  }

  get most(): number {
    return this.limit;
  }

  take(n: number, at: Nanos): boolean {
    this.#expire(at);
    if (n > this.limit - this.#length) return false;
    this.#reserveRoom(n);
    for (let i = 0; i < n; i++) {
      this.#ring[(this.#first + this.#length) % this.#ring.length] = at;
      this.#length++;
    }
    return true;
  }

  /** As many as the limit come one window later than as many less. */
  delay(n: number, at: Nanos, ahead: number): Nanos {
    this.#expire(at);
    const total = ahead + n;
    const windows = Math.max(0, Math.ceil(total / this.limit) - 1);
    const over = total - windows * this.limit - (this.limit - this.#length);
    const wait = over > 0 ? this.#instant(over - 1) + this.#window - at : 0;
    return windows * this.#window + wait;
  }

  isFull(at: Nanos): boolean {
    this.#expire(at);
    return this.#length === 0;
  }

  describe(): string {
    return `${this.limit} in any ${formatDuration(toMs(this.#window))}`;
  }

  #instant(index: number): Nanos {
    return this.#ring[(this.#first + index) % this.#ring.length] ?? 0;
  }

  /** Drops what is as old as the window. */
  #expire(at: Nanos): void {
    while (this.#length > 0 && this.#instant(0) <= at - this.#window) {
      this.#first = (this.#first + 1) % this.#ring.length;
      this.#length--;
    }
    if (this.#length === 0) this.#first = 0;
  }

  #reserveRoom(n: number): void {
    const needed = this.#length + n;
    if (needed <= this.#ring.length) return;
    const ring = new Float64Array(Math.max(needed, Math.min(this.limit, 2 * this.#ring.length)));
    for (let i = 0; i < this.#length; i++) ring[i] = this.#instant(i);
    this.#ring = ring;
    this.#first = 0;
  }
}

const KIND: WindowKind = {
  title: "sliding window",
  range: { min: 1, max: 10_000_000 }, // as many as outcomes in a breaker's window
  quota: (limit, window) => new InstantsQuota(limit, window),
};

/** An exact sliding window. Created by {@linkcode createSlidingWindow}. */
export class SlidingWindow extends QuotaLimiter {
  readonly #limit: WindowLimit;

  /** Created by {@linkcode createSlidingWindow}. */
  constructor(options: SlidingWindowOptions) {
    const limit = new WindowLimit(options, KIND);
    super(limit.settings, limit.quota, limit.queue);
    this.#limit = limit;
  }

  /** Events in one window at most. */
  get limit(): number {
    return this.#limit.quota.limit;
  }

  /**
   * Lets through more or fewer from now on; what is in the window still counts,
   * who waits moves with the limit, and who waits for more than it is refused.
   *
   * @param limit Events in one window at most.
   * @throws {TypeError} If `limit` is no number.
   * @throws {RangeError} If it is no whole number from 1 to 10,000,000; the old limit then stands.
   */
  setLimit(limit: number): void {
    this.#limit.set(limit);
  }
}

/**
 * Creates a sliding window that is exact: in no stretch of time as long as
 * `window` are there more than `limit` events. An event as old as the window is
 * out of it. It keeps the instants of the events in the window, 8 to 16 bytes each.
 *
 * @example Usage
 * ```ts
 * import { createSlidingWindow } from "@switchgear/breaker";
 * import { ManualClock } from "@switchgear/breaker/testing";
 * import assert from "node:assert/strict";
 *
 * const clock = new ManualClock();
 * const limiter = createSlidingWindow({ name: "logins", limit: 2, window: "1m", clock });
 * assert.deepEqual([limiter.allow(), limiter.allow(), limiter.allow()], [true, true, false]);
 * assert.equal(limiter.retryAfterMs(), 60_000);
 * await clock.tick("1m");
 * assert.equal(limiter.allow(2), true);
 * ```
 *
 * @param options The limit.
 * @returns The limiter, with an empty window.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function createSlidingWindow(options: SlidingWindowOptions): SlidingWindow {
  return new SlidingWindow(options);
}
