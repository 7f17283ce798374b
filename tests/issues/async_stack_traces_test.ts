/** The stack of an error that was made asynchronously ended at the breaker: nobody saw whose call had failed. */
import assert from "node:assert/strict";
import { nextTurn } from "../../src/call/next_turn.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import { protectFetch } from "../../integrations/fetch/mod.ts";
import { guard } from "../../integrations/guard/mod.ts";
import {
  BreakerTimeoutError,
  type CallOptions,
  createBreaker,
  createBulkhead,
  createCacheFallback,
  createFallback,
  createHedge,
  createProvider,
  createRetry,
  createTimeout,
  createTokenBucket,
  createWorkerPool,
  getDefaultConfig,
  pipeline,
  resilient,
  retry,
  withTimeout,
} from "../../mod.ts";

/** Runs an operation, by one of the ways there are. */
type Way = (operation: () => Promise<never>) => Promise<unknown>;

const { signal } = new AbortController();

function breakerWith(options: CallOptions | undefined, policy = {}): Way {
  const breaker = createBreaker("users", policy);
  return (operation) => breaker.do(operation, options);
}

const again = { maxRetries: 2, backoff: 0.01 };
const pool = createWorkerPool({ workers: 1 });
const cache = createCacheFallback<string>({ cache: new Map(), ttl: "1m", staleTtl: "1h" });

const provider = await createProvider(getDefaultConfig("shop", "development"), {
  backend: memoryBackend({ default: { timeout: "1m" } }),
});

const WAYS: Record<string, Way> = {
  "a breaker": breakerWith(undefined),
  "a breaker, with the caller's signal": breakerWith({ signal }),
  "a breaker, with a time limit": breakerWith(undefined, { timeout: "1m" }),
  "a breaker, with a time limit of the call": breakerWith({ timeout: "1m" }),
  "a breaker, with predicates": breakerWith({ isFailure: () => false }),
  "a breaker, with a signal and a time limit": breakerWith({ signal, timeout: "1m" }),
  "a breaker's wrap": (operation) => createBreaker("users").wrap(operation)(),
  "a breaker's wrap, with a signal": (operation) =>
    createBreaker("users").wrap(operation, { signal })(),
  "a timeout": (operation) => createTimeout("1m").do(operation),
  "a timeout, with a signal": (operation) => createTimeout("1m").do(operation, { signal }),
  "withTimeout": (operation) => withTimeout(operation, "1m"),
  "a retry": (operation) => createRetry(again).do(operation),
  "a retry, with a signal": (operation) => createRetry(again).do(operation, { signal }),
  "retry()": (operation) => retry(operation, again),
  "a bulkhead": (operation) => createBulkhead({ maxConcurrent: 1 }).do(operation),
  "a bulkhead, with a signal": (operation) =>
    createBulkhead({ maxConcurrent: 1 }).do(operation, { signal }),
  "a bulkhead, after a wait": (operation) => {
    const bulkhead = createBulkhead({ maxConcurrent: 1, maxQueued: 1 });
    bulkhead.do(nextTurn);
    return bulkhead.do(operation, { signal });
  },
  "a rate limit": (operation) => createTokenBucket({ rate: 1 }).do(operation),
  "a rate limit, after a wait": (operation) => {
    const bucket = createTokenBucket({ rate: 1_000, burst: 1, maxWait: "1m" });
    bucket.allow();
    return bucket.do(operation, { signal });
  },
  "a hedge": (operation) => createHedge({ delay: "1m" }).do(operation),
  "a hedge's second attempt": (operation) =>
    createHedge({ delay: "1m", hedgeOnFailure: () => true }).do(operation, { signal }),
  "a fallback that does not answer": (operation) =>
    createFallback(() => 7, { handles: () => false }).do(operation),
  "a fallback that does not answer, with a signal": (operation) =>
    createFallback(() => 7, { handles: () => false }).do(operation, { signal }),
  "a worker pool": (operation) => pool.submit(operation),
  "a cache": (operation) => cache.get("7", operation),
  "a cache, with a signal": (operation) => cache.get("7", operation, { signal }),
  "a guarded client": (find) => guard({ find }, provider, { name: "db" }).find(),
  "a guarded fetch": (find) =>
    protectFetch(provider, { fetch: find })("http://shop.test", { signal }),
  "a pipeline": (operation) =>
    pipeline(createTimeout("1m"), createBreaker("users"), createRetry(again)).do(operation),
  "a pipeline of limits, with a signal": (operation) =>
    pipeline(createTokenBucket({ rate: 1 })).do(operation, { signal }),
  "resilient()": (operation) =>
    resilient().bulkhead({ maxConcurrent: 1 }).timeout("1m").breaker("users").retry(again)
      .attemptTimeout("1m").build().do(operation, { signal }),
};

const hang = (): Promise<never> => new Promise(() => {});
const TIMED: Record<string, (clock: ManualClock) => Promise<unknown>> = {
  "a breaker": (clock) => createBreaker("users", { timeout: "1s" }, { clock }).do(hang),
  "a breaker, with the caller's signal": (clock) =>
    createBreaker("users", {}, { clock }).do(hang, { signal, timeout: "1s" }),
  "a timeout": (clock) => createTimeout("1s", { clock }).do(hang),
  "a pipeline": (clock) =>
    pipeline(createTimeout("1s", { clock }), createBreaker("users"), createRetry()).do(hang),
};

for (const [name, call] of Object.entries(TIMED)) {
  Deno.test(`the stack of a time limit's error names the caller: ${name}`, async () => {
    const clock = new ManualClock();
    async function whoCalled(): Promise<unknown> {
      return await call(clock);
    }
    const rejected = assert.rejects(whoCalled(), (error) => {
      assert(error instanceof BreakerTimeoutError);
      assert.match(error.stack ?? "", /^BreakerTimeoutError: .* 1000 ms\n(.*\n)*.*whoCalled/);
      return true;
    });
    await clock.tick("1s");
    await rejected;
  });
}

async function failLater(): Promise<never> {
  await nextTurn();
  throw new Error("not found");
}

for (const [name, way] of Object.entries(WAYS)) {
  Deno.test(`the stack of an error that comes later names the caller: ${name}`, async () => {
    async function whoCalled(): Promise<unknown> {
      return await way(failLater);
    }
    await assert.rejects(whoCalled(), (error) => {
      assert(error instanceof Error);
      assert.match(error.stack ?? "", /not found\n.*failLater.*(\n.*)*whoCalled/);
      return true;
    });
  });
}
