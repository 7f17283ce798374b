/** A promise that `doSync` was handed counted as a success at once, and its rejection was nobody's. */
import assert from "node:assert/strict";
import { createBreaker } from "../../mod.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";

const REFUSED = {
  name: "TypeError",
  message: 'Cannot call through breaker "b" by doSync: the operation returned a promise; use do',
};

const PROMISES: Record<string, () => unknown> = {
  "a promise that rejects": () => Promise.reject(new Error("down")),
  "a promise that resolves": () => Promise.resolve(7),
  "an async function's": async () => await Promise.reject(new Error("down")),
  "a promise of another make": () => ({ then: () => assert.fail("a lazy query was sent") }),
};

for (const [name, operation] of Object.entries(PROMISES)) {
  Deno.test(`doSync refuses ${name}, counts nothing and leaves no rejection behind`, async () => {
    const breaker = createBreaker("b", { failureThreshold: 1 });
    const unhandled = await unhandledDuring(() => {
      assert.throws(() => breaker.doSync(operation), REFUSED);
      assert.throws(() => breaker.doSync(operation, { fallback: () => 1 }), REFUSED);
    });
    const { successes, failures, lifetime } = breaker.counts;
    assert.deepEqual([unhandled, successes, failures, lifetime.ignored], [[], 0, 0, 2]);
    assert.equal(breaker.state, "closed");
  });
}

Deno.test("doSync hands on what only looks like a promise, or cannot be looked at", () => {
  const breaker = createBreaker("b");
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const values = [{ then: 1 }, null, [], proxy, {
    get then(): never {
      throw new Error("no");
    },
  }];
  for (const value of values) assert.equal(breaker.doSync(() => value) === value, true);
  assert.equal(breaker.counts.successes, values.length);
});
