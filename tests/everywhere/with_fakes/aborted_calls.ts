import {
  createBreaker,
  createBulkhead,
  createCacheFallback,
  createFallback,
  createHedge,
  createMemoryCache,
  createProvider,
  createRetry,
  createTimeout,
  createTokenBucket,
  createWorkerPool,
  getDefaultConfig,
  resilient,
} from "@switchgear/breaker";
import { breakerInterceptor } from "@switchgear/breaker/connect";
import { createHttpClient } from "@switchgear/breaker/fetch";
import { memoryBackend } from "@switchgear/breaker/memory";

const hang = (): Promise<never> => new Promise(() => {});
const fail = (): Promise<never> => Promise.reject(new Error("down"));

/** A request as Connect hands it to an interceptor. */
const CONNECT_REQUEST = {
  stream: false,
  service: { typeName: "user.UserService" },
  method: { name: "GetUser", methodKind: "unary" },
  header: new Headers(),
  message: {},
} as const;

/** A response whose body never ends. */
const endless = (): Promise<Response> => Promise.resolve(new Response(new ReadableStream()));

/** Calls that hang until their signal is aborted, by name: each operation ignores its signal. */
export const ABORTED_CALLS: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
  "breaker": (signal) => createBreaker("b").do(hang, { signal }),
  "breaker with a time limit": (signal) => createBreaker("b").do(hang, { signal, timeout: "1h" }),
  "retry, in an attempt": (signal) => createRetry({ maxRetries: 1 }).do(hang, { signal }),
  "retry, between attempts": (signal) =>
    createRetry({ maxRetries: 1, backoff: "1h" }).do(fail, { signal }),
  "timeout": (signal) => createTimeout("1h").do(hang, { signal }),
  "bulkhead, in its slot": (signal) =>
    createBulkhead({ name: "b", maxConcurrent: 1 }).do(hang, { signal }),
  "bulkhead, in the queue": (signal) => {
    const bulkhead = createBulkhead({ name: "b", maxConcurrent: 1, maxQueued: 1, maxWait: "1h" });
    bulkhead.do(hang);
    return bulkhead.do(hang, { signal });
  },
  "hedge": (signal) => createHedge({ delay: "1h" }).do(hang, { signal }),
  "rate limit": async (signal) => {
    const bucket = createTokenBucket({ name: "r", rate: 0.001, burst: 1 });
    bucket.allow();
    await bucket.wait(1, { signal });
  },
  "worker pool, in a job": (signal) =>
    createWorkerPool({ name: "w", workers: 1 }).submit(hang, { signal }),
  "worker pool, in the queue": (signal) => {
    const pool = createWorkerPool({ name: "w", workers: 1, maxQueued: 1 });
    pool.submit(hang);
    return pool.submit(hang, { signal });
  },
  "worker pool, before the queue": (signal) => {
    const pool = createWorkerPool({ name: "w", workers: 1 });
    pool.submit(hang);
    return pool.submitWait(hang, { signal });
  },
  "cache": (signal) => {
    const cache = createMemoryCache<never>({ maxEntries: 1 });
    return createCacheFallback({ cache, ttl: "1m", staleTtl: "1h" }).get("k", hang, { signal });
  },
  "cache that hangs": (signal) => {
    const cache = { get: hang, set: hang, delete: hang };
    const options = { cache, ttl: "1m", staleTtl: "1h", cacheTimeout: "1h" } as const;
    return createCacheFallback(options).get("k", hang, { signal });
  },
  "fallback": (signal) => createFallback(() => "instead").do(hang, { signal }),
  "composed call": (signal) =>
    resilient({ name: "c" }).rateLimit({ rate: 1, maxWait: "1h" }).bulkhead({ maxConcurrent: 1 })
      .timeout("1h").breaker("c").retry({ maxRetries: 2, backoff: "1h" }).attemptTimeout("1h")
      .build().do(hang, { signal }),
  "provider that starts": (signal) => {
    const backend = memoryBackend();
    backend.hang();
    return createProvider(getDefaultConfig("s", "development"), { backend, signal });
  },
  "fetch, before the headers": (signal) =>
    createHttpClient({ fetch: hang })("http://shop.example/", { signal }),
  "fetch, in the body": async (signal) => {
    const http = createHttpClient({ fetch: endless, until: "body" });
    await (await http("http://shop.example/", { signal })).text();
  },
  "Connect": (signal) =>
    breakerInterceptor({ getBreaker: () => createBreaker("users") })(hang)({
      ...CONNECT_REQUEST,
      signal,
    }),
};
