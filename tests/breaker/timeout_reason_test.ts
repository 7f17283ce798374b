/** R2: a caller whose signal is aborted because its time was over. */
import assert from "node:assert/strict";
import { BreakerTimeoutError, type Policy } from "../../mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";

const hang = (): Promise<never> => new Promise(() => {});
const late = (): DOMException => new DOMException("late", "TimeoutError");

const TIMEOUTS: readonly (readonly [what: string, reason: unknown])[] = [
  ["a TimeoutError", late()],
  ["an object of another realm by that name", { name: "TimeoutError" }],
  ["the error of a time limit around the breaker", new BreakerTimeoutError("outer", 5)],
];

for (const [what, reason] of TIMEOUTS) {
  Deno.test(`R2: an abort by ${what} is a timeout, and rejects with it, without a fallback`, async () => {
    const { breaker, reports } = bench();
    const caller = new AbortController();
    const call = breaker.do(hang, { signal: caller.signal, fallback: () => "fallback" });
    caller.abort(reason);
    await assert.rejects(call, (error) => error === reason);
    assert.deepEqual(reports, []);
    const { failures, timeouts } = breaker.counts;
    assert.deepEqual([failures, timeouts], [1, 1]);
  });
}

Deno.test("R2: a reason that cannot be looked at has no name, and is ignored", async () => {
  const { breaker } = bench();
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const caller = new AbortController();
  const call = breaker.do(hang, { signal: caller.signal });
  caller.abort(proxy);
  await call.catch(() => {});
  assert.equal(breaker.counts.lifetime.ignored, 1);
});

Deno.test("R2: isIgnored is asked first, with the time that the call had when its signal was aborted", async () => {
  const asked: unknown[] = [];
  const { breaker, clock } = bench({}, {
    isIgnored: (error, aborted) => {
      asked.push(error, aborted);
      return (aborted?.elapsedMs ?? Infinity) < 50;
    },
    isFailure: () => assert.fail("asked about a reason"),
  });
  const reason = late();
  for (const elapsedMs of [49, 50]) {
    const caller = new AbortController();
    const call = breaker.do(hang, { signal: caller.signal });
    clock.advance(elapsedMs);
    caller.abort(reason);
    clock.advance(1_000); // between the abort and the turn in which the call ends
    await assert.rejects(call);
  }
  assert.deepEqual(asked, [reason, { elapsedMs: 49 }, reason, { elapsedMs: 50 }]);
  const { timeouts, lifetime } = breaker.counts;
  assert.deepEqual([timeouts, lifetime.ignored], [1, 1]);
});

Deno.test("R2: isIgnored is told of no abort where the operation itself fails", async () => {
  const asked: unknown[] = [];
  const { breaker } = bench({}, {
    isIgnored: (_error, aborted) => {
      asked.push(aborted);
      return false;
    },
  });
  await assert.rejects(breaker.do(() => Promise.reject(late())));
  assert.deepEqual(asked, [undefined]);
  const { failures, timeouts } = breaker.counts;
  assert.deepEqual([failures, timeouts], [1, 0]);
});

Deno.test("R2: an operation that fails with an AbortError after the caller's time was over is a timeout", async () => {
  const { breaker } = bench();
  const caller = new AbortController();
  const call = breaker.do((signal) =>
    new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
    }), { signal: caller.signal });
  const reason = late();
  caller.abort(reason);
  await assert.rejects(call, (error) => error === reason);
  assert.equal(breaker.counts.timeouts, 1);
});

Deno.test("R2: a signal whose time is over before the call runs nothing and counts nothing", async () => {
  const { breaker } = bench();
  const call = breaker.do(() => assert.fail("it ran"), { signal: AbortSignal.abort(late()) });
  await assert.rejects(call, { name: "TimeoutError" });
  const { calls, lifetime } = breaker.counts;
  assert.deepEqual([calls, lifetime.ignored], [0, 0]);
});

Deno.test("R2: a signal that a listener aborts before the operation began counts for nothing, whatever the reason", async () => {
  const policy: Policy = { failureThreshold: 1, openStateTimeout: "1s" };
  const { breaker, clock } = bench(policy);
  fail(breaker);
  clock.advance("1s");
  const caller = new AbortController();
  breaker.on("stateChange", ({ to }) => to === "half-open" && caller.abort(late()));
  const call = breaker.do(() => assert.fail("it ran"), { signal: caller.signal });
  await assert.rejects(call, { name: "TimeoutError" });
  assert.equal(breaker.state, "half-open");
  assert.equal(breaker.counts.lifetime.ignored, 1);
});

Deno.test("R2: a probe that the caller's time limit ends has failed", async () => {
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "1s" });
  fail(breaker);
  clock.advance("1s");
  const caller = new AbortController();
  const call = breaker.do(hang, { signal: caller.signal });
  caller.abort(late());
  await assert.rejects(call);
  assert.equal(breaker.state, "open");
});

Deno.test("R2: an isIgnored that fails over a reason is reported, and the timeout stands", async () => {
  const { breaker, reports } = bench({}, {
    isIgnored: () => {
      throw new Error("broken");
    },
  });
  const caller = new AbortController();
  const call = breaker.do(hang, { signal: caller.signal });
  caller.abort(late());
  await assert.rejects(call);
  assert.equal(breaker.counts.timeouts, 1);
  assert.deepEqual(reports, ['Breaker "b": isIgnored failed, the default stands']);
});
