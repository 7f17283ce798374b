import {
  BreakerTimeoutError,
  BulkheadFullError,
  createBulkhead,
  createCacheFallback,
  createFallback,
  createHedge,
  createKeyedLimiter,
  createMemoryCache,
  createRetry,
  createSlidingWindow,
  createTimeout,
  createTokenBucket,
  createWorkerPool,
  PoolFullError,
  RateLimitedError,
  resilient,
} from "@switchgear/breaker";
import assert from "node:assert/strict";
import { type Check, SILENT } from "./check_list.ts";

const hang = (): Promise<never> => new Promise(() => {});
const fail = (): Promise<never> => Promise.reject(new Error("down"));

/** The patterns, on the platform's own timers. */
export const PATTERN_CHECKS: readonly Check[] = [
  {
    name: "retry: waits and tries again",
    run: async () => {
      let attempts = 0;
      const retry = createRetry({ maxRetries: 3, backoff: "5ms" });
      const operation = (): Promise<string> => ++attempts < 3 ? fail() : Promise.resolve("done");
      assert.equal(await retry.do(operation), "done");
      assert.equal(attempts, 3);
    },
  },
  {
    name: "timeout: ends what hangs",
    run: () => assert.rejects(createTimeout("10ms").do(hang), BreakerTimeoutError),
  },
  {
    name: "bulkhead: a waiter takes the place of the one before it, more are refused",
    run: async () => {
      const bulkhead = createBulkhead({ name: "b", maxConcurrent: 1, maxQueued: 1, maxWait: "5s" });
      let finish = (_value: string): void => {};
      const first = bulkhead.do(() => new Promise<string>((resolve) => finish = resolve));
      const second = bulkhead.do(() => "second");
      await assert.rejects(bulkhead.do(() => "third"), BulkheadFullError);
      finish("first");
      assert.deepEqual(await Promise.all([first, second]), ["first", "second"]);
    },
  },
  {
    name: "rate limits: per program and per key",
    run: async () => {
      const bucket = createTokenBucket({ name: "mail", rate: 1, burst: 1 });
      assert.equal(await bucket.do(() => "sent"), "sent");
      await assert.rejects(bucket.do(() => "sent"), RateLimitedError);
      await bucket.wait(1, { maxWait: "5s" });
      const perUser = createKeyedLimiter({
        create: (user) => createSlidingWindow({ name: user, limit: 1, window: "1m" }),
      });
      assert.equal(perUser.allow("ann"), true);
      assert.equal(perUser.allow("ann"), false);
      assert.equal(perUser.allow("bob"), true);
    },
  },
  {
    name: "worker pool: runs so many at a time, queues so many, and drains when it is closed",
    run: async () => {
      const pool = createWorkerPool({ name: "mail", workers: 1, maxQueued: 1 });
      const job = (name: string) => (): Promise<string> =>
        new Promise((resolve) => setTimeout(() => resolve(name), 5));
      const accepted = [pool.submit(job("a")), pool.submit(job("b"))];
      assert.throws(() => pool.submit(job("c")), PoolFullError);
      await pool.close();
      assert.deepEqual(await Promise.all(accepted), ["a", "b"]);
    },
  },
  {
    name: "fallback, cache and hedge answer in the place of what fails or is slow",
    run: async () => {
      assert.equal(await createFallback(() => "instead").do(fail), "instead");
      const users = createCacheFallback<string>({
        cache: createMemoryCache({ maxEntries: 10 }),
        ttl: "5ms",
        staleTtl: "1m",
        logger: SILENT,
      });
      assert.equal(await users.get("ann", () => Promise.resolve("Ann")), "Ann");
      await new Promise((resolve) => setTimeout(resolve, 10)); // no longer fresh, however late this is
      assert.equal(await users.get("ann", fail), "Ann");
      let attempts = 0;
      const hedge = createHedge({ delay: "5ms" });
      assert.equal(await hedge.do(() => ++attempts === 1 ? hang() : Promise.resolve("2nd")), "2nd");
    },
  },
  {
    name: "all patterns around one call",
    run: async () => {
      const call = resilient<string>({ name: "users" })
        .rateLimit({ rate: 100, maxWait: "1s" })
        .bulkhead({ maxConcurrent: 10 })
        .timeout("5s")
        .breaker("users")
        .retry({ maxRetries: 2, backoff: "5ms" })
        .attemptTimeout("2s")
        .fallback(() => "nobody")
        .build();
      assert.equal(await call.do(() => "ann"), "ann");
      assert.equal(await call.do(fail), "nobody");
    },
  },
];
