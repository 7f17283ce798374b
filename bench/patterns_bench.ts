/**
 * The patterns beside the npm packages that people use for each, in one
 * process and around the same work. Where a peer would rather keep its
 * operation, it is given one per call, as ours are.
 *
 * Every group has the bare call as baseline; what a pattern costs is the
 * difference. No limit is ever reached, unless the group's name says so: it is
 * the price of being guarded that is measured, not of waiting.
 *
 * Later benches run on a heap that earlier ones have filled; so that no
 * contender always comes last, `BENCH_ROUND` turns the order.
 */
import {
  bulkhead as alfredBulkhead,
  rateLimit as alfredRateLimit,
  retry as alfredRetry,
} from "npm:@git-stunts/alfred@0.10.3";
import Bottleneck from "npm:bottleneck@2.19.5";
import {
  bulkhead,
  ConstantBackoff,
  ExponentialBackoff,
  fallback,
  handleAll,
  retry,
  timeout,
  TimeoutStrategy,
} from "npm:cockatiel@4.0.0";
import { RateLimiter } from "npm:limiter@4.1.0";
import { LRUCache } from "npm:lru-cache@11.5.3";
import pLimit from "npm:p-limit@7.3.3";
import PQueue from "npm:p-queue@10.0.0";
import pRetry from "npm:p-retry@9.0.0";
import pTimeout from "npm:p-timeout@8.0.0";
import { RateLimiterMemory } from "npm:rate-limiter-flexible@11.4.0";
import {
  createBulkhead,
  createCacheFallback,
  createFallback,
  createHedge,
  createKeyedLimiter,
  createMemoryCache,
  createRetry,
  createRetryBudget,
  createSlidingWindow,
  createSlidingWindowCounter,
  createTimeout,
  createTokenBucket,
  createWorkerPool,
} from "../mod.ts";
import { flightGroup } from "./flight.ts";
import { type AsyncWork, FAILURE, type Guard, keep, nextSyncWork, nextWork } from "./work.ts";

const ROUND = Number(Deno.env.get("BENCH_ROUND") ?? 0);
const DAY_MS = 86_400_000;
/** More than any bench uses up in its second. */
const PLENTY = 1_000_000_000;
const CROWD = 100;
const AT_A_TIME = 10;
const KEYS = Array.from({ length: 1_000 }, (_, i) => `user:${i}`);

/** Asks a limit synchronously. */
type Asks = () => boolean;

function turned<T>(contenders: Record<string, T>): [string, T][] {
  const entries = Object.entries(contenders);
  const from = ROUND % entries.length;
  return [...entries.slice(from), ...entries.slice(0, from)];
}

function asyncGroup(
  group: string,
  contenders: Record<string, Guard>,
  next: () => AsyncWork = nextWork,
): void {
  const bare: Guard = (operation) => operation();
  for (const [name, guard] of [["bare call", bare] as const, ...turned(contenders)]) {
    Deno.bench(name, { group, baseline: guard === bare }, async () => {
      try {
        keep(await guard(next()));
      } catch {
        keep(1);
      }
    });
  }
}

/** Many calls made together, of which most have to wait for their turn. */
function crowdGroup(group: string, contenders: Record<string, Guard>): void {
  const bare: Guard = (operation) => operation();
  for (const [name, guard] of [["bare call", bare] as const, ...turned(contenders)]) {
    Deno.bench(name, { group: flightGroup(group, CROWD), baseline: guard === bare }, async () => {
      const calls: Promise<number>[] = [];
      for (let i = 0; i < CROWD; i++) calls.push(guard(nextWork()));
      for (const call of calls) keep(await call);
    });
  }
}

function syncGroup(group: string, contenders: Record<string, Asks>): void {
  Deno.bench("bare call", { group, baseline: true }, () => keep(nextSyncWork()()));
  for (const [name, asks] of turned(contenders)) {
    Deno.bench(name, { group }, () => {
      keep(asks() ? nextSyncWork()() : 1);
    });
  }
}

const retries = createRetry({ maxRetries: 3, backoff: "10ms" });
const budgeted = createRetry({ maxRetries: 3, backoff: "10ms" }, { budget: createRetryBudget() });
const cockatielRetry = retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() });
asyncGroup("retry, the first attempt succeeds", {
  "switchgear": (operation) => retries.do(operation),
  "switchgear, with a budget": (operation) => budgeted.do(operation),
  "cockatiel": (operation) => cockatielRetry.execute(operation),
  "alfred": (operation) => alfredRetry(operation, { retries: 3 }),
  "p-retry": (operation) => pRetry(operation, { retries: 3 }),
});

