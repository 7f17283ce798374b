import assert from "node:assert/strict";
import { BreakerTimeoutError, createBreaker } from "../../mod.ts";
import {
  createTimeout,
  type TimeoutMode,
  withTimeout,
} from "../../src/patterns/timeout/timeout.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { Deferred } from "../support/deferred_operation.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";
import { CountedCaller, look, rejectsWith } from "./caller_support.ts";

const BOOM = new Error("boom");
const REASON = new Error("the caller left");
const MODES: readonly TimeoutMode[] = ["hard", "cooperative"];

for (const mode of MODES) {
  Deno.test(`${mode}: a call settles as an operation that is in time`, async () => {
    const clock = new ManualClock();
    const timeout = createTimeout("1s", { mode, clock });
    assert.equal(await timeout.do(() => Promise.resolve("value")), "value");
    assert.equal(await timeout.do(() => "plain"), "plain");
    await rejectsWith(timeout.do(() => Promise.reject(BOOM)), BOOM);
    const throwing = (): never => {
      throw BOOM;
    };
    await rejectsWith(timeout.do(throwing), BOOM);
    assert.equal(clock.pendingTimers, 0);
  });

  Deno.test(`${mode}: the operation's signal is aborted at exactly the deadline, with the error`, async () => {
    const clock = new ManualClock();
    const operation = new Deferred();
    const call = createTimeout("1s", { mode, name: "users", clock }).do(operation.operation);
    await clock.tick(999);
    assert.equal(operation.signal?.aborted, false);
    clock.advance(1);
    const error: unknown = operation.signal?.reason;
    assert(error instanceof BreakerTimeoutError);
    const { code, breaker, timeoutMs, message } = error;
    assert.deepEqual({ code, breaker, timeoutMs, message }, {
      code: "BREAKER_TIMEOUT",
      breaker: "users",
      timeoutMs: 1_000,
      message: 'Call through timeout "users" took longer than 1000 ms',
    });
    operation.reject(error);
    await rejectsWith(call, error);
  });

  Deno.test(`${mode}: the caller's abort rejects at once with its reason, even if the operation hangs`, async () => {
    const clock = new ManualClock();
    const caller = new CountedCaller();
    const operation = new Deferred();
    const call = createTimeout("1s", { mode, clock }).do(operation.operation, caller);
    caller.abort(REASON);
    assert.equal(operation.signal?.reason, REASON);
    assert.deepEqual(await look(call), { error: REASON });
    assert.deepEqual([clock.pendingTimers, caller.listeners], [0, 0]);
  });

  Deno.test(`${mode}: an operation that settled before the caller's abort keeps its outcome`, async () => {
    for (const how of ["resolve", "reject"] as const) {
      const caller = new CountedCaller();
      const operation = new Deferred<unknown>();
      const timeout = createTimeout("1s", { mode, clock: new ManualClock() });
      const call = timeout.do(operation.operation, caller);
      operation[how](BOOM);
      caller.abort(REASON);
      const expected = how === "resolve" ? { value: BOOM } : { error: BOOM };
      assert.deepEqual(await look(call), expected);
    }
  });

  Deno.test(`${mode}: an operation that fails as the abort reaches it leaves the caller its reason`, async () => {
    const caller = new CountedCaller();
    const timeout = createTimeout("1s", { mode, clock: new ManualClock() });
    const call = timeout.do((signal) => {
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(BOOM)));
    }, caller);
    caller.abort(REASON);
    assert.deepEqual(await look(call), { error: REASON });
  });

  Deno.test(`${mode}: with a signal that is aborted already the operation is not run`, async () => {
    const operation = new Deferred();
    const clock = new ManualClock();
    const call = createTimeout("1s", { mode, clock }).do(operation.operation, {
      signal: AbortSignal.abort(REASON),
    });
    await rejectsWith(call, REASON);
    assert.deepEqual([operation.calls, clock.pendingTimers], [0, 0]);
  });

  Deno.test(`${mode}: an operation that aborts its own caller and throws leaves the reason`, async () => {
    const caller = new CountedCaller();
    const clock = new ManualClock();
    const call = createTimeout("1s", { mode, clock }).do(() => {
      caller.abort(REASON);
      throw BOOM;
    }, caller);
    assert.deepEqual(await look(call), { error: REASON });
    assert.deepEqual([clock.pendingTimers, caller.listeners], [0, 0]);
  });

  Deno.test(`${mode}: timer and listener are gone as soon as the call settles`, async () => {
    const endings: Record<string, (operation: Deferred, caller: CountedCaller) => void> = {
      resolves: (operation) => operation.resolve("value"),
      rejects: (operation) => operation.reject(BOOM),
      "is cancelled": (_, caller) => caller.abort(REASON),
    };
    for (const [ending, end] of Object.entries(endings)) {
      const clock = new ManualClock();
      const caller = new CountedCaller();
      const operation = new Deferred();
      const call = createTimeout("1s", { mode, clock }).do(operation.operation, caller);
      assert.deepEqual([clock.pendingTimers, caller.listeners], [1, 1], ending);
      end(operation, caller);
      await look(call);
      assert.deepEqual([clock.pendingTimers, caller.listeners], [0, 0], ending);
    }
  });

  Deno.test(`${mode}: a failure that nobody awaits raises unhandledrejection, once`, async () => {
    const caller = new CountedCaller();
    const timeout = createTimeout("1s", { mode, clock: new ManualClock() });
    const unhandled = await unhandledDuring(() => {
      timeout.do(() => Promise.reject(BOOM), caller);
    });
    assert.deepEqual(unhandled, [BOOM]);
  });

  Deno.test(`${mode}: 100,000 aborted calls leave no timer and no listener`, async () => {
    const clock = new ManualClock();
    const timeout = createTimeout("1h", { mode, clock });
    const hung = (): Promise<never> => new Promise(() => {});
    let left = 0;
    const caller = new CountedCaller();
    for (let i = 0; i < 100_000; i++) timeout.do(hung, caller).catch(() => left++);
    assert.deepEqual([clock.pendingTimers, caller.listeners], [1, 1]);
    caller.abort(REASON);
    await look(Promise.resolve());
    assert.deepEqual([clock.pendingTimers, caller.listeners], [0, 0]);
    assert.equal(left, 100_000);
  });
}

