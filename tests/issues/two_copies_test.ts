/**
 * A program can hold two copies of the package: two versions in one node_modules, or the CommonJS
 * form beside the ES modules. Each is handed what the other makes. A copy without marks stands for
 * version 0.1, which has none: what it makes is taken by its public face.
 */
import assert from "node:assert/strict";
import type { SwitchgearError } from "../../mod.ts";
import { loadCopy, type PackageCopy, THIS_COPY } from "../support/package_copy.ts";
import { SILENT } from "../support/silent_logger.ts";
import { grpcCall } from "../support/refused_grpc_call.ts";

const another = await loadCopy(true);
const unmarked = await loadCopy(false);

interface Pair {
  readonly title: string;
  /** Takes what the other one makes. */
  readonly taker: PackageCopy;
  readonly maker: PackageCopy;
}

const ALIKE: readonly Pair[] = [
  { title: "this copy takes what another makes", taker: THIS_COPY, maker: another },
  { title: "another copy takes what this one makes", taker: another, maker: THIS_COPY },
];
const PAIRS: readonly Pair[] = [
  ...ALIKE,
  { title: "this copy takes what one without marks makes", taker: THIS_COPY, maker: unmarked },
];

function errorsOf({ core }: PackageCopy): SwitchgearError[] {
  return [
    new core.BackendError("memory()", "gone"),
    new core.BreakerOpenError({ breaker: "b", state: "open", reason: "open", retryAfterMs: 1 }),
    new core.BreakerTimeoutError("b", 5),
    new core.BulkheadFullError({ bulkhead: "b", reason: "full", active: 1, queued: 0 }),
    new core.HedgeLostError("h"),
    new core.InvalidPolicyError("p", []),
    new core.PermanentError("no"),
    new core.PoolClosedError("p", "closed"),
    new core.PoolFullError({ pool: "p", running: 1, queued: 0 }),
    new core.RateLimitedError("l", 1),
    new core.TooManyBreakersError("b", 1, 2),
  ];
}

function forcedOpen({ core }: PackageCopy): PackageCopy["core"]["Breaker"]["prototype"] {
  return core.createBreaker("users", { mode: "forced-open" });
}

async function attemptsOf({ core }: PackageCopy, error: unknown): Promise<number> {
  let attempts = 0;
  const failing = (): Promise<never> => {
    attempts++;
    return Promise.reject(error);
  };
  await assert.rejects(
    core.retry(failing, { maxRetries: 3, backoff: 0 }),
    (each) => each === error,
  );
  return attempts;
}

/** By `instanceof`, as callers ask: Deno's `assert.rejects` compares prototypes. */
function isOf(
  kind: { [Symbol.hasInstance](error: unknown): boolean },
): (error: unknown) => boolean {
  return (error) => error instanceof kind;
}

type Case = (pair: Pair) => Promise<void> | void;

