import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { createMemoryCache, type MemoryCache } from "../../src/patterns/cache/memory_cache.ts";
import { ManualClock } from "../../src/testing/mod.ts";

Deno.test("what was set is there, under any key, undefined and null included as values", () => {
  const cache = createMemoryCache<unknown>({ maxEntries: 10 });
  for (const key of ["", "__proto__", "constructor", "用户"]) {
    assert.equal(cache.get(key), undefined);
    cache.set(key, key);
  }
  cache.set("null", null);
  assert.deepEqual(["", "__proto__", "constructor", "用户", "null"].map((key) => cache.get(key)), [
    "",
    "__proto__",
    "constructor",
    "用户",
    null,
  ]);
  assert.equal(cache.size, 5);
});

Deno.test("an entry is gone at exactly maxAge after it was set, and reading it prolongs nothing", async () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<number>({ maxEntries: 10, maxAge: "1s", clock });
  cache.set("a", 1);
  await clock.tick(999);
  assert.equal(cache.get("a"), 1);
  await clock.tick(1);
  assert.equal(cache.get("a"), undefined);
  assert.equal(cache.size, 0);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("setting an entry again makes it young", async () => {
  const clock = new ManualClock();
  const cache = createMemoryCache<number>({ maxEntries: 10, maxAge: "1s", clock });
  cache.set("a", 1);
  await clock.tick(900);
  cache.set("a", 2);
  await clock.tick(900);
  assert.equal(cache.get("a"), 2);
});

Deno.test("a clock that goes backwards drops nothing", () => {
  const clock = new ManualClock(10_000);
  const cache = createMemoryCache<number>({ maxEntries: 10, maxAge: "1s", clock });
  cache.set("a", 1);
  clock.advance(-9_000);
  assert.equal(cache.get("a"), 1);
});

Deno.test("delete and clear drop, and the cache goes on", () => {
  const cache = createMemoryCache<number>({ maxEntries: 2 });
  cache.set("a", 1).set("b", 2);
  assert.equal(cache.delete("a"), true);
  assert.equal(cache.delete("a"), false);
  cache.clear();
  assert.equal(cache.size, 0);
  cache.set("c", 3).set("d", 4).set("e", 5);
  assert.deepEqual(["b", "c", "d", "e"].map((key) => cache.get(key)), [undefined, undefined, 4, 5]);
});

/** The same cache, written without a thought for its cost. */
class Oracle {
  entries: [key: string, value: number, setAtMs: number][] = [];

  constructor(readonly maxEntries: number, readonly maxAgeMs: number) {}

  get(key: string, now: number): number | undefined {
    const found = this.entries.find(([each]) => each === key);
    if (found === undefined) return undefined;
    this.delete(key);
    if (now - found[2] >= this.maxAgeMs) return undefined;
    this.entries.push(found);
    return found[1];
  }

  set(key: string, value: number, now: number): void {
    this.delete(key);
    this.entries.push([key, value, now]);
    if (this.entries.length > this.maxEntries) this.entries.shift();
  }

  delete(key: string): void {
    this.entries = this.entries.filter(([each]) => each !== key);
  }
}

const KEY = fc.constantFrom("a", "b", "c", "d", "e", "__proto__");
const STEP = fc.oneof(
  fc.record({ do: fc.constant("get" as const), key: KEY }),
  fc.record({ do: fc.constant("set" as const), key: KEY }),
  fc.record({ do: fc.constant("delete" as const), key: KEY }),
  fc.record({ do: fc.constant("advance" as const), key: KEY }),
);

Deno.test("it equals a naive cache that drops what was used least recently, whatever is done", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 4 }),
    fc.array(STEP, { maxLength: 100 }),
    (maxEntries, steps) => {
      const clock = new ManualClock();
      const cache: MemoryCache<number> = createMemoryCache({ maxEntries, maxAge: 5, clock });
      const oracle = new Oracle(maxEntries, 5);
      for (const [index, step] of steps.entries()) {
        const now = clock.now();
        if (step.do === "get") assert.equal(cache.get(step.key), oracle.get(step.key, now));
        else if (step.do === "set") {
          cache.set(step.key, index);
          oracle.set(step.key, index, now);
        } else if (step.do === "delete") {
          cache.delete(step.key);
          oracle.delete(step.key);
        } else clock.advance(1);
        assert.equal(cache.size, oracle.entries.length);
      }
    },
  ));
});

Deno.test("a million entries through a thousand places leave a thousand", () => {
  const cache = createMemoryCache<number>({ maxEntries: 1_000 });
  for (let i = 0; i < 1_000_000; i++) cache.set(`${i}`, i);
  assert.equal(cache.size, 1_000);
  assert.equal(cache.get("998999"), undefined);
  assert.equal(cache.get("999000"), 999_000);
});

const REFUSED: readonly (readonly [options: unknown, message: RegExp])[] = [
  [{ maxEntries: 0 }, /^RangeError: Cannot create memory cache: "maxEntries" must be an integer/],
  [{ maxEntries: 1.5 }, /^RangeError: .*"maxEntries"/],
  [{}, /^TypeError: .*"maxEntries"/],
  [{ maxEntries: 1, maxAge: 0 }, /^RangeError: .*"maxAge" must be a duration above 0 ms/],
  [{ maxEntries: 1, ttl: 1 }, /^TypeError: .*unknown option "ttl"/],
  [undefined, /^TypeError: .*options must be an object/],
];

for (const [options, message] of REFUSED) {
  Deno.test(`createMemoryCache refuses ${JSON.stringify(options)}`, () => {
    // @ts-expect-error -- a caller in JavaScript can do this
    assert.throws(() => createMemoryCache(options), message);
  });
}
