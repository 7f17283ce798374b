import assert from "node:assert/strict";
import type { Cache, CacheEntry } from "../../src/patterns/cache/cache.ts";
import {
  type CacheFallback,
  createCacheFallback,
} from "../../src/patterns/cache/cache_fallback.ts";
import type { CacheFallbackOptions } from "../../src/patterns/cache/cache_fallback_options.ts";
import { createMemoryCache } from "../../src/patterns/cache/memory_cache.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { Deferred } from "../support/deferred_operation.ts";
import { KeptLog } from "../support/kept_log.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";
import { CountedCaller, look, rejectsWith } from "./caller_support.ts";

const BOOM = new Error("boom");
const REASON = new Error("the caller left");
const STALE_WARNING = 'warn: Cache fallback "users": a load failed, answering with what is stale';

type Value = string | null | undefined;
type Entries = Cache<CacheEntry<Value>>;

/** A cache fallback with a fresh minute and a stale hour, and a loader that counts. */
class Scene {
  readonly clock = new ManualClock();
  readonly logger = new KeptLog();
  readonly cache: Entries;
  readonly users: CacheFallback<Value>;
  loads = 0;
  /** Gives a new value on each call. */
  readonly load = (): Value => `value ${++this.loads}`;
  readonly fail = (): Promise<Value> => {
    this.loads++;
    return Promise.reject(BOOM);
  };

  constructor(options: Partial<CacheFallbackOptions<Value>> = {}) {
    this.cache = options.cache ?? new Map();
    this.users = createCacheFallback<Value>({
      ttl: "1m",
      staleTtl: "1h",
      name: "users",
      clock: this.clock,
      logger: this.logger,
      ...options,
      cache: this.cache,
    });
  }
}

/** A cache whose every answer takes a turn of the microtask queue, kept as JSON as a server would. */
class RemoteCache implements Entries {
  readonly texts = new Map<string, string>();
  async get(key: string): Promise<CacheEntry<Value> | undefined> {
    const text = await Promise.resolve(this.texts.get(key));
    return text === undefined ? undefined : JSON.parse(text);
  }
  async set(key: string, entry: CacheEntry<Value>): Promise<void> {
    await Promise.resolve();
    this.texts.set(key, JSON.stringify(entry));
  }
}

const CACHES: Record<string, () => Entries> = {
  "a Map": () => new Map<string, CacheEntry<Value>>(),
  "a memory cache": () => createMemoryCache<CacheEntry<Value>>({ maxEntries: 10 }),
  "a remote cache": () => new RemoteCache(),
};

for (const [kind, create] of Object.entries(CACHES)) {
  Deno.test(`${kind}: within ttl the cached value answers, from exactly ttl on it is loaded anew`, async () => {
    const { users, load, clock } = new Scene({ cache: create() });
    assert.equal(await users.get("a", load), "value 1");
    clock.advance(59_999);
    assert.equal(await users.get("a", load), "value 1");
    clock.advance(1);
    assert.equal(await users.get("a", load), "value 2");
  });

  Deno.test(`${kind}: if a load fails, what is younger than staleTtl answers, and older is of no use`, async () => {
    const { users, load, fail, clock, logger } = new Scene({ cache: create() });
    await users.get("a", load);
    clock.advance(3_599_999);
    assert.equal(await users.get("a", fail), "value 1");
    assert.deepEqual(logger.lines, [STALE_WARNING]);
    clock.advance(1);
    await rejectsWith(users.get("a", fail), BOOM);
  });

  Deno.test(`${kind}: concurrent loads of one key are joined, those of others are not`, async () => {
    const scene = new Scene({ cache: create() });
    const one = new Deferred<Value>();
    const other = new Deferred<Value>();
    const calls = [1, 2, 3].map(() => scene.users.get("a", one.operation));
    const another = scene.users.get("b", other.operation);
    await look(Promise.resolve());
    calls.push(scene.users.get("a", one.operation));
    one.resolve("joined");
    other.resolve("alone");
    assert.deepEqual(await Promise.all(calls), ["joined", "joined", "joined", "joined"]);
    assert.equal(await another, "alone");
    assert.deepEqual([one.calls, other.calls], [1, 1]);
  });

  Deno.test(`${kind}: keys that mean something to objects are keys like others`, async () => {
    const { users, load } = new Scene({ cache: create() });
    const keys = ["__proto__", "constructor", "toString", ""];
    for (const key of keys) await users.get(key, load);
    const again = [];
    for (const key of keys) again.push(await users.get(key, load));
    assert.deepEqual(again, ["value 1", "value 2", "value 3", "value 4"]);
  });

  for (const nothing of [undefined, null]) {
    Deno.test(`${kind}: ${nothing} is answered and not cached`, async () => {
      const { users, load } = new Scene({ cache: create() });
      assert.equal(await users.get("a", () => nothing), nothing);
      assert.equal(await users.get("a", load), "value 1");
    });
  }
}