const CASES: Record<string, Case> = {
  "instanceof tells each error's class and no other": ({ taker, maker }) => {
    const [mine, theirs] = [errorsOf(taker), errorsOf(maker)];
    for (const [i, error] of theirs.entries()) {
      assert(error instanceof taker.core.SwitchgearError);
      const known = mine.map((each) => error instanceof each.constructor);
      assert.deepEqual(known, mine.map((_, j) => i === j), error.name);
    }
  },

  "a class that extends an error is known as that error": ({ taker, maker }) => {
    class NoSuchUser extends maker.core.PermanentError {
      override name = "NoSuchUser";
    }
    class Mine extends taker.core.PermanentError {}
    assert(new NoSuchUser("7") instanceof taker.core.PermanentError);
    assert(!(new NoSuchUser("7") instanceof Mine));
    assert(!(new taker.core.PermanentError("7") instanceof Mine));
    assert(new Mine("7") instanceof Mine);
  },

  "a retry gives up on a PermanentError, also as a cause": async ({ taker, maker }) => {
    const error = new maker.core.PermanentError("no such user");
    assert.equal(await attemptsOf(taker, error), 1);
    assert.equal(await attemptsOf(taker, new Error("no page", { cause: error })), 1);
    assert.equal(taker.core.isPermanent(new AggregateError([error])), true);
  },

  "a retry gives up on what a breaker or a closed pool refuses": async ({ taker, maker }) => {
    const refusal = await forcedOpen(maker).do(() => "not run").catch((error: unknown) => error);
    assert.equal(await attemptsOf(taker, refusal), 1);
    assert.equal(await attemptsOf(taker, new maker.core.PoolClosedError("p", "closed")), 1);
  },

  "a time limit inside of a breaker is a timeout": async ({ taker, maker }) => {
    const breaker = taker.core.createBreaker("users", { failureThreshold: 0 });
    const limit = maker.core.createTimeout("1ms");
    await assert.rejects(breaker.do(() => limit.do(() => new Promise(() => {}))));
    assert.equal(breaker.counts.lifetime.timeouts, 1);
  },

  "a time limit around a breaker is a timeout": async ({ taker, maker }) => {
    const breaker = taker.core.createBreaker("users", { failureThreshold: 0 });
    const limit = maker.core.createTimeout("1ms");
    const hung = (signal: AbortSignal | undefined): Promise<never> =>
      breaker.do(() => new Promise(() => {}), signal && { signal });
    await assert.rejects(limit.do(hung), isOf(taker.core.BreakerTimeoutError));
    assert.equal(breaker.counts.lifetime.timeouts, 1);
  },

  "a guard puts a breaker around a client": async ({ taker, maker }) => {
    const breaker = maker.core.createBreaker("cache", { failureThreshold: 2 });
    const client = { get: (key: string) => key === "" ? Promise.reject(new Error("down")) : key };
    const cache = taker.guarding.guard(
      { get: async (key: string) => await client.get(key) },
      { getBreaker: () => breaker },
      { name: "cache" },
    );
    assert.equal(await cache.get("a"), "a");
    await assert.rejects(cache.get(""), /down/);
    await assert.rejects(cache.get(""), /down/);
    await assert.rejects(cache.get("a"), isOf(taker.core.BreakerOpenError));
    assert.deepEqual([breaker.counts.lifetime.successes, breaker.state], [1, "open"]);
  },

  "the gRPC interceptor says why a call is refused": async ({ taker, maker }) => {
    const breaker = maker.core.createBreaker("/im.Users/Get", {
      failureThreshold: 1,
      openStateTimeout: "1m",
    });
    const forced = await grpcCall(taker.grpc, forcedOpen(maker));
    assert.deepEqual([forced.code, forced.metadata], [14, { "grpc-retry-pushback-ms": "-1" }]);
    breaker.tryAcquire()?.failure();
    const open = await grpcCall(taker.grpc, breaker);
    assert.match(open.details, /Breaker "\/im.Users\/Get" refused the call: it is open/);
    assert(Number(open.metadata["grpc-retry-pushback-ms"]) > 50_000);
  },

  "the Connect interceptor calls and refuses": async ({ taker, maker }) => {
    const request = {
      signal: new AbortController().signal,
      service: { typeName: "im.Users" },
      method: { name: "Get", methodKind: "unary" },
    };
    const call = (breaker: ReturnType<typeof forcedOpen>): Promise<unknown> =>
      taker.connect.breakerInterceptor({ getBreaker: () => breaker })(() =>
        Promise.resolve({ stream: false })
      )(request);
    assert.deepEqual(await call(maker.core.createBreaker("users")), { stream: false });
    await assert.rejects(call(forcedOpen(maker)), {
      code: 14,
      rawMessage: /its mode is "forced-open"/,
    });
  },

  "a composition runs through the layers": async ({ taker, maker }) => {
    const breaker = maker.core.createBreaker("users", { failureThreshold: 1 });
    const call = taker.core.pipeline(
      [
        maker.core.createTimeout("2s"),
        breaker,
        maker.core.createRetry({ maxRetries: 1, backoff: 0 }),
      ],
      { silence: "all" },
    );
    let attempts = 0;
    const failing = (): Promise<never> => Promise.reject(new Error(`${++attempts}`));
    await assert.rejects(call.do(failing), /2/);
    await assert.rejects(call.do(failing), isOf(taker.core.BreakerOpenError));
    const aborted = AbortSignal.abort(new Error("gone"));
    await assert.rejects(call.do(failing, { signal: aborted }), /gone/);
  },

  "a protected fetch has the breakers and the retry": async ({ taker, maker }) => {
    const breaker = maker.core.createBreaker("shop", { failureThreshold: 1 });
    const responses = [503, 200, 503, 503];
    const fetch = taker.fetching.protectFetch({ getBreaker: () => breaker }, {
      fetch: () => Promise.resolve(new Response(null, { status: responses.shift() ?? 200 })),
      retry: maker.core.createRetry({ maxRetries: 1, backoff: 0 }),
      logger: SILENT,
    });
    assert.equal((await fetch("http://shop.example/")).status, 200);
    assert.equal((await fetch("http://shop.example/")).status, 503);
    await assert.rejects(fetch("http://shop.example/"), isOf(taker.core.BreakerOpenError));
  },

  "the middlewares limit and report": async ({ taker, maker }) => {
    const request = new Request("http://localhost/health");
    const slots = maker.core.createBulkhead({ maxConcurrent: 1 });
    using _slot = slots.tryAcquire();
    const bulkhead = taker.httpServer.bulkhead({ bulkhead: slots });
    assert.equal((await bulkhead(request, () => new Response("served"))).status, 503);
    const limiter = maker.core.createKeyedLimiter({ create: { rate: 0.1, burst: 1 } });
    const rate = taker.httpServer.rateLimit({ limiter });
    const served = (): Response => new Response("served");
    assert.deepEqual(
      [(await rate(request, served)).status, (await rate(request, served)).status],
      [200, 429],
    );
    const health = taker.httpServer.health({ breakers: () => [forcedOpen(maker)] });
    assert.equal((await (await health(request, served)).json()).open, 1);
  },

  "telemetry reads the breakers of a provider": async ({ taker, maker }) => {
    await using provider = await maker.core.createProvider(
      maker.core.getDefaultConfig("im-gateway", "production"),
      { backend: taker.memory.memoryBackend({ users: { mode: "forced-open" } }), logger: SILENT },
    );
    using prometheus = taker.prometheus.createPrometheus(provider);
    using telemetry = taker.otel.createTelemetry(provider);
    const users = provider.getBreaker("users");
    await assert.rejects(users.do(telemetry.timed(users, () => "not run")));
    const text = prometheus.text();
    assert.match(text, /rejections_total\{breaker="users",reason="forced"\} 1\n/);
    assert.doesNotMatch(text, /NaN/);
  },

  "layered backends are joined, and their errors told": async ({ taker, maker }) => {
    const backend = maker.memory.memoryBackend({ users: { failureThreshold: 7 } });
    const below = maker.memory.memoryBackend({ users: { failureThreshold: 3 } });
    const joined = taker.core.layered(maker.core.layered(backend, below));
    const { entries } = await joined.read("/breakers/");
    assert.deepEqual(entries.map(({ layer }) => layer), [0, 1]);
    await using provider = await taker.core.createProvider(
      taker.core.getDefaultConfig("im-gateway", "production"),
      { backend: joined, logger: SILENT },
    );
    assert.equal(provider.getBreaker("users").policy.failureThreshold, 7);
    backend.fail();
    await assert.rejects(
      taker.core.configCentre(backend, "/breakers/").list(),
      isOf(taker.core.BackendError),
    );
  },

  "a breaker goes by the clock, and on where the snapshot was taken": ({ taker, maker }) => {
    const clock = new maker.testing.ManualClock();
    const policy = { failureThreshold: 1, openStateTimeout: "1m" };
    const before = maker.core.createBreaker("users", policy, { clock });
    before.tryAcquire()?.failure();
    const breaker = taker.core.restoreBreaker(before.snapshot(), policy, { clock });
    clock.advance(59_000);
    assert.equal(breaker.state, "open");
    clock.advance(1_000);
    assert.equal(breaker.state, "half-open");
  },
};

