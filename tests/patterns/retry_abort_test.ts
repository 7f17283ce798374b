import assert from "node:assert/strict";
import { fixedDelay } from "../../src/patterns/retry/backoff.ts";
import { createRetry } from "../../src/patterns/retry/retry.ts";
import { Deferred } from "../support/deferred_operation.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";
import { CountedAbort, Failing, retryBench, watch } from "./retry_support.ts";

const reason = new Error("the caller has gone");
const boom = new Error("boom");

Deno.test("a signal that is aborted already: the operation is not run", async () => {
  const { retry, reports } = retryBench();
  const failing = new Failing();
  const call = retry.do(failing.operation, { signal: AbortSignal.abort(reason) });
  await assert.rejects(call, (error) => error === reason);
  assert.equal(failing.calls, 0);
  assert.deepEqual([reports[0]?.attempts, reports[0]?.outcome], [0, "cancelled"]);
});

Deno.test("an abort while waiting rejects at once with the reason, and no attempt follows", async () => {
  const { retry, clock } = retryBench(fixedDelay("1s"));
  const caller = new CountedAbort();
  const failing = new Failing();
  const call = watch(retry.do(failing.operation, { signal: caller.signal }));
  await clock.tick("500ms");
  caller.abort(reason);
  assert.equal(clock.pendingTimers, 0);
  await clock.tick();
  assert.equal(call.error, reason);
  await clock.tick("1h");
  assert.deepEqual([failing.calls, caller.listeners], [1, 0]);
});

Deno.test("an abort during an attempt rejects at once, even if the operation ignores it", async () => {
  const { retry, clock } = retryBench();
  const caller = new CountedAbort();
  const hung = new Deferred();
  const call = watch(retry.do(hung.operation, { signal: caller.signal }));
  caller.abort(reason);
  await clock.tick();
  assert.deepEqual([call.error, caller.listeners], [reason, 0]);
});

for (const late of ["resolve", "reject"] as const) {
  Deno.test(`an attempt that settles after the abort (${late}) does nothing`, async () => {
    const { retry, clock, reports } = retryBench();
    const caller = new AbortController();
    const hung = new Deferred<unknown>();
    const call = watch(retry.do(hung.operation, { signal: caller.signal }));
    caller.abort(reason);
    await clock.tick();
    const unhandled = await unhandledDuring(() => hung[late](boom));
    await clock.tick("1h");
    assert.deepEqual([unhandled, hung.calls, call.error, reports.length], [[], 1, reason, 1]);
  });
}

Deno.test("an attempt that succeeded before the abort is the call's result", async () => {
  const { retry, clock } = retryBench();
  const caller = new AbortController();
  const operation = new Deferred();
  const call = watch(retry.do(operation.operation, { signal: caller.signal }));
  operation.resolve("value");
  caller.abort(reason);
  await clock.tick();
  assert.equal(call.value, "value");
});

Deno.test("the last attempt that failed before the abort keeps its error", async () => {
  const { retry, clock } = retryBench({ maxRetries: 0 });
  const caller = new AbortController();
  const operation = new Deferred();
  const call = watch(retry.do(operation.operation, { signal: caller.signal }));
  operation.reject(boom);
  caller.abort(reason);
  await clock.tick();
  assert.equal(call.error, boom);
});

Deno.test("an attempt that failed before the abort and would be followed by another ends with the reason", async () => {
  const { retry, clock, events } = retryBench({ maxRetries: 1 });
  const caller = new AbortController();
  const operation = new Deferred();
  const call = watch(retry.do(operation.operation, { signal: caller.signal }));
  operation.reject(boom);
  caller.abort(reason);
  await clock.tick();
  assert.deepEqual([call.error, operation.calls, events], [reason, 1, []]);
});

const CANCELLATIONS: Record<string, unknown> = {
  "the signal's reason": reason,
  "an AbortError": new DOMException("The operation was aborted", "AbortError"),
};

for (const [what, error] of Object.entries(CANCELLATIONS)) {
  Deno.test(`an operation that the abort ends with ${what} is a cancellation, not a failure`, async () => {
    const { retry, clock, reports } = retryBench({ maxRetries: 0 });
    const caller = new AbortController();
    const operation = new Deferred();
    // Hears of the abort before the retry does.
    caller.signal.addEventListener("abort", () => operation.reject(error));
    const call = watch(retry.do(operation.operation, { signal: caller.signal }));
    caller.abort(reason);
    await clock.tick();
    assert.deepEqual([call.error, reports[0]?.outcome], [reason, "cancelled"]);
  });
}