Deno.test("hard: the call rejects at the deadline, even if the operation ignores its signal", async () => {
  const clock = new ManualClock();
  const caller = new CountedCaller();
  const operation = new Deferred();
  const call = createTimeout("1s", { clock }).do(operation.operation, caller);
  clock.advance("1s");
  assert.deepEqual(await look(call), { error: operation.signal?.reason });
  assert.equal(caller.listeners, 0);
});

Deno.test("hard: what the operation settles with after the deadline is swallowed", async () => {
  for (const how of ["resolve", "reject"] as const) {
    const clock = new ManualClock();
    const operation = new Deferred<unknown>();
    const unhandled = await unhandledDuring(async () => {
      const call = createTimeout("1s", { clock }).do(operation.operation);
      const rejected = assert.rejects(call, BreakerTimeoutError);
      await clock.tick("1s");
      operation[how](BOOM);
      await rejected;
    });
    assert.deepEqual(unhandled, []);
  }
});

Deno.test("hard: what the operation does on its abort cannot take the deadline's place", async () => {
  const clock = new ManualClock();
  const call = createTimeout("1s", { clock }).do((signal) => {
    return new Promise((resolve) => signal?.addEventListener("abort", () => resolve("late")));
  });
  const rejected = assert.rejects(call, BreakerTimeoutError);
  await clock.tick("1s");
  await rejected;
});

Deno.test("cooperative: the call settles as the operation does, however late", async () => {
  for (const how of ["resolve", "reject"] as const) {
    const clock = new ManualClock();
    const operation = new Deferred<unknown>();
    const call = createTimeout("1s", { mode: "cooperative", clock }).do(operation.operation);
    await clock.tick("1h");
    assert.equal(operation.signal?.aborted, true);
    assert.equal(await look(call), "pending");
    operation[how](BOOM);
    const expected = how === "resolve" ? { value: BOOM } : { error: BOOM };
    assert.deepEqual(await look(call), expected);
  }
});

Deno.test("cooperative: the caller's abort rejects at once after the deadline, too", async () => {
  const clock = new ManualClock();
  const caller = new CountedCaller();
  const timeout = createTimeout("1s", { mode: "cooperative", clock });
  const call = timeout.do(new Deferred().operation, caller);
  await clock.tick("2s");
  caller.abort(REASON);
  assert.deepEqual(await look(call), { error: REASON });
  assert.equal(caller.listeners, 0);
});

Deno.test("a changed limit holds for calls from then on, and a bad one leaves the old", async () => {
  const clock = new ManualClock();
  const timeout = createTimeout("1s", { clock });
  const before = timeout.do(new Deferred().operation);
  timeout.setLimit("5s");
  assert.throws(() => timeout.setLimit(0), RangeError);
  const after = timeout.do(new Deferred().operation);
  clock.advance("1s");
  assert.notEqual(await look(before), "pending");
  assert.equal(await look(after), "pending");
  clock.advance("4s");
  assert.notEqual(await look(after), "pending");
  assert.equal(timeout.limitMs, 5_000);
});

Deno.test("a timeout without a name reads well in its error", async () => {
  const clock = new ManualClock();
  const call = createTimeout(5, { clock }).do(new Deferred().operation);
  clock.advance(5);
  await assert.rejects(call, { breaker: "timeout", message: "Call took longer than 5 ms" });
});