Deno.test("types: a Map, a memory cache and an adapter of two functions are caches as they are", async () => {
  const map: Cache<CacheEntry<number>> = new Map<string, CacheEntry<number>>();
  const memory: Cache<CacheEntry<number>> = createMemoryCache<CacheEntry<number>>({
    maxEntries: 1,
  });
  const redis: Cache<CacheEntry<number>> = {
    get: (key) => Promise.resolve(JSON.parse(`{"value":1,"storedAt":1,"key":"${key}"}`)),
    set: (key, entry) => Promise.resolve(`${key}${entry.value}`),
  };
  for (const cache of [map, memory, redis]) {
    const numbers = createCacheFallback({ cache, ttl: "1m", staleTtl: "1m" });
    assert.equal(await numbers.get("a", () => 7), 7);
  }
});

Deno.test("a failed load with nothing cached throws the loader's own error, sync or async", async () => {
  const { users, fail } = new Scene();
  const throwing = (): never => {
    throw BOOM;
  };
  await rejectsWith(users.get("a", fail), BOOM);
  await rejectsWith(users.get("a", throwing), BOOM);
  await rejectsWith(users.get("a", throwing), BOOM);
});

Deno.test("an outage is warned of once a minute, with the number of warnings left out", async () => {
  const { users, load, fail, clock, logger } = new Scene();
  await users.get("a", load);
  clock.advance("2m");
  for (let i = 0; i < 60; i++) {
    await users.get("a", fail);
    clock.advance("1s");
  }
  assert.deepEqual(logger.lines, [STALE_WARNING]);
  await users.get("a", fail);
  assert.deepEqual(logger.fields, [
    { cache: "users", key: "a", error: BOOM, ageMs: 120_000, unwritten: 0 },
    { cache: "users", key: "a", error: BOOM, ageMs: 180_000, unwritten: 59 },
  ]);
});

Deno.test("handles says for which errors a stale entry stands in; one that throws is reported and counts as false", async () => {
  const other = new Error("not found");
  const { users, load, fail, clock, logger } = new Scene({
    handles: (error) => {
      if (error === other) throw error;
      return error === BOOM;
    },
  });
  await users.get("a", load);
  clock.advance("2m");
  assert.equal(await users.get("a", fail), "value 1");
  await rejectsWith(users.get("a", () => Promise.reject(other)), other);
  const report = 'error: Cache fallback "users": handles failed, taking it for false';
  assert.deepEqual(logger.lines, [STALE_WARNING, report]);
});

Deno.test("isNegative replaces the default, so that a cached undefined is told from a miss", async () => {
  const { users, load } = new Scene({ isNegative: (value) => value === "value 1" });
  assert.equal(await users.get("a", () => undefined), undefined);
  assert.equal(await users.get("a", load), undefined);
  await users.get("b", load);
  assert.equal(await users.get("b", load), "value 2");
});

Deno.test("isNegative that throws is reported, and the default stands", async () => {
  const { users, load, logger } = new Scene({
    isNegative: () => {
      throw BOOM;
    },
  });
  await users.get("a", () => null);
  assert.equal(await users.get("a", load), "value 1");
  assert.equal(await users.get("a", load), "value 1");
  assert.equal(logger.lines.length, 2);
});

Deno.test("a value that is gone at its source no longer stands in", async () => {
  const { users, load, fail, clock } = new Scene();
  await users.get("a", load);
  clock.advance("2m");
  assert.equal(await users.get("a", () => null), null);
  await rejectsWith(users.get("a", fail), BOOM);
});