/** Fails at its first attempt. */
function nextFlakyWork(): AsyncWork {
  const operation = nextWork();
  let attempts = 0;
  return () => attempts++ === 0 ? Promise.reject(FAILURE) : operation();
}
const atOnce = createRetry({ maxRetries: 3, backoff: 0 });
const cockatielAtOnce = retry(handleAll, { maxAttempts: 3, backoff: new ConstantBackoff(0) });
asyncGroup("retry, the second attempt succeeds, no delay", {
  "switchgear": (operation) => atOnce.do(operation),
  "cockatiel (waits for a timer)": (operation) => cockatielAtOnce.execute(operation),
  "alfred (waits for a timer)": (operation) => alfredRetry(operation, { retries: 3, delay: 0 }),
  "p-retry": (operation) => pRetry(operation, { retries: 3, minTimeout: 0 }),
}, nextFlakyWork);

const hard = createTimeout("10s");
const cooperative = createTimeout("10s", { mode: "cooperative" });
const aggressive = timeout(10_000, TimeoutStrategy.Aggressive);
const polite = timeout(10_000, TimeoutStrategy.Cooperative);
// alfred's limit is not here: it keeps its timer after the call, which would burden all that follows.
asyncGroup("timeout, in time", {
  "switchgear, hard": (operation) => hard.do(operation),
  "switchgear, cooperative": (operation) => cooperative.do(operation),
  "cockatiel, aggressive": (operation) => aggressive.execute(operation),
  "cockatiel, cooperative": (operation) => polite.execute(operation),
  // It has no signal for the operation to obey.
  "p-timeout (no signal)": (operation) => pTimeout(operation(), { milliseconds: 10_000 }),
});

/** Each lets ten calls run at a time and queues the others. */
const bulkheads: Record<string, Guard> = {
  "switchgear": bulkheadGuard(),
  "switchgear, worker pool": workerPoolGuard(),
  "alfred": alfredBulkheadGuard(),
  "cockatiel": cockatielBulkheadGuard(),
  "p-limit": pLimitGuard(),
  "p-queue": pQueueGuard(),
  "bottleneck": bottleneckGuard(),
};
asyncGroup("bulkhead, a slot is free", bulkheads);
crowdGroup("bulkhead, ten at a time", bulkheads);

/** One slot, taken for good, and no queue. */
const hang = (): Promise<number> => new Promise(() => {});
const full = createBulkhead({ maxConcurrent: 1 });
const cockatielFull = bulkhead(1);
const alfredFull = alfredBulkhead({ limit: 1 });
const fullPool = createWorkerPool({ workers: 1 });
void full.do(hang);
void cockatielFull.execute(hang);
void alfredFull.execute(hang);
void fullPool.submit(hang);
asyncGroup("bulkhead, full, refused", {
  "switchgear": (operation) => full.do(operation),
  "switchgear, worker pool": (operation) => fullPool.submit(operation),
  "alfred": (operation) => alfredFull.execute(operation),
  "cockatiel": (operation) => cockatielFull.execute(operation),
});

function bulkheadGuard(): Guard {
  const own = createBulkhead({ maxConcurrent: AT_A_TIME, maxQueued: CROWD });
  return (operation) => own.do(operation);
}

function workerPoolGuard(): Guard {
  const pool = createWorkerPool({ workers: AT_A_TIME, maxQueued: CROWD });
  return (operation) => pool.submit(operation);
}

function alfredBulkheadGuard(): Guard {
  const policy = alfredBulkhead({ limit: AT_A_TIME, queueLimit: CROWD });
  return (operation) => policy.execute(operation);
}

function cockatielBulkheadGuard(): Guard {
  const policy = bulkhead(AT_A_TIME, CROWD);
  return (operation) => policy.execute(operation);
}

function pLimitGuard(): Guard {
  const limit = pLimit(AT_A_TIME);
  return (operation) => limit(operation);
}

function pQueueGuard(): Guard {
  const queue = new PQueue({ concurrency: AT_A_TIME });
  return (operation) => queue.add(operation);
}

function bottleneckGuard(): Guard {
  const limiter = new Bottleneck({ maxConcurrent: AT_A_TIME });
  return (operation) => limiter.schedule(operation);
}

