/**
 * Options that were wrong were taken as they came, and betrayed their user later: a fallback that cannot be called when the
 * dependency fails, a logger without `warn` when there is something to warn of, a misspelt time limit never.
 */
import assert from "node:assert/strict";
import { envBackend } from "../../backends/env.ts";
import { etcdBackend } from "../../backends/etcd/mod.ts";
import { layered } from "../../backends/layered.ts";
import { memoryBackend } from "../../backends/memory.ts";
import { createBreaker } from "../../mod.ts";
import {
  type CallOptions,
  configCentre,
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
  type LayerOptions,
  pipeline,
  resilient,
} from "../../mod.ts";

/** What is handed in by JavaScript, or past the compiler. */
function loose<T>(value: unknown): T {
  return value as T;
}

const CALLS: readonly (readonly [title: string, options: unknown, message: string])[] = [
  [
    "a misspelt time limit",
    { tiemout: 1 },
    'Cannot call through breaker "b": unknown option "tiemout"; did you mean "timeout"?',
  ],
  [
    "a name like no other",
    { retries: 3 },
    'Cannot call through breaker "b": unknown option "retries"; known are signal, timeout, ' +
    "fallback, isIgnored, isFailure, isResultFailure, holdAfter",
  ],
  [
    "a time limit in the place of the options",
    "1s",
    'Cannot call through breaker "b": options must be an object, received "1s"; ' +
    'did you mean { timeout: "1s" }?',
  ],
  [
    "a function in the place of the options",
    () => "none",
    'Cannot call through breaker "b": options must be an object, received a function',
  ],
  [
    "a fallback that is a value",
    { fallback: "text" },
    'Cannot call through breaker "b": "fallback" must be a function, received "text"',
  ],
  [
    "a predicate that is a value",
    { isFailure: true },
    'Cannot call through breaker "b": "isFailure" must be a function, received true',
  ],
  [
    "a wait that is a value",
    { holdAfter: "1s" },
    'Cannot call through breaker "b": "holdAfter" must be a function, received "1s"',
  ],
  [
    "a controller in the place of its signal",
    { signal: new AbortController() },
    'Cannot call through breaker "b": "signal" must be an AbortSignal, received an object; ' +
    'did you mean its "signal"?',
  ],
  [
    "a signal that is none",
    { signal: "stop" },
    'Cannot call through breaker "b": "signal" must be an AbortSignal, received "stop"',
  ],
];

for (const [title, options, message] of CALLS) {
  Deno.test(`do rejects ${title}, runs nothing and counts nothing`, async () => {
    const breaker = createBreaker("b");
    let runs = 0;
    const call = breaker.do(() => runs++, loose<CallOptions>(options));
    await assert.rejects(call, { name: "TypeError", message });
    assert.deepEqual([runs, breaker.counts], [0, createBreaker("b").counts]);
  });

  Deno.test(`wrap throws for ${title}, before any call`, () => {
    const breaker = createBreaker("b");
    const wrap = (): unknown => breaker.wrap(() => 1, loose<CallOptions>(options));
    assert.throws(wrap, { name: "TypeError", message });
  });
}

Deno.test("wrap throws for a time limit that is none, before any call", () => {
  assert.throws(() => createBreaker("b").wrap(() => 1, { timeout: 0 }), RangeError);
  assert.throws(() => createBreaker("b").wrap(() => 1, { timeout: "soon" }), RangeError);
});

Deno.test("doSync throws for options that only do can have", () => {
  const breaker = createBreaker("b");
  for (const options of [{ timeout: "1s" }, { signal: new AbortController().signal }]) {
    assert.throws(() => breaker.doSync(() => 1, loose(options)), {
      name: "TypeError",
      message: /^Cannot call through breaker "b": unknown option "(timeout|signal)"; known are fal/,
    });
  }
  assert.throws(() => breaker.doSync(() => 1, loose("1s")), TypeError);
  assert.throws(() => breaker.doSync(() => 1, loose({ fallback: 1 })), TypeError);
  assert.deepEqual(breaker.counts, createBreaker("b").counts);
});

