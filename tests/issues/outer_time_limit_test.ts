/**
 * A time limit around a breaker aborts the breaker's call by its signal. Taken
 * for the caller's own cancellation, which counts for nothing, a dependency that
 * hangs would never open the breaker, and its probes would be ignored for ever.
 */
import assert from "node:assert/strict";
import { BreakerTimeoutError, createBreaker, createTimeout } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";

const hang = (): Promise<never> => new Promise(() => {});

Deno.test("R1: a call that a time limit around the breaker ends is a timeout", async () => {
  const clock = new ManualClock();
  const breaker = createBreaker("users", { failureThreshold: 2 }, { clock });
  const timeout = createTimeout("1s", { clock });
  for (let i = 0; i < 2; i++) {
    const call = timeout.do((signal) => breaker.do(hang, signal && { signal }));
    const rejected = assert.rejects(call, BreakerTimeoutError);
    await clock.tick("1s");
    await rejected;
  }
  assert.equal(breaker.state, "open");
  const { failures, timeouts, ignored } = breaker.counts.lifetime;
  assert.deepEqual({ failures, timeouts, ignored }, { failures: 2, timeouts: 2, ignored: 0 });
});

Deno.test("R10: a probe that a time limit around the breaker ends has failed", async () => {
  const clock = new ManualClock();
  const policy = { failureThreshold: 1, openStateTimeout: "1m" } as const;
  const breaker = createBreaker("users", policy, { clock });
  breaker.tryAcquire()?.failure();
  await clock.tick("1m");
  const timeout = createTimeout("1s", { clock });
  const call = timeout.do((signal) => breaker.do(hang, signal && { signal }));
  const rejected = assert.rejects(call, BreakerTimeoutError);
  await clock.tick("1s");
  await rejected;
  assert.equal(breaker.state, "open");
});

Deno.test("R21: the fallback of a call that somebody else's time limit ended does not run", async () => {
  const clock = new ManualClock();
  const breaker = createBreaker("users", {}, { clock });
  let answers = 0;
  const call = createTimeout("1s", { clock }).do((signal) =>
    breaker.do(hang, { ...(signal && { signal }), fallback: () => answers++ })
  );
  const rejected = assert.rejects(call, BreakerTimeoutError);
  await clock.tick("1s");
  await rejected;
  assert.equal(answers, 0);
});

Deno.test("R1: an operation that fails by a time limit of its own is a timeout", async () => {
  const clock = new ManualClock();
  const breaker = createBreaker("users", { failureThreshold: 9 }, { clock });
  const call = breaker.do(() => createTimeout("1s", { clock }).do(hang));
  const rejected = assert.rejects(call, BreakerTimeoutError);
  await clock.tick("1s");
  await rejected;
  const { failures, timeouts } = breaker.counts;
  assert.deepEqual({ failures, timeouts }, { failures: 1, timeouts: 1 });
});

Deno.test("R2: predicates still decide what an inner time limit means", async () => {
  const clock = new ManualClock();
  const breaker = createBreaker("users", {}, { clock, isIgnored: () => true });
  const call = breaker.do(() => createTimeout("1s", { clock }).do(hang));
  const rejected = assert.rejects(call, BreakerTimeoutError);
  await clock.tick("1s");
  await rejected;
  assert.equal(breaker.counts.lifetime.ignored, 1);
});

Deno.test("R2: a caller who aborts for a reason of its own is still ignored", async () => {
  const clock = new ManualClock();
  const breaker = createBreaker("users", {}, { clock });
  for (const reason of [new Error("left"), new DOMException("gone", "AbortError"), undefined]) {
    const caller = new AbortController();
    const call = breaker.do(hang, { signal: caller.signal });
    caller.abort(reason);
    await assert.rejects(call);
  }
  assert.equal(breaker.counts.lifetime.ignored, 3);
  assert.equal(breaker.counts.failures, 0);
});
