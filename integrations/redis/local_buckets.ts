import {
  createKeyedLimiter,
  type KeyedLimiter,
} from "../../src/patterns/rate_limit/keyed_limiter.ts";
import { createTokenBucket, type TokenBucket } from "../../src/patterns/rate_limit/token_bucket.ts";
import type { Clock } from "../../src/time/clock.ts";
import type { DecidedBy, RateLimitDecision } from "./options.ts";

/** A limit that this process counts by itself. */
export interface LocalLimit {
  /** Tokens a second. */
  readonly rate: number;
  /** Tokens at most. */
  readonly capacity: number;
}

/** The token buckets that this process keeps by itself: as many as it is told, those used last. */
export class LocalBuckets {
  readonly #buckets: KeyedLimiter<TokenBucket>;
  /** What a bucket that is made now begins with. */
  #limit: LocalLimit = { rate: 1, capacity: 1 };

  constructor(maxKeys: number, clock: Clock) {
    const create = (): TokenBucket => {
      const { rate, capacity } = this.#limit;
      return createTokenBucket({ rate, burst: capacity, clock });
    };
    this.#buckets = createKeyedLimiter({ create, maxKeys, clock });
  }

  /** Buckets that are remembered now. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes `n` tokens of the bucket of a key, or none; a bucket that was made under another limit follows. */
  take(key: string, n: number, limit: LocalLimit, by: DecidedBy): RateLimitDecision {
    this.#limit = limit;
    const bucket = this.#buckets.get(key);
    if (bucket.rate !== limit.rate) bucket.setLimit(limit.rate);
    if (bucket.burst !== limit.capacity) bucket.setBurst(limit.capacity);
    const allowed = bucket.allow(n);
    const { tokens } = bucket;
    return {
      allowed,
      limit: limit.capacity,
      remaining: Math.max(0, Math.floor(tokens)),
      retryAfterMs: allowed ? 0 : bucket.retryAfterMs(n),
      resetAfterMs: Math.ceil((limit.capacity - tokens) / limit.rate * 1_000),
      by,
    };
  }
}