Deno.test("a signal that is null is none, as it is for fetch", async () => {
  const options = { signal: null };
  assert.equal(await createBreaker("b").do((signal) => signal, options), undefined);
  assert.equal(await createBreaker("b", { timeout: "1m" }).do(() => 1, options), 1);
  assert.equal(await createRetry().do((signal) => signal, options), undefined);
  assert.equal(
    await createBulkhead({ maxConcurrent: 1 }).do((signal) => signal, options),
    undefined,
  );
  assert.equal(await createFallback(() => 2).do((signal) => signal, options), undefined);
  assert.equal(await createTimeout("1m").do(() => 1, options), 1);
  assert.equal(await createTokenBucket({ rate: 1 }).do((signal) => signal, options), undefined);
  assert.equal(await pipeline(createBreaker("b")).do((signal) => signal, options), undefined);
  const items = createBreaker("b").stream(() => ReadableStream.from([1, 2]), options);
  assert.deepEqual(await Array.fromAsync(items), [1, 2]);
});

Deno.test("a breaker obeys what an object inherits, and passes over what it does not know", async () => {
  class Ours {
    readonly signal = null;
  }
  Object.defineProperty(Ours.prototype, "requestId", { value: 7, enumerable: true });
  assert.equal(await createBreaker("b").do(() => 1, new Ours()), 1);
  // A controller has a signal, and so it can stand for the options themselves.
  const controller = new AbortController();
  const { signal } = controller;
  assert.equal(await createBreaker("b").do((given) => given, controller), signal);
});

type Call = (options: LayerOptions) => Promise<unknown>;
const run = (): number => 1;
const pool = createWorkerPool({ workers: 1 });
const LAYERS: Record<string, Call> = {
  bulkhead: (options) => createBulkhead({ maxConcurrent: 1 }).do(run, options),
  "bulkhead's acquire": (options) => createBulkhead({ maxConcurrent: 1 }).acquire(options),
  cache: (options) =>
    createCacheFallback({ cache: new Map(), ttl: 1, staleTtl: 1 }).get("k", run, options),
  composition: (options) => pipeline().do(run, options),
  fallback: (options) => createFallback(run).do(run, options),
  hedge: (options) => createHedge().do(run, options),
  "rate limiter": (options) => createTokenBucket({ rate: 1 }).do(run, options),
  "rate limiter's wait": (options) => createTokenBucket({ rate: 1 }).wait(1, options),
  "resilient()": (options) => resilient().build().do(run, options),
  retry: (options) => createRetry().do(run, options),
  timeout: (options) => createTimeout("1s").do(run, options),
  "worker pool": (options) => pool.submitWait(run, options),
};

for (const [layer, call] of Object.entries(LAYERS)) {
  Deno.test(`a call through a ${layer} rejects options that are wrong`, async () => {
    for (const options of [{ timeout: "1s" }, "1s", { signal: new AbortController() }]) {
      await assert.rejects(call(loose(options)), {
        name: "TypeError",
        message: /unknown option "timeout"|must be an object|did you mean its "signal"\?$/,
      });
    }
  });
}

const partial = { info: (): void => {} };
const WITH_LOGGER: Record<string, (logger: never) => unknown> = {
  createBreaker: (logger) => createBreaker("b", {}, { logger }),
  createBulkhead: (logger) => createBulkhead({ maxConcurrent: 1, logger }),
  createCacheFallback: (logger) =>
    createCacheFallback({ cache: new Map(), ttl: 1, staleTtl: 1, logger }),
  createFallback: (logger) => createFallback(run, { logger }),
  createHedge: (logger) => createHedge({ logger }),
  createRetry: (logger) => createRetry({}, { logger }),
  pipeline: (logger) => pipeline([], { logger }),
  resilient: (logger) => resilient({ logger }),
};