const ABORTING: Record<string, (abort: () => void) => Parameters<typeof retryBench>> = {
  "onRetry": (abort) => [fixedDelay(10), { onRetry: abort }],
  "onRetry before no wait at all": (abort) => [fixedDelay(0), { onRetry: abort }],
  "shouldRetry": (abort) => [
    fixedDelay(10, {
      shouldRetry: () => {
        abort();
        return true;
      },
    }),
  ],
  "delay": (abort) => [{
    shouldRetry: () => true,
    delay: () => {
      abort();
      return 10;
    },
  }],
};

for (const [what, settings] of Object.entries(ABORTING)) {
  Deno.test(`an abort from within ${what} is obeyed: no attempt follows, nothing is left`, async () => {
    const caller = new CountedAbort();
    const { retry, clock } = retryBench(...settings(() => caller.abort(reason)));
    const failing = new Failing();
    const call = watch(retry.do(failing.operation, { signal: caller.signal }));
    await clock.tick("1s");
    assert.deepEqual([call.error, failing.calls], [reason, 1]);
    assert.deepEqual([clock.pendingTimers, caller.listeners], [0, 0]);
  });
}

Deno.test("an operation that aborts the caller's signal itself and throws ends with the reason", async () => {
  const { retry, clock } = retryBench();
  const caller = new AbortController();
  let calls = 0;
  const call = watch(retry.do(() => {
    calls++;
    caller.abort(reason);
    throw boom;
  }, { signal: caller.signal }));
  await clock.tick("1h");
  assert.deepEqual([call.error, calls], [reason, 1]);
});

Deno.test("no attempt follows an abort whose event never reached the retry", async () => {
  const { retry, clock } = retryBench(fixedDelay(10));
  const caller = new AbortController();
  caller.signal.addEventListener("abort", (event) => event.stopImmediatePropagation());
  const failing = new Failing();
  const call = watch(retry.do(failing.operation, { signal: caller.signal }));
  await clock.tick();
  caller.abort(reason);
  await clock.tick(10);
  assert.deepEqual([call.error, failing.calls], [reason, 1]);
});

Deno.test("each attempt is given the caller's own signal, or undefined if there is none", async () => {
  const retry = createRetry(fixedDelay(0, { maxAttempts: 2 }));
  const { signal } = new AbortController();
  for (const options of [undefined, { signal }]) {
    const given: unknown[] = [];
    const call = retry.do((signal) => {
      given.push(signal);
      throw boom;
    }, options);
    await assert.rejects(call, boom);
    assert.deepEqual(given, [options?.signal, options?.signal]);
  }
});

Deno.test("a signal that is none rejects the call, and the operation is not run", async () => {
  const { retry } = retryBench();
  const failing = new Failing();
  // @ts-expect-error -- a caller in JavaScript can do this
  await assert.rejects(retry.do(failing.operation, { signal: {} }), TypeError);
  assert.equal(failing.calls, 0);
});

Deno.test("no listener and no timer is left, however a call ends", async () => {
  const caller = new CountedAbort();
  const { retry, clock } = retryBench(fixedDelay(10, { maxAttempts: 2 }));
  const { signal } = caller;
  const calls = [
    retry.do(() => "value", { signal }),
    retry.do(() => Promise.reject(boom), { signal }),
    retry.do(() => {
      throw boom;
    }, { signal }),
  ].map(watch);
  await clock.tick(10);
  assert.deepEqual(calls.map(({ settled }) => settled), [true, true, true]);
  assert.deepEqual([caller.listeners, clock.pendingTimers], [0, 0]);
});

Deno.test("100,000 aborted waits leave no listener and no timer behind", async () => {
  const { retry, clock } = retryBench(fixedDelay("1h"), { onRetry: () => {}, onReport: () => {} });
  const failing = new Failing();
  let rejected = 0;
  const caller = new CountedAbort();
  for (let i = 0; i < 100_000; i++) {
    retry.do(failing.operation, caller).catch((error) => {
      if (error === reason) rejected++;
    });
  }
  await clock.tick();
  assert.deepEqual([clock.pendingTimers, caller.listeners], [100_000, 1]);
  caller.abort(reason);
  await clock.tick();
  assert.deepEqual([clock.pendingTimers, caller.listeners, rejected], [0, 0, 100_000]);
  assert.equal(failing.calls, 100_000);
});