const bucket = createTokenBucket({ rate: PLENTY, burst: PLENTY });
const sliding = createSlidingWindow({ limit: 1_000_000, window: "1ms" });
const counter = createSlidingWindowCounter({ limit: PLENTY, window: "1s" });
const limiter = new RateLimiter({ tokensPerInterval: PLENTY, interval: "second" });
const flexible = new RateLimiterMemory({ points: PLENTY, duration: 1 });
const alfredLimit = alfredRateLimit({ rate: PLENTY });
const reservoir = new Bottleneck({ reservoir: PLENTY });
syncGroup("rate limit, allowed, sync", {
  "switchgear, token bucket": () => bucket.allow(),
  "switchgear, sliding window, exact": () => sliding.allow(),
  "switchgear, sliding window, approximate": () => counter.allow(),
  "limiter, token bucket": () => limiter.tryRemoveTokens(1),
});
asyncGroup("rate limit, allowed", {
  "switchgear, token bucket": (operation) => bucket.do(operation),
  "switchgear, sliding window, exact": (operation) => sliding.do(operation),
  "switchgear, sliding window, approximate": (operation) => counter.do(operation),
  "limiter, token bucket": (operation) => limiter.removeTokens(1).then(operation),
  "rate-limiter-flexible, fixed window": (operation) => flexible.consume("one").then(operation),
  "alfred, token bucket": (operation) => alfredLimit.execute(operation),
  "bottleneck, reservoir": (operation) => reservoir.schedule(operation),
});

/** One event a day, and it has happened. */
const usedUp = createTokenBucket({ rate: 1_000 / DAY_MS, burst: 1 });
const limiterUsedUp = new RateLimiter({ tokensPerInterval: 1, interval: "day" });
const flexibleUsedUp = new RateLimiterMemory({ points: 1, duration: DAY_MS / 1_000 });
if (!usedUp.allow() || !limiterUsedUp.tryRemoveTokens(1)) throw new Error("Nothing was used up");
await flexibleUsedUp.consume("one");
syncGroup("rate limit, refused, sync", {
  "switchgear, token bucket": () => usedUp.allow(),
  "limiter, token bucket": () => limiterUsedUp.tryRemoveTokens(1),
});
asyncGroup("rate limit, refused", {
  "switchgear, token bucket": (operation) => usedUp.do(operation),
  // What it rejects with is no error, and has no stack.
  "rate-limiter-flexible": (operation) => flexibleUsedUp.consume("one").then(operation),
});

let key = 0;
const nextKey = (): string => KEYS[key++ % KEYS.length] ?? "";
const keyed = createKeyedLimiter({
  maxKeys: 10 * KEYS.length,
  create: { rate: PLENTY, burst: PLENTY },
});
const flexibleKeyed = new RateLimiterMemory({ points: PLENTY, duration: 1 });
asyncGroup("rate limit per key, 1,000 keys", {
  "switchgear, token bucket": (operation) => keyed.do(nextKey(), operation),
  "rate-limiter-flexible, fixed window": (operation) =>
    flexibleKeyed.consume(nextKey()).then(operation),
});

const zero = createFallback(() => 0);
const cockatielZero = fallback(handleAll, () => 0);
const fallbacks: Record<string, Guard> = {
  "switchgear": (operation) => zero.do(operation),
  "cockatiel": (operation) => cockatielZero.execute(operation),
};
asyncGroup("fallback, not needed", fallbacks);
asyncGroup("fallback, needed", fallbacks, () => () => Promise.reject(FAILURE));

const cached = createCacheFallback<number>({
  cache: createMemoryCache({ maxEntries: 10 * KEYS.length }),
  ttl: "24h",
  staleTtl: "24h",
});
const lru = new LRUCache<string, number, AsyncWork>({
  max: 10 * KEYS.length,
  ttl: DAY_MS,
  fetchMethod: (_key, _stale, { context }) => context(),
});
asyncGroup("cache, hit", {
  "switchgear": (operation) => cached.get(nextKey(), operation),
  "lru-cache, fetch": (context) => lru.forceFetch(nextKey(), { context }),
});

// The one peer that was found, alfred, keeps its timer after the call, as with its time limit.
const hedge = createHedge({ delay: "10s" });
const unbudgeted = createHedge({ delay: "10s", budget: null });
const observed = createHedge({ delay: { percentile: 0.95, initial: "10s", minimum: "10s" } });
asyncGroup("hedge, none sent", {
  "switchgear": (operation) => hedge.do(operation),
  "switchgear, without a budget": (operation) => unbudgeted.do(operation),
  "switchgear, at a percentile": (operation) => observed.do(operation),
});
