import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import {
  createBreaker,
  createBulkhead,
  createCacheFallback,
  createFallback,
  createHedge,
  createRetry,
  createTimeout,
  createTokenBucket,
  fixedDelay,
  type Layer,
} from "../../../mod.ts";
import { pipeline } from "../../../src/patterns/compose/pipeline.ts";
import { ManualClock } from "../../../src/testing/mod.ts";
import { KeptLog } from "../../support/kept_log.ts";
import { unhandledDuring } from "../../support/unhandled_during.ts";
import { CountedCaller } from "../caller_support.ts";

/** One of each layer, on one clock, and what shows that nothing of a call is left in them. */
function createLayers(clock: ManualClock) {
  const logger = new KeptLog();
  const breaker = createBreaker("b", { failureThreshold: 2, openStateTimeout: "1s" }, {
    clock,
    logger,
  });
  const bulkhead = createBulkhead({ maxConcurrent: 1, maxQueued: 1, maxWait: "300ms", clock });
  const limiter = createTokenBucket({ rate: 5, burst: 1, maxWait: "300ms", clock });
  const cache = createCacheFallback<string>({
    cache: new Map(),
    ttl: "50ms",
    staleTtl: "1s",
    clock,
    logger,
  });
  const layers: Layer<unknown>[] = [
    createFallback(() => "instead", { logger }),
    cache.layer("key"),
    limiter,
    bulkhead,
    createTimeout("700ms", { clock }),
    createHedge({ delay: "60ms", budget: null, clock, logger }),
    breaker,
    createRetry(fixedDelay("40ms", { maxAttempts: 3 }), { clock, logger }),
    createTimeout("200ms", { clock }),
  ];
  return { layers, bulkhead, breaker };
}

const LAYERS = 9;
type Way = "answer" | "reject" | "throw" | "hang" | "late answer" | "late failure" | "obey";

/** What an operation does each time that it is run; `release` ends those that hang. */
class Operations {
  readonly #clock: ManualClock;
  readonly #ways: readonly Way[];
  readonly #hung: (() => void)[] = [];
  runs = 0;

  constructor(clock: ManualClock, ways: readonly Way[]) {
    this.#clock = clock;
    this.#ways = ways;
  }

  readonly run = (signal: AbortSignal | undefined): Promise<string> | string => {
    const way = this.#ways[this.runs++ % this.#ways.length];
    if (way === "answer") return "answer";
    if (way === "reject") return Promise.reject(new Error("rejected"));
    if (way === "throw") throw new Error("thrown");
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const answer = (): void => resolve("late");
    const fail = (): void => reject(new Error("failed late"));
    if (way === "late answer") this.#clock.setTimeout(answer, 90);
    else if (way === "late failure") this.#clock.setTimeout(fail, 90);
    else this.#hung.push(this.#hung.length % 2 === 0 ? answer : fail);
    if (way === "obey" && signal !== undefined) {
      const obey = (): void => reject(signal.reason);
      const leave = (): void => signal.removeEventListener("abort", obey);
      signal.addEventListener("abort", obey);
      promise.then(leave, leave);
    }
    return promise;
  };

  release(): void {
    for (const end of this.#hung) end();
  }
}

const ways = fc.array(
  fc.constantFrom<Way>("answer", "reject", "throw", "hang", "late answer", "late failure", "obey"),
  { minLength: 1, maxLength: 4 },
);

const subset = fc.shuffledSubarray([...Array(LAYERS).keys()]);
/** Most often in the usual order. */
const orders = fc.oneof(
  { weight: 2, arbitrary: fc.subarray([...Array(LAYERS).keys()]) },
  { weight: 1, arbitrary: subset },
);

Deno.test("each combination of layers settles each call once, within its bounds, and leaves nothing behind", async () => {
  await fc.assert(
    fc.asyncProperty(
      orders,
      ways,
      fc.array(fc.option(fc.integer({ min: 0, max: 900 })), { minLength: 1, maxLength: 3 }),
      async (order, ways, abortsAt) => {
        const clock = new ManualClock();
        const { layers, bulkhead, breaker } = createLayers(clock);
        const chosen = order.flatMap((index) => layers[index] ?? []);
        const call = pipeline(chosen, { silence: "all" });
        const { longestMs, attempts } = call.bounds;
        const unhandled = await unhandledDuring(async () => {
          const callers = abortsAt.map((abortAt) => {
            const caller = abortAt === null ? undefined : new CountedCaller();
            const operations = new Operations(clock, ways);
            let settled = 0;
            let tookMs = -1;
            const settle = (): void => {
              settled++;
              tookMs = clock.now();
            };
            call.do(operations.run, caller && { signal: caller.signal }).then(settle, settle);
            if (caller !== undefined && abortAt !== null) {
              clock.setTimeout(() => caller.abort("enough"), abortAt);
            }
            return {
              caller,
              abortAt,
              operations,
              settled: () => settled,
              tookMs: () => tookMs,
            };
          });
          await clock.tick("5s");
          for (const { abortAt, settled, tookMs, operations } of callers) {
            const latestMs = Math.min(longestMs, abortAt ?? Infinity);
            if (latestMs < Infinity) assert.equal(settled(), 1);
            assert(tookMs() <= latestMs, `${tookMs()} > ${latestMs}`);
            assert(operations.runs <= attempts, `${operations.runs} > ${attempts}`);
          }
          for (let round = 0; round < 4; round++) { // each may let another one begin
            for (const { operations } of callers) operations.release();
            await clock.tick("5s");
          }
          for (const { settled, caller } of callers) {
            assert.equal(settled(), 1);
            assert.equal(caller?.listeners ?? 0, 0);
          }
        });
        assert.deepEqual(unhandled, []);
        assert.equal(clock.pendingTimers, 0);
        assert.deepEqual([bulkhead.active, bulkhead.queued, breaker.counts.inFlight], [0, 0, 0]);
      },
    ),
    { numRuns: 400 },
  );
});