Deno.test("a breaker counts a timeout's error as a timeout, and its own message is as it was", async () => {
  const clock = new ManualClock();
  const breaker = createBreaker("b", { timeout: "5s" }, { clock });
  const timeout = createTimeout("1s", { clock });
  const inner = breaker.do(() => timeout.do(new Deferred().operation));
  const outer = breaker.do(new Deferred().operation);
  const ended = assert.rejects(inner, BreakerTimeoutError);
  const limited = assert.rejects(outer, {
    message: 'Call through breaker "b" took longer than 5000 ms',
  });
  await clock.tick("5s");
  await ended;
  await limited;
  const { failures, timeouts } = breaker.counts;
  assert.deepEqual([failures, timeouts], [2, 2]);
});

Deno.test("the shorter of two nested timeouts ends the call", async () => {
  for (const [outerMs, innerMs] of [[10, 20], [20, 10]] as const) {
    const clock = new ManualClock();
    const inner = createTimeout(innerMs, { clock });
    const outer = createTimeout(outerMs, { clock });
    const call = outer.do((signal) => inner.do(new Deferred().operation, signal && { signal }));
    const rejected = assert.rejects(call, { timeoutMs: 10 });
    await clock.tick(10);
    await rejected;
    assert.equal(clock.pendingTimers, 0);
  }
});

Deno.test("withTimeout limits one call, and hands on the caller's signal", async () => {
  const clock = new ManualClock();
  const caller = new CountedCaller();
  const { signal } = caller;
  const late = withTimeout(new Deferred().operation, "1s", { clock, name: "one" });
  const cancelled = withTimeout(new Deferred().operation, "1s", { clock, signal });
  caller.abort(REASON);
  assert.deepEqual(await look(cancelled), { error: REASON });
  clock.advance("1s");
  await assert.rejects(late, { breaker: "one" });
  assert.equal(await withTimeout(() => 42, "1s"), 42);
});

Deno.test("withTimeout refuses bad arguments by a rejection, before the operation runs", async () => {
  const operation = new Deferred();
  await assert.rejects(withTimeout(operation.operation, -1), RangeError);
  await assert.rejects(
    withTimeout(operation.operation, 1, { name: "x", ...{ mood: 1 } }),
    TypeError,
  );
  assert.equal(operation.calls, 0);
});

Deno.test("do refuses what is no function, and what is no signal, by a rejection that leaves nothing", async () => {
  const clock = new ManualClock();
  const timeout = createTimeout("1s", { clock });
  // @ts-expect-error -- a caller in JavaScript can do this
  await assert.rejects(timeout.do("fetch"), TypeError);
  // @ts-expect-error -- a caller in JavaScript can do this
  await assert.rejects(timeout.do(() => 1, { signal: {} }), TypeError);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("a clock that cannot set timers rejects the call and leaves no listener", async () => {
  const clock = new ManualClock();
  clock.setTimeout = () => {
    throw BOOM;
  };
  const caller = new CountedCaller();
  await rejectsWith(createTimeout("1s", { clock }).do(() => 1, caller), BOOM);
  assert.equal(caller.listeners, 0);
});

const REFUSED: readonly (readonly [limit: unknown, options: unknown, message: RegExp])[] = [
  [0, {}, /^RangeError: Cannot create timeout: "limit" must be a duration above 0 ms, received 0$/],
  [-1, { name: "t" }, /^RangeError: Cannot create timeout "t": "limit" .* received -1$/],
  [Number.NaN, {}, /^RangeError: .*"limit"/],
  ["soon", {}, /^RangeError: .*"limit".*received "soon"/],
  [undefined, {}, /^TypeError: .*"limit"/],
  [1, { mode: "soft" }, /^TypeError: .*"mode" must be one of hard, cooperative, received "soft"/],
  [1, { nam: "t" }, /^TypeError: .*unknown option "nam"; did you mean "name"\?/],
  [1, { name: 7 }, /^TypeError: .*"name" must be a text, received 7/],
  [1, null, /^TypeError: .*options must be an object, received null/],
];

for (const [limit, options, message] of REFUSED) {
  Deno.test(`createTimeout refuses ${String(limit)} with ${JSON.stringify(options)}`, () => {
    // @ts-expect-error -- a caller in JavaScript can do this
    assert.throws(() => createTimeout(limit, options), message);
  });
}

Deno.test("a hard limit caps the longest duration, a cooperative one does not", () => {
  const inner = { longestMs: 60_000, attempts: 3 };
  assert.deepEqual(createTimeout("2s").describe(inner), {
    text: "gives up after 2s",
    longestMs: 2_000,
    attempts: 3,
  });
  assert.equal(createTimeout("2m").describe(inner).longestMs, 60_000);
  assert.deepEqual(createTimeout("2s", { mode: "cooperative" }).describe(inner), {
    text: "asks the operation to stop after 2s",
    longestMs: 60_000,
    attempts: 3,
  });
});