Deno.test("one caller's abort leaves the load to the others", async () => {
  const { users } = new Scene();
  const load = new Deferred<Value>();
  const [leaving, staying] = [new CountedCaller(), new CountedCaller()];
  const left = users.get("a", load.operation, leaving);
  const stayed = users.get("a", load.operation, staying);
  const unsignalled = users.get("a", load.operation);
  leaving.abort(REASON);
  assert.deepEqual(await look(left), { error: REASON });
  assert.equal(load.signal?.aborted, false);
  load.resolve("loaded");
  assert.deepEqual([await stayed, await unsignalled], ["loaded", "loaded"]);
  assert.deepEqual([leaving.listeners, staying.listeners], [0, 0]);
});

Deno.test("a load that all callers have left is aborted, joined no more, and not stored", async () => {
  const { users, cache } = new Scene();
  const abandoned = new Deferred<Value>();
  const callers = [new CountedCaller(), new CountedCaller()];
  const calls = callers.map((caller) => users.get("a", abandoned.operation, caller));
  for (const caller of callers) caller.abort(REASON);
  for (const call of calls) assert.deepEqual(await look(call), { error: REASON });
  assert.equal(abandoned.signal?.reason, REASON);
  const next = new Deferred<Value>();
  const call = users.get("a", next.operation);
  abandoned.resolve("late");
  assert.equal(await look(call), "pending");
  assert.equal(await cache.get("a"), undefined);
  next.resolve("new");
  assert.equal(await call, "new");
});

Deno.test("a load that settled before the abort keeps its outcome", async () => {
  const caller = new CountedCaller();
  const load = new Deferred<Value>();
  const call = new Scene().users.get("a", load.operation, caller);
  load.resolve("loaded");
  caller.abort(REASON);
  assert.deepEqual(await look(call), { value: "loaded" });
});

Deno.test("the caller's abort is never answered with what is stale, and logs nothing", async () => {
  const { users, load, clock, logger } = new Scene();
  await users.get("a", load);
  clock.advance("2m");
  const caller = new CountedCaller();
  const call = users.get("a", (signal) => {
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(BOOM)));
  }, caller);
  caller.abort(REASON);
  assert.deepEqual(await look(call), { error: REASON });
  assert.deepEqual(logger.lines, []);
});

Deno.test("with a signal that is aborted already neither cache nor loader is asked", async () => {
  let reads = 0;
  const cache: Entries = { get: () => void reads++, set: () => {} };
  const scene = new Scene({ cache });
  const signal = AbortSignal.abort(REASON);
  await rejectsWith(scene.users.get("a", scene.load, { signal }), REASON);
  assert.deepEqual([reads, scene.loads], [0, 0]);
});

Deno.test("a loader that aborts its caller as it starts leaves the caller its reason", async () => {
  const caller = new CountedCaller();
  const call = new Scene().users.get("a", () => {
    caller.abort(REASON);
    return new Promise<Value>(() => {});
  }, caller);
  assert.deepEqual(await look(call), { error: REASON });
});

Deno.test("a load that hangs is joined for joinFor, then the next caller loads anew", async () => {
  const { users, clock, cache } = new Scene({ joinFor: "10s" });
  const hung = new Deferred<Value>();
  const first = users.get("a", hung.operation);
  clock.advance(9_999);
  const joined = users.get("a", hung.operation);
  clock.advance(1);
  assert.equal(await users.get("a", () => "new"), "new");
  hung.resolve("old");
  assert.deepEqual([await first, await joined, hung.calls], ["old", "old", 1]);
  assert.equal((await cache.get("a"))?.value, "new");
});

Deno.test("a loader that waits for its own key is told so instead of waiting for ever", async () => {
  const { users, load } = new Scene();
  const atOnce = users.get("a", () => users.get("a", load));
  const later = users.get("b", async (signal) => {
    await Promise.resolve();
    return await users.get("b", load, signal && { signal });
  });
  await assert.rejects(atOnce, /Cannot load "a": its loader would wait for itself/);
  await assert.rejects(later, /Cannot load "b": its loader would wait for itself/);
});

