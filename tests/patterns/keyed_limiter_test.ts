import assert from "node:assert/strict";
import {
  createKeyedLimiter,
  type KeyedLimiter,
  type KeyedLimiterOptions,
} from "../../src/patterns/rate_limit/keyed_limiter.ts";
import { RateLimitedError } from "../../src/patterns/rate_limit/rate_limited_error.ts";
import { createSlidingWindow } from "../../src/patterns/rate_limit/sliding_window.ts";
import { createTokenBucket, type TokenBucket } from "../../src/patterns/rate_limit/token_bucket.ts";
import { ManualClock } from "../../src/testing/mod.ts";

interface Bench {
  readonly keyed: KeyedLimiter<TokenBucket>;
  readonly clock: ManualClock;
  readonly created: string[];
}

/** Per key a bucket of 2 at 1 a second. */
function bench(options: Partial<KeyedLimiterOptions<TokenBucket>> = {}): Bench {
  const clock = new ManualClock();
  const created: string[] = [];
  const create = (key: string): TokenBucket => {
    created.push(key);
    return createTokenBucket({ name: key, rate: 1, burst: 2, clock });
  };
  return { keyed: createKeyedLimiter({ create, clock, ...options }), clock, created };
}

Deno.test("each key has a limit of its own", () => {
  const { keyed, created } = bench();
  const seen = ["a", "a", "a", "b"].map((key) => keyed.allow(key));
  assert.deepEqual(seen, [true, true, false, true]);
  assert.deepEqual(created, ["a", "b"]);
  assert.equal(keyed.get("a"), keyed.get("a"));
});

for (const key of ["", "__proto__", "constructor", "用户", "\0"]) {
  Deno.test(`any text is a key: ${JSON.stringify(key)}`, () => {
    const { keyed, created } = bench();
    keyed.allow(key);
    assert.deepEqual([created, keyed.size], [[key], 1]);
  });
}

Deno.test("settings in place of `create` give each key a token bucket", () => {
  const clock = new ManualClock();
  const keyed = createKeyedLimiter({ name: "users", clock, create: { rate: 1, burst: 1 } });
  assert.deepEqual(["a", "a", "b"].map((key) => keyed.allow(key)), [true, false, true]);
  assert.equal(keyed.get("a").name, "users");
  assert.equal(keyed.get("a").retryAfterMs(), 1_000);
});

Deno.test("a key that was not used for idleFor is forgotten once its limiter is full", async () => {
  const { keyed, clock } = bench({ idleFor: "5s" });
  for (let i = 0; i < 100; i++) keyed.allow(`k${i}`, 2);
  await clock.tick("5s");
  for (let i = 0; i < 200; i++) keyed.allow("busy", 0);
  assert.equal(keyed.size, 1);
});

Deno.test("a key whose limiter is not full again is kept, however long it was not used", async () => {
  const { keyed, clock } = bench({ idleFor: "1s" });
  keyed.get("empty").setLimit(0);
  keyed.allow("empty", 2);
  keyed.allow("full", 0);
  await clock.tick("1h");
  for (let i = 0; i < 200; i++) keyed.allow("busy", 0);
  assert.deepEqual([keyed.size, keyed.allow("empty")], [2, false]);
});

Deno.test("no more than maxKeys are kept: the least recently used one goes", () => {
  const { keyed, created } = bench({ maxKeys: 2 });
  for (const key of ["a", "b", "a", "c"]) keyed.allow(key, 2);
  assert.equal(keyed.size, 2);
  assert.deepEqual(["a", "c"].map((key) => keyed.allow(key)), [false, false]);
  assert.equal(keyed.allow("b"), true);
  assert.deepEqual(created, ["a", "b", "c", "b"]);
});

Deno.test("100,000 keys leave no more than maxKeys behind, and no timer", () => {
  const { keyed, clock } = bench({
    maxKeys: 100,
    create: (key) => createTokenBucket({ name: key, rate: 1, burst: 1 }),
  });
  for (let i = 0; i < 100_000; i++) keyed.allow(`k${i}`);
  assert.deepEqual([keyed.size, clock.pendingTimers], [100, 0]);
});

