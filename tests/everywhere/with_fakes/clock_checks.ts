import {
  BreakerTimeoutError,
  type Clock,
  createBreaker,
  createCacheFallback,
  createHedge,
  createMemoryCache,
  createRetry,
  createTimeout,
  createTokenBucket,
  systemClock,
} from "@switchgear/breaker";
import { dateClock, ManualClock } from "@switchgear/breaker/testing";
import assert from "node:assert/strict";
import { type FakedCheck, type FakeTimers, settle, under } from "./faked_check.ts";

const REASON = new Error("the dependency failed");
const hang = (): Promise<never> => new Promise(() => {});
const isReason = (error: unknown): boolean => error === REASON;

/** Whether an open breaker on `clock` lets a probe through once the fakes have moved by its open time. */
async function follows(clock: Clock, fakes: FakeTimers): Promise<boolean> {
  const policy = { failureThreshold: 1, openStateTimeout: "30s" } as const;
  const breaker = createBreaker("b", policy, clock === systemClock ? {} : { clock });
  for (let call = 0; call < 2_000; call++) breaker.tryAcquire()?.success(); // a burst shares readings
  breaker.tryAcquire()?.failure();
  await fakes.advance(29_999);
  assert.equal(breaker.peek().admitted, false);
  await fakes.advance(2);
  return breaker.peek().admitted;
}

/** What moves as the fakes do, and what does not. */
export const CLOCK_CHECKS: readonly FakedCheck[] = [
  {
    name: "ManualClock.tick settles promises before, between and after its timers",
    run: (fakes) =>
      under(fakes, async () => {
        const clock = new ManualClock();
        const seen: string[] = [];
        const retry = createRetry({ maxRetries: 2, backoff: "1s" }, {
          clock,
          onRetry: ({ attempt }) => seen.push(`attempt ${attempt} at ${clock.now()}`),
        });
        const call = assert.rejects(retry.do(() => Promise.reject(REASON)), isReason);
        await clock.tick("10s");
        await call;
        assert.equal(seen.length, 2);
        assert.equal(clock.now(), 10_000);
      }),
  },
  {
    name: "ManualClock.tick lets chains of a hundred promises settle",
    run: (fakes) =>
      under(fakes, async () => {
        const clock = new ManualClock();
        let isDone = false;
        settle().then(() => isDone = true);
        await clock.tick();
        assert(isDone);
      }),
  },
  {
    name:
      "an open breaker follows the fakes: on dateClock, and on its own clock where they fake performance",
    run: (fakes) =>
      under(fakes, async () => {
        assert.equal(await follows(dateClock, fakes), true);
        assert.equal(await follows(systemClock, fakes), fakes.fakesPerformance);
      }),
  },
  {
    name: "time limits, retries, hedges and rate limits end as the fakes move",
    run: (fakes) =>
      under(fakes, async () => {
        const settings = fakes.fakesPerformance ? {} : { clock: dateClock };
        const breaker = createBreaker("b", { timeout: "1s" }, settings);
        const retry = createRetry({ maxRetries: 1, backoff: "1s" }, settings);
        let attempts = 0;
        const hedge = createHedge({ delay: "1s", ...settings });
        const bucket = createTokenBucket({ name: "r", rate: 1, burst: 1, ...settings });
        assert(bucket.allow());
        const calls = Promise.all([
          assert.rejects(breaker.do(hang), BreakerTimeoutError),
          assert.rejects(createTimeout("1s", settings).do(hang), BreakerTimeoutError),
          assert.rejects(retry.do(() => Promise.reject(REASON)), isReason),
          hedge.do(() => ++attempts === 1 ? hang() : Promise.resolve("hedged")),
          bucket.wait(1),
        ]);
        await settle();
        await fakes.advance(2_000);
        await calls;
      }),
  },
  {
    name: "a call from under fakes that ends after them leaves the next fakes whole",
    run: async (fakes) => {
      let finish = (_value: string): void => {};
      let call: Promise<string> | undefined;
      await under(fakes, async () => {
        call = createTimeout("1h").do(() => new Promise((resolve) => finish = resolve));
        await settle();
      });
      finish("done");
      assert.equal(await call, "done");
      await under(fakes, async () => {
        let rang = 0;
        systemClock.setTimeout(() => rang++, 1_000);
        await fakes.advance(1_000);
        assert.equal(rang, 1);
      });
    },
  },
  {
    name: "a time limit that is lost with its fakes keeps none of the next fakes from ending",
    needsEarlyLoad: true, // to tell the fakes from the platform's timers
    run: async (fakes) => {
      for (const settings of [{ clock: dateClock }, ...fakes.fakesPerformance ? [{}] : []]) {
        const breaker = createBreaker("b", { timeout: "1s" }, settings);
        await under(fakes, async () => {
          breaker.do(hang);
          createTimeout("1s", settings).do(hang);
          await settle();
        });
        await under(fakes, async () => {
          const calls = Promise.all([
            assert.rejects(breaker.do(hang, { timeout: "5s" }), BreakerTimeoutError),
            assert.rejects(createTimeout("5s", settings).do(hang), BreakerTimeoutError),
          ]);
          await settle();
          await fakes.advance(5_001);
          await calls;
        });
      }
    },
  },
  {
    name: "a wait for a rate limit that is lost with its fakes holds up nobody after them",
    needsEarlyLoad: true, // to tell the fakes from the platform's timers
    run: async (fakes) => {
      const bucket = createTokenBucket({ name: "r", rate: 1_000, burst: 1 });
      await under(fakes, async () => {
        bucket.allow();
        bucket.wait(1);
        await settle();
      });
      await bucket.wait(1);
    },
  },
  {
    name: "a call from before fakes that ends under them leaves no timer",
    run: async (fakes) => {
      let finish = (_value: string): void => {};
      const call = createTimeout("1h").do(() => new Promise((resolve) => finish = resolve));
      await settle();
      await under(fakes, async () => {
        finish("done");
        assert.equal(await call, "done");
      }); // the program ends by itself: nothing holds it
    },
  },
  {
    name: "a cache from before the fakes ages as Date moves",
    run: async (fakes) => {
      const cache = createMemoryCache<{ value: number; storedAt: number }>({ maxEntries: 1 });
      const numbers = createCacheFallback({ cache, ttl: "1m", staleTtl: "1m" });
      let loads = 0;
      await under(fakes, async () => {
        assert.equal(await numbers.get("k", () => ++loads), 1);
        assert.equal(await numbers.get("k", () => ++loads), 1);
        await fakes.advance(61_000);
        assert.equal(await numbers.get("k", () => ++loads), 2);
      });
    },
  },
];
