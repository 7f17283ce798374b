import assert from "node:assert/strict";
import { createBreaker, type Policy } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";
import { Deferred } from "../support/deferred_operation.ts";

const boom = new Error("boom");
const PROBED: Policy = { failureThreshold: 1, openStateTimeout: "1s" };

Deno.test("R21: a signal that a listener to the admission itself aborts cancels the call before it runs", async () => {
  const { breaker, clock } = bench(PROBED);
  fail(breaker);
  clock.advance("1s");
  const caller = new AbortController();
  breaker.on("stateChange", () => caller.abort(boom));
  const operation = new Deferred();
  const call = breaker.do(operation.operation, { signal: caller.signal, timeout: "1s" });
  await assert.rejects(call, (error) => error === boom);
  const { inFlight, lifetime } = breaker.counts;
  assert.deepEqual([operation.calls, inFlight, lifetime.ignored], [0, 0, 1]);
  assert.equal(breaker.state, "half-open");
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("R2: what rejects with the caller's own reason before the cancellation is heard is a cancellation", async () => {
  const { breaker } = bench();
  const caller = new AbortController();
  const operation = new Deferred();
  caller.signal.addEventListener("abort", () => operation.reject(caller.signal.reason));
  const call = breaker.do(operation.operation, { signal: caller.signal });
  caller.abort(boom);
  await assert.rejects(call, (error) => error === boom);
  const { failures, lifetime } = breaker.counts;
  assert.deepEqual([failures, lifetime.ignored], [0, 1]);
});

/** A clock whose timers cannot be cancelled. */
class StubbornClock extends ManualClock {
  override clearTimeout(): void {}
}

Deno.test("R17: a time limit that fires although it was cancelled changes nothing", async () => {
  const clock = new StubbornClock();
  const breaker = createBreaker("b", { timeout: "1s" }, { clock });
  let given: AbortSignal | undefined;
  const value = await breaker.do((signal) => {
    given = signal;
    return "value";
  });
  await clock.tick("1s");
  assert.equal(value, "value");
  const { calls, successes, timeouts, lifetime } = breaker.counts;
  assert.deepEqual([calls, successes, timeouts, lifetime.timeouts], [1, 1, 0, 0]);
  assert.equal(given?.aborted, false);
  assert.equal(coreOf(breaker).inFlight, 0);
});

Deno.test("a call's own bad timeout is refused in words", async () => {
  const { breaker } = bench();
  await assert.rejects(breaker.do(() => "value", { timeout: 0 }), {
    name: "RangeError",
    message: 'Cannot call through breaker "b": "timeout" must be above 0, received 0',
  });
});

Deno.test("a permit that fails without an error asks no predicate", () => {
  const asked: unknown[] = [];
  const ask = (error: unknown): boolean => {
    asked.push(error);
    return false;
  };
  const { breaker } = bench({}, { isIgnored: ask, isFailure: ask });
  breaker.tryAcquire()?.failure();
  assert.deepEqual([asked, breaker.counts.failures], [[], 1]);
  breaker.tryAcquire()?.failure(boom);
  assert.deepEqual([asked, breaker.counts.failures], [[boom, boom], 1]);
});

Deno.test("R1: slow calls count in the totals, whether they succeed or fail, and whether they are probes", () => {
  const { breaker, clock } = bench({
    ...PROBED,
    slowCallThreshold: "100ms",
    successThreshold: 1,
  });
  const call = (how: "success" | "failure", tookMs: number): void => {
    const permit = breaker.tryAcquire();
    clock.advance(tookMs);
    permit?.[how]();
  };
  call("success", 101);
  call("success", 100);
  assert.equal(breaker.counts.lifetime.slow, 1);
  call("failure", 50);
  assert.equal(breaker.counts.lifetime.slow, 1);
  clock.advance("1s");
  call("success", 500);
  assert.equal(breaker.counts.lifetime.slow, 2);
  call("failure", 101);
  const { successes, failures, slow } = breaker.counts.lifetime;
  assert.deepEqual([successes, failures, slow], [3, 2, 3]);
});