/** What needs the marks: one cannot tell from outside. */
const MARKED_CASES: Record<string, Case> = {
  "a guard asks the predicates that the breaker was given": async ({ taker, maker }) => {
    const breaker = maker.core.createBreaker("cache", { failureThreshold: 1 }, {
      isFailure: (error) => !String(error).includes("no such key"),
      isIgnored: (error) => String(error).includes("bad key"),
    });
    const get = (error: string): Promise<never> => Promise.reject(new Error(error));
    const cache = taker.guarding.guard({ get }, { getBreaker: () => breaker }, {
      name: "cache",
      methods: ["get"],
    });
    await assert.rejects(cache.get("no such key"));
    await assert.rejects(cache.get("bad key"));
    const { successes, ignored } = breaker.counts.lifetime;
    assert.deepEqual([breaker.state, successes, ignored], ["closed", 1, 1]);
  },

  "a composition describes the layers, and warns of their order": ({ taker, maker }) => {
    const { core } = maker;
    const breaker = core.createBreaker("users", { timeout: "1s" });
    const inner = core.pipeline(breaker, core.createRetry({ maxRetries: 1, backoff: 0 }));
    const call = taker.core.pipeline(core.createTimeout("2s"), inner);
    assert.deepEqual(call.bounds, { longestMs: 1_000, attempts: 2 });
    assert.equal(call.layers.length, 3);
    const lenient = core.createBreaker("lenient", {}, { isIgnored: () => true });
    const bulkhead = core.createBulkhead({ maxConcurrent: 1 });
    const codes = (...layers: Parameters<typeof core.pipeline>[0]): string[] =>
      taker.core.pipeline(layers, { logger: SILENT }).warnings().map(({ code }) => code);
    assert.deepEqual(codes(breaker, core.createFallback(() => "x")), ["fallback-inside-breaker"]);
    assert.deepEqual(codes(breaker, bulkhead), ["limit-inside-breaker"]);
    assert.deepEqual(codes(lenient, bulkhead), []);
    assert.deepEqual(codes(breaker, breaker), ["layer-twice"]);
    assert.deepEqual(codes(breaker, core.createTimeout("5s")), ["timeout-longer-inside"]);
    const eager = core.createRetry({ shouldRetry: (_, attempt) => attempt < 2, delay: () => 0 });
    assert.deepEqual(codes(eager, breaker), ["retry-outside-breaker"]);
  },

  "a trace id is one for both": ({ taker, maker }) => {
    const fields = maker.logs.withTraceId("4bf92f35", () => taker.logs.traceFields());
    assert.deepEqual(fields, { trace_id: "4bf92f35" });
  },
};