for (const [name, create] of Object.entries(WITH_LOGGER)) {
  Deno.test(`${name} refuses a logger without all that will be called`, () => {
    assert.throws(() => create(loose(console.log)), /"logger.debug" must be a function/);
    assert.throws(() => create(loose(partial)), /"logger.debug" must be a function/);
  });
}

const WITH_CLOCK: Record<string, (clock: never) => unknown> = {
  createBulkhead: (clock) => createBulkhead({ maxConcurrent: 1, clock }),
  createHedge: (clock) => createHedge({ clock }),
  createRetry: (clock) => createRetry({}, { clock }),
  createTimeout: (clock) => createTimeout("1s", { clock }),
  createTokenBucket: (clock) => createTokenBucket({ rate: 1, clock }),
  createWorkerPool: (clock) => createWorkerPool({ workers: 1, clock }),
};

for (const [name, create] of Object.entries(WITH_CLOCK)) {
  Deno.test(`${name} refuses a clock without timers`, () => {
    assert.throws(() => create(loose({ now: () => 0 })), /"clock.setTimeout" must be a function/);
    assert.throws(() => create(loose(Date)), /"clock.setTimeout" must be a function/);
  });
}

const ETCD: readonly (readonly [options: unknown, message: RegExp])[] = [
  [{ host: "etcd-1" }, /unknown option "host"; did you mean "hosts"\?/],
  [{ endpoints: ["etcd-1"] }, /unknown option "endpoints"; known are hosts, /],
  ["user:secret@etcd-1:2379", /options must be an object; the address goes into "hosts"/],
  [["etcd-1:2379"], /options must be an object; the address goes into "hosts"/],
  [null, /options must be an object, received null/],
  [{ tls: { caFile: "/etc/ca.pem" } }, /"tls.caFile" is unknown; did you mean ca/],
];

for (const [options, message] of ETCD) {
  Deno.test(`etcdBackend refuses ${JSON.stringify(options)}, and shows no secret`, () => {
    assert.throws(() => etcdBackend(loose(options)), (error) => {
      assert(error instanceof TypeError);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

Deno.test("what is no backend is refused where it is given", async () => {
  assert.throws(() => layered(memoryBackend(), loose("./policies")), /"backends\[1\]" must be/);
  assert.throws(() => configCentre(loose({ read: run, watch: run }), "/"), /"backend.put" must be/);
  assert.throws(() => memoryBackend(loose("users")), /"initial" must be an object/);
  assert.throws(() => envBackend(loose({ perfix: "APP_" })), /did you mean "prefix"\?/);
  assert.throws(() => envBackend(loose({ prefix: 1 })), /"prefix" must be a text/);
  const backend = memoryBackend();
  const config = getDefaultConfig("im-gateway", "development");
  const wrong: readonly [unknown, unknown, RegExp][] = [
    ["im-gateway", { backend }, /options must be an object, received "im-gateway"/],
    [{ ...config, service: "x" }, { backend }, /unknown option "service"; did you mean "serv/],
    [config, { backend, lastKnownGood: { load: run } }, /"lastKnownGood.save" must be a function/],
    [config, { backend, signal: new AbortController() }, /did you mean its "signal"\?/],
  ];
  for (const [given, options, message] of wrong) {
    await assert.rejects(createProvider(loose(given), loose(options)), message);
  }
});

Deno.test("what goes with a command of the breaker is checked, too", () => {
  const breaker = createBreaker("b");
  assert.throws(() => breaker.hold("1s", loose("deploy")), /options must be an object/);
  assert.throws(() => breaker.hold("1s", loose({ onwer: "deploy" })), /did you mean "owner"\?/);
  assert.throws(() => breaker.release(loose({ name: "deploy" })), /unknown option "name"/);
  assert.throws(() => breaker.tripNow(loose("deploy")), /options must be an object/);
  assert.deepEqual([breaker.state, breaker.peek().admitted], ["closed", true]);
});
