import type { NumberRange, OptionsCheck } from "../../check/check_options.ts";
import type { Duration } from "../../time/duration.ts";
import { type Nanos, toNanos } from "../../time/timeline.ts";
import type { Quota } from "./quota.ts";
import { QuotaQueue } from "./quota_queue.ts";
import {
  type RateLimiterOptions,
  type RateLimiterSettings,
  rateLimiterSettings,
} from "./rate_limiter.ts";

/** What a sliding window takes, exact or approximate. */
export interface SlidingWindowOptions extends RateLimiterOptions {
  /** Events in one window at most: 1 to 10,000,000 if exact, any whole number above 0 if approximate. */
  limit: number;
  /** How long the window is, at least a nanosecond. */
  window: Duration;
}

/** Counts events in a window; the limit may be set to another one at any time. */
export interface WindowQuota extends Quota {
  /** Events in one window at most. */
  limit: number;
}

/** What one kind of sliding window has of its own. */
export interface WindowKind {
  /** Stands in errors: `sliding window`. */
  readonly title: string;
  /** Which limits it takes. */
  readonly range: NumberRange;
  /** Makes a quota that has counted nothing at `at`. */
  readonly quota: (limit: number, window: Nanos, at: Nanos) => WindowQuota;
}

/** The longest window, a year, in milliseconds: as in policies. */
const MAX_WINDOW_MS = 365 * 24 * 60 * 60 * 1_000;

/**
 * The limit of a sliding window and the queue of its waiters. The limit is
 * checked at construction and at each change.
 */
export class WindowLimit {
  readonly settings: RateLimiterSettings;
  readonly quota: WindowQuota;
  readonly queue: QuotaQueue;
  readonly #range: NumberRange;

  /**
   * Checks the options of a sliding window of this kind.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(options: SlidingWindowOptions, { title, range, quota }: WindowKind) {
    this.settings = rateLimiterSettings(title, options, ["limit", "window"]);
    this.#range = range;
    const { check, timeline } = this.settings;
    const limit = this.#checked(check, options.limit);
    const window = check.duration("window", options.window, { min: 1e-6, max: MAX_WINDOW_MS });
    this.quota = quota(limit, toNanos(window), timeline.now());
    this.queue = new QuotaQueue(this.settings, this.quota);
  }

  /**
   * Changes the limit, and lets the waiters through that it has room for.
   *
   * @throws {TypeError} If `limit` is no number.
   * @throws {RangeError} If `limit` is out of range; the old limit then stands.
   */
  set(limit: number): void {
    this.quota.limit = this.#checked(this.settings.recheck, limit);
    this.queue.serve();
  }

  #checked(check: OptionsCheck, limit: number): number {
    return check.integer("limit", limit, this.#range);
  }
}
