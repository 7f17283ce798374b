import type { OptionsCheck } from "../../check/check_options.ts";
import type { Timeline } from "../../time/timeline.ts";
import { BucketQuota } from "./bucket_quota.ts";
import { QuotaQueue } from "./quota_queue.ts";
import {
  checkEvents,
  QuotaLimiter,
  type RateLimiterOptions,
  rateLimiterSettings,
} from "./rate_limiter.ts";
import { Reservation } from "./reservation.ts";

/** What a token bucket takes. */
export interface TokenBucketOptions extends RateLimiterOptions {
  /** Tokens a second, fractions allowed; 0: only the burst, infinite: no limit. */
  rate: number;
  /** Tokens that it holds at most, and at first; the most that one call can take. @default what one second brings, at least 1 */
  burst?: number | undefined;
}

/** A token bucket with its settings checked. Created by {@linkcode createTokenBucket}. */
export class TokenBucket extends QuotaLimiter {
  readonly #bucket: BucketQuota;
  readonly #queue: QuotaQueue;
  readonly #timeline: Timeline;
  readonly #check: OptionsCheck;

  /** Created by {@linkcode createTokenBucket}. */
  constructor(options: TokenBucketOptions) {
    const settings = rateLimiterSettings("token bucket", options, ["rate", "burst"]);
    const { check, timeline } = settings;
    const rate = checkRate(check, options.rate);
    const burst = options.burst ?? Math.min(Number.MAX_SAFE_INTEGER, Math.max(1, Math.ceil(rate)));
    const bucket = new BucketQuota(rate, checkBurst(check, burst), timeline.now());
    const queue = new QuotaQueue(settings, bucket);
    super(settings, bucket, queue);
    this.#bucket = bucket;
    this.#queue = queue;
    this.#timeline = timeline;
    this.#check = settings.recheck;
  }

  /** Tokens a second. */
  get rate(): number {
    return this.#bucket.rate;
  }

  /** Tokens that it holds at most. */
  get burst(): number {
    return this.#bucket.burst;
  }

  /** Tokens there are now, fractions included; negative as far as more are reserved, infinite without a limit. */
  get tokens(): number {
    return this.#bucket.tokens(this.#timeline.now());
  }

  /**
   * Takes `n` tokens ahead of time: the bucket is in debt until they have come.
   * Whoever waits by then is served before, at the instant foreseen now.
   *
   * @param n How many. @default 1
   * @returns When they may be used, and how to give them back.
   * @throws {RangeError} If `n` is no whole number of at least 0.
   */
  reserve(n: number = 1): Reservation {
    checkEvents(this.name, n);
    const at = this.#timeline.now();
    this.#queue.assignPlaces((wanted) => {
      const place = this.#bucket.promise(wanted, at);
      return place &&
        { actAt: place.actAt, giveUp: () => this.#bucket.takeBack(place, this.#timeline.now()) };
    });
    const onCancel = (): void => this.#queue.serve();
    return new Reservation(this.#bucket, this.#bucket.promise(n, at), {
      timeline: this.#timeline,
      onCancel,
    });
  }

  /**
   * Refills at another rate from now on. The tokens that are there stay; who
   * waits moves with the limit, and is refused if it is 0; reservations keep their instants, so that until the last of
   * them the limit may be exceeded, or not be used up.
   *
   * @param rate Tokens a second.
   * @throws {TypeError} If `rate` is no number.
   * @throws {RangeError} If it is negative or NaN; the old rate then stands.
   */
  setLimit(rate: number): void {
    this.#bucket.setRate(checkRate(this.#check, rate), this.#timeline.now());
    this.#queue.serve();
  }

  /**
   * Holds more or fewer tokens from now on. Those that are there stay, as far
   * as there is room; who waits for more than the new burst is refused.
   *
   * @param burst Tokens at most.
   * @throws {TypeError} If `burst` is no number.
   * @throws {RangeError} If it is no whole number of at least 1; the old burst then stands.
   */
  setBurst(burst: number): void {
    this.#bucket.setBurst(checkBurst(this.#check, burst), this.#timeline.now());
    this.#queue.serve();
  }
}

/**
 * Creates a token bucket: `rate` tokens a second flow into it up to `burst`,
 * each event takes one, and over any time t no more than `rate` x t + `burst` happen.
 *
 * It means what Go's `golang.org/x/time/rate` means: `allow` takes tokens or
 * leaves them, `wait` waits for them, `reserve` says when they will be there. Unlike
 * there, one who gives up waiting gives back all, and those behind move up; and
 * a late timer lets through no more than the burst at once, so that a burst of less
 * than some milliseconds' worth may slow those who wait.
 *
 * @example Usage
 * ```ts
 * import { createTokenBucket } from "@switchgear/breaker";
 * import { ManualClock } from "@switchgear/breaker/testing";
 * import assert from "node:assert/strict";
 *
 * const clock = new ManualClock();
 * const bucket = createTokenBucket({ name: "mail", rate: 0.5, burst: 2, clock });
 * assert.deepEqual([bucket.allow(), bucket.allow(), bucket.allow()], [true, true, false]);
 * assert.equal(bucket.retryAfterMs(), 2_000);
 * await clock.tick("2s");
 * assert.equal(await bucket.do(() => "sent"), "sent");
 * ```
 *
 * @param options The limit.
 * @returns The bucket, full.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function createTokenBucket(options: TokenBucketOptions): TokenBucket {
  return new TokenBucket(options);
}

function checkRate(check: OptionsCheck, rate: number): number {
  return rate === Infinity ? rate : check.number("rate", rate, { min: 0 });
}

function checkBurst(check: OptionsCheck, burst: number): number {
  return check.integer("burst", burst, { min: 1 });
}