Deno.test("a limit changed live holds for all keys, those to come included", () => {
  const { keyed } = bench();
  keyed.allow("a", 2);
  keyed.changeAll((bucket) => bucket.setLimit(1_000));
  assert.deepEqual([keyed.get("a").rate, keyed.get("b").rate], [1_000, 1_000]);
  keyed.changeAll((bucket) => bucket.setLimit(5));
  assert.deepEqual(["a", "b", "c"].map((key) => keyed.get(key).rate), [5, 5, 5]);
});

Deno.test("wait and do go through the key's limiter", async () => {
  const { keyed, clock } = bench();
  assert.equal(await keyed.do("a", () => "ran"), "ran");
  await keyed.wait("a");
  await assert.rejects(keyed.do("a", () => "ran"), { limiter: "a" });
  await assert.rejects(keyed.wait("a", { n: 2, maxWait: 1_999 }), RateLimitedError);
  const waiting = keyed.wait("a", { n: 2 });
  await clock.tick("2s");
  await waiting;
});

Deno.test("a forgotten key starts anew, and who waits on its old limiter still gets its turn", async () => {
  const { keyed, clock } = bench();
  keyed.allow("a", 2);
  const waiting = keyed.wait("a");
  assert.deepEqual([keyed.delete("a"), keyed.delete("a")], [true, false]);
  assert.equal(keyed.allow("a", 2), true);
  await clock.tick("1s");
  await waiting;
});

Deno.test("a create that throws leaves no key behind", async () => {
  const broken = new Error("no limit for you");
  const keyed = createKeyedLimiter<TokenBucket>({
    create: () => {
      throw broken;
    },
  });
  assert.throws(() => keyed.allow("a"), broken);
  await assert.rejects(keyed.wait("a"), broken);
  await assert.rejects(keyed.do("a", () => "ran"), broken);
  assert.equal(keyed.size, 0);
});

Deno.test("a create that asks for its own key once is answered with one limiter for all", () => {
  let depth = 0;
  const keyed: KeyedLimiter<TokenBucket> = createKeyedLimiter({
    create: (key): TokenBucket => {
      if (depth++ === 0) keyed.get(key);
      return createTokenBucket({ rate: 1 });
    },
  });
  assert.equal(keyed.get("a"), keyed.get("a"));
  assert.equal(keyed.size, 1);
});

Deno.test("a key in use costs one reading of the clock in fifteen calls of sixteen", () => {
  let readings = 0;
  const clock = { now: () => ++readings, setTimeout: () => 0, clearTimeout: () => {} };
  const keyed = createKeyedLimiter({
    clock,
    create: () => createTokenBucket({ rate: 1, burst: 1e6, clock }),
  });
  keyed.allow("a");
  readings = 0;
  for (let i = 0; i < 1_600; i++) keyed.allow("a");
  assert.equal(readings, 1_700);
});

for (
  const { options, error } of [
    { options: {}, error: /TypeError: .*"create"/ },
    { options: { create: { rate: -1 } }, error: /RangeError: .*"rate"/ },
    { options: { create: () => {}, maxKeys: 0 }, error: /RangeError: .*"maxKeys".*0/ },
    { options: { create: () => {}, idleFor: -1 }, error: /RangeError: .*"idleFor"/ },
    { options: { create: () => {}, maxkeys: 5 }, error: /TypeError: .*"maxKeys"/ },
    { options: null, error: /TypeError/ },
  ]
) {
  Deno.test(`createKeyedLimiter refuses ${JSON.stringify(options)} with ${error}`, () => {
    // @ts-expect-error: wrong on purpose
    assert.throws(() => createKeyedLimiter(options), (thrown) => error.test(String(thrown)));
  });
}

Deno.test("any kind of limiter fits", () => {
  const keyed = createKeyedLimiter({
    create: () => createSlidingWindow({ limit: 1, window: "1m" }),
  });
  keyed.changeAll((window) => window.setLimit(2));
  assert.deepEqual(["a", "a", "a"].map((key) => keyed.allow(key)), [true, true, false]);
});

Deno.test("a key that is no text is refused by name, and is no key", async () => {
  const keyed = createKeyedLimiter({ name: "users", create: { rate: 1 } });
  const message =
    /Cannot take from keyed limiter "users": "key" must be a text, received undefined/;
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => keyed.allow(undefined), { name: "TypeError", message });
  // @ts-expect-error -- handed in as a layer, it would be called like this
  await assert.rejects(keyed.do(() => "ran", {}), /"key" must be a text, received a function/);
  assert.equal(keyed.size, 0);
});