Deno.test("a loader may ask for another key, and for its own once it is loaded", async () => {
  const { users, load } = new Scene();
  assert.equal(await users.get("a", () => users.get("b", load)), "value 1");
  assert.equal(await users.get("c", () => users.get("b", load)), "value 1");
});

Deno.test("refresh ahead: a late hit answers at once, and starts one load in the background", async () => {
  const { users, load, clock } = new Scene({ refreshAhead: 0.5 });
  const refresh = new Deferred<Value>();
  await users.get("a", load);
  clock.advance(29_999);
  await users.get("a", refresh.operation);
  assert.equal(refresh.calls, 0);
  clock.advance(1);
  const caller = new CountedCaller();
  assert.equal(await users.get("a", refresh.operation, caller), "value 1");
  assert.equal(await users.get("a", refresh.operation), "value 1");
  caller.abort(REASON);
  assert.deepEqual([refresh.calls, refresh.signal?.aborted], [1, false]);
  refresh.resolve("refreshed");
  await clock.tick("59s");
  assert.equal(await users.get("a", () => "again"), "refreshed");
});

Deno.test("refresh ahead: a failure is logged and harms nobody, sync or async", async () => {
  const { users, load, fail, clock, logger } = new Scene({ refreshAhead: 0.5 });
  await users.get("a", load);
  clock.advance("40s");
  const unhandled = await unhandledDuring(async () => {
    assert.equal(await users.get("a", fail), "value 1");
    await clock.tick();
    const throwing = (): never => {
      throw BOOM;
    };
    assert.equal(await users.get("a", throwing), "value 1");
  });
  assert.deepEqual(unhandled, []);
  assert.deepEqual(logger.lines, ['warn: Cache fallback "users": a refresh ahead failed']);
});

Deno.test("refresh ahead: one that hangs holds nobody: it is joined after ttl, and aborted when they leave", async () => {
  const { users, load, clock } = new Scene({ refreshAhead: 0.5, joinFor: "1h" });
  const hung = new Deferred<Value>();
  await users.get("a", load);
  clock.advance("50s");
  await users.get("a", hung.operation);
  clock.advance("10s");
  const caller = new CountedCaller();
  const call = users.get("a", load, caller);
  assert.equal(await look(call), "pending");
  caller.abort(REASON);
  assert.deepEqual(await look(call), { error: REASON });
  assert.equal(hung.signal?.aborted, true);
  assert.equal(await users.get("a", load), "value 2");
});

Deno.test("refresh ahead: one that failed with callers leaves them what is stale", async () => {
  const { users, load, clock } = new Scene({ refreshAhead: 0.5 });
  const refresh = new Deferred<Value>();
  await users.get("a", load);
  clock.advance("50s");
  await users.get("a", refresh.operation);
  clock.advance("10s");
  const call = users.get("a", load);
  refresh.reject(BOOM);
  assert.equal(await call, "value 1");
});

const hang = (): Promise<never> => new Promise(() => {});
const reject = (): Promise<never> => Promise.reject(BOOM);
const raise = (): never => {
  throw BOOM;
};

for (const fault of [raise, reject, hang]) {
  Deno.test(`a cache whose get is to ${fault.name} counts as empty, and blocks for cacheTimeout at most`, async () => {
    const cache: Entries = { get: fault, set: () => {} };
    const { users, load, clock, logger } = new Scene({ cache, cacheTimeout: "100ms" });
    const call = users.get("a", load);
    await clock.tick("100ms");
    assert.deepEqual(await look(call), { value: "value 1" });
    assert.deepEqual(logger.lines, [
      'warn: Cache fallback "users": cannot read its cache, loading instead',
    ]);
    assert.equal(clock.pendingTimers, 0);
  });

  Deno.test(`a cache whose set is to ${fault.name} delays nobody, and is warned of`, async () => {
    const cache: Entries = { get: () => undefined, set: fault };
    const { users, load, clock, logger } = new Scene({ cache, cacheTimeout: "100ms" });
    const unhandled = await unhandledDuring(async () => {
      assert.deepEqual(await look(users.get("a", load)), { value: "value 1" });
      await clock.tick("100ms");
    });
    assert.deepEqual(unhandled, []);
    assert.deepEqual(logger.lines, [
      'warn: Cache fallback "users": cannot write its cache',
    ]);
    assert.deepEqual(await look(users.get("a", load)), { value: "value 2" });
    await clock.tick("100ms");
    assert.equal(clock.pendingTimers, 0);
  });
}