for (const [cases, pairs] of [[CASES, PAIRS], [MARKED_CASES, ALIKE]] as const) {
  for (const [name, body] of Object.entries(cases)) {
    for (const pair of pairs) Deno.test(`${pair.title}: ${name}`, () => body(pair));
  }
}

Deno.test("an error of somebody else's with one of our codes, or names, is none of ours", async () => {
  const { core } = THIS_COPY;
  const ofMysql = Object.assign(new Error("Pool is closed."), { code: "POOL_CLOSED" });
  const ofOthers = Object.assign(new Error("no"), { name: "PermanentError" });
  for (const error of [ofMysql, ofOthers]) {
    assert(!(error instanceof core.SwitchgearError));
    assert.equal(await attemptsOf(THIS_COPY, error), 4);
  }
});

Deno.test("instanceof survives what cannot be looked at", () => {
  const { core } = THIS_COPY;
  const hostile = {
    get code(): string {
      throw new Error("not for you");
    },
  };
  for (const value of [hostile, null, undefined, "PERMANENT", 7]) {
    const unknown: unknown = value;
    assert.equal(unknown instanceof core.PermanentError, false);
  }
});

Deno.test("every class of errors that the core exports is among those that copies know of each other", () => {
  const { core } = THIS_COPY;
  const exported = Object.values<unknown>({ ...core }).filter((each) =>
    typeof each === "function" && Reflect.get(each, "prototype") instanceof Error
  );
  const known = new Set<unknown>(errorsOf(THIS_COPY).map((error) => error.constructor));
  assert.deepEqual(exported.filter((each) => !known.has(each)), [core.SwitchgearError]);
});