Deno.test("an abort while the cache is asked rejects at once, and nothing is loaded", async () => {
  const scene = new Scene({ cache: { get: hang, set: () => {} } });
  const caller = new CountedCaller();
  const call = scene.users.get("a", scene.load, caller);
  caller.abort(REASON);
  assert.deepEqual(await look(call), { error: REASON });
  await scene.clock.tick("1m");
  assert.deepEqual([scene.loads, caller.listeners, scene.clock.pendingTimers], [0, 0, 0]);
});

Deno.test("while a value is being stored it answers those who ask", async () => {
  const stored = Promise.withResolvers<void>();
  const scene = new Scene({ cache: { get: () => undefined, set: () => stored.promise } });
  assert.equal(await scene.users.get("a", scene.load), "value 1");
  assert.equal(await scene.users.get("a", scene.load), "value 1");
  stored.resolve();
  await scene.clock.tick();
  assert.equal(await scene.users.get("a", scene.load), "value 2");
});

const SHAPES: readonly unknown[] = [
  "text",
  7,
  [],
  {},
  { value: "old" },
  { storedAt: 0 },
  { value: "old", storedAt: "0" },
  { value: "old", storedAt: null },
  { value: "old", storedAt: Number.NaN },
  Object.create({ value: "old", storedAt: 0 }),
];

for (const [index, shape] of SHAPES.entries()) {
  Deno.test(`an entry of unknown shape is a miss, case ${index + 1}: ${JSON.stringify(shape)}`, async () => {
    const cache = new Map<string, unknown>([["a", shape]]);
    // @ts-expect-error -- another program can have written this
    const { users, load, logger } = new Scene({ cache });
    assert.equal(await users.get("a", load), "value 1");
    assert.deepEqual(logger.lines, [
      'warn: Cache fallback "users": ignoring an entry of unknown shape',
    ]);
    assert.equal(await users.get("a", load), "value 1");
  });
}

Deno.test("entries are stamped with the wall clock, and one from the future is as old as it is early", async () => {
  let wallMs = 1_800_000_000_000;
  const { users, load, cache } = new Scene({ wallClock: () => wallMs });
  await users.get("a", load);
  assert.deepEqual(await cache.get("a"), { value: "value 1", storedAt: 1_800_000_000_000 });
  wallMs -= 59_999;
  assert.equal(await users.get("a", load), "value 1");
  wallMs -= 1;
  assert.equal(await users.get("a", load), "value 2");
});

Deno.test("without a clock of one's own, entries are stamped with Date.now", async () => {
  const cache = new Map<string, CacheEntry<string>>();
  const before = Date.now();
  await createCacheFallback({ cache, ttl: "1m", staleTtl: "1m" }).get("a", () => "value");
  const storedAt = cache.get("a")?.storedAt ?? 0;
  assert(storedAt >= before && storedAt <= Date.now());
});

Deno.test("a wall clock that throws makes every read a miss, and fails no call", async () => {
  const { users, load } = new Scene({
    cache: new Map([["a", { value: "x", storedAt: 0 }]]),
    wallClock: raise,
  });
  assert.equal(await users.get("a", load), "value 1");
  assert.equal(await users.get("a", load), "value 2");
});

Deno.test("key says under which text the cache keeps a key", async () => {
  const { users, load, cache } = new Scene({ key: (key) => `users:${key}` });
  await users.get("7", load);
  assert.equal((await cache.get("users:7"))?.value, "value 1");
});

Deno.test("get refuses a key that is no text, and a loader that is no function, by a rejection", async () => {
  const { users, load } = new Scene();
  // @ts-expect-error -- a caller in JavaScript can do this
  await assert.rejects(users.get(7, load), /Cannot get from cache fallback "users": "key" must be/);
  // @ts-expect-error -- a caller in JavaScript can do this
  await assert.rejects(users.get("a", "fetch"), TypeError);
  await rejectsWith(new Scene({ key: raise }).users.get("a", load), BOOM);
});

Deno.test("each caller of a failed load that nobody awaits raises unhandledrejection, once", async () => {
  const { users } = new Scene();
  const load = new Deferred<Value>();
  const unhandled = await unhandledDuring(async () => {
    users.get("a", load.operation);
    users.get("a", load.operation);
    const heard = users.get("a", load.operation);
    load.reject(BOOM);
    await rejectsWith(heard, BOOM);
  });
  assert.deepEqual(unhandled, [BOOM, BOOM]);
});

Deno.test("100,000 aborted calls leave no listener, no timer and no load", async () => {
  const { users, clock } = new Scene();
  let [left, aborted] = [0, 0];
  for (let batch = 0; batch < 1_000; batch++) {
    const caller = new CountedCaller();
    for (let i = 0; i < 100; i++) {
      users.get(`${i % 10}`, (signal) => {
        signal?.addEventListener("abort", () => aborted++);
        return hang();
      }, caller).catch(() => left++);
    }
    caller.abort(REASON);
    await look(Promise.resolve());
    assert.deepEqual([caller.listeners, clock.pendingTimers], [0, 0]);
  }
  assert.deepEqual([left, aborted], [100_000, 10_000]);
});

Deno.test("a layer is the cache for one key, and the operation its loader", async () => {
  const { users, fail, clock } = new Scene();
  const layer = users.layer("a");
  assert.equal(await layer.do(() => "loaded"), "loaded");
  assert.equal(await layer.do(() => "not run"), "loaded");
  clock.advance("2m");
  assert.equal(await layer.do(fail), "loaded");
  assert.deepEqual(layer.describe?.({ longestMs: 1_000, attempts: 2 }), {
    text: "answers from a cache for 1m0s, and on failure with what is younger than 1h0m0s",
    longestMs: 1_250,
    attempts: 2,
  });
});

const GOOD = { cache: new Map(), ttl: "1m", staleTtl: "1h" };
const REFUSED: readonly (readonly [options: unknown, message: RegExp])[] = [
  [{ ...GOOD, ttl: 0 }, /^RangeError: Cannot create cache fallback: "ttl" must be a duration/],
  [
    { ...GOOD, staleTtl: "59s" },
    /^RangeError: .*"staleTtl" must be a duration of at least 60000 ms/,
  ],
  [{ ...GOOD, refreshAhead: 0 }, /^RangeError: .*"refreshAhead" must be a number above 0 and at/],
  [{ ...GOOD, refreshAhead: 1.1 }, /^RangeError: .*"refreshAhead"/],
  [{ ...GOOD, cacheTimeout: -1 }, /^RangeError: .*"cacheTimeout"/],
  [{ ...GOOD, joinFor: Number.NaN }, /^RangeError: .*"joinFor"/],
  [{ ...GOOD, cache: {} }, /^TypeError: .*"cache.get" must be a function/],
  [{ ...GOOD, cache: null }, /^TypeError: .*"cache.get" must be a function/],
  [{ ...GOOD, cache: { get: hang } }, /^TypeError: .*"cache.set" must be a function/],
  [{ ...GOOD, key: "users:" }, /^TypeError: .*"key" must be a function/],
  [{ ...GOOD, name: 7 }, /^TypeError: .*"name" must be a text/],
  [{ ...GOOD, stalettl: 7, name: "u" }, /^TypeError: .*"u": unknown option "stalettl"; did you/],
  [{ cache: new Map(), ttl: "1m" }, /^TypeError: .*"staleTtl"/],
  [undefined, /^TypeError: .*options must be an object/],
];

for (const [index, [options, message]] of REFUSED.entries()) {
  Deno.test(`createCacheFallback refuses bad options, case ${index + 1}: ${message.source}`, () => {
    // @ts-expect-error -- a caller in JavaScript can do this
    assert.throws(() => createCacheFallback(options), message);
  });
}

Deno.test("a value whose storing hangs answers no longer than it is fresh", async () => {
  const cache: Entries = { get: () => undefined, set: hang };
  const { users, load, clock } = new Scene({ cache, ttl: "10ms", cacheTimeout: "1s" });
  assert.equal(await users.get("a", load), "value 1");
  clock.advance(9);
  assert.equal(await users.get("a", load), "value 1");
  clock.advance(1);
  assert.equal(await users.get("a", load), "value 2");
});
