import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { fixedDelay } from "../../src/patterns/retry/backoff.ts";
import { createRetry } from "../../src/patterns/retry/retry.ts";
import {
  createRetryBudget,
  type RetryBudgetOptions,
} from "../../src/patterns/retry/retry_budget.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { Failing, retryBench } from "./retry_support.ts";

const AT_ONCE = fixedDelay(0, { maxAttempts: 2 });

function withdrawAll(budget: { tryWithdraw(): boolean }): number {
  let count = 0;
  while (budget.tryWithdraw()) count++;
  return count;
}

interface Case extends RetryBudgetOptions {
  readonly calls: number;
  readonly retries: number;
}

const CASES: readonly Case[] = [
  { calls: 0, retries: 100 }, // the defaults: 10 per second for 10s
  { calls: 100, retries: 120 },
  { calls: 0, retries: 0, minPerSecond: 0 },
  { calls: 4, retries: 0, minPerSecond: 0 },
  { calls: 5, retries: 1, minPerSecond: 0 },
  { calls: 100, retries: 29, minPerSecond: 0, ratio: 0.29 },
  { calls: 3, retries: 6, minPerSecond: 0, ratio: 2 },
  { calls: 100, retries: 5, minPerSecond: 1, ratio: 0, window: "5s" },
  { calls: 1, retries: 1, minPerSecond: 0.1, ratio: 0.5, window: "5s" },
  { calls: 100, retries: 0, minPerSecond: 0, ratio: 0 },
];

for (const { calls, retries, ...options } of CASES) {
  Deno.test(`a budget of ${JSON.stringify(options)} allows ${retries} retries for ${calls} calls`, () => {
    const budget = createRetryBudget({ ...options, clock: new ManualClock() });
    for (let i = 0; i < calls; i++) budget.deposit();
    assert.equal(budget.balance, retries);
    assert.equal(withdrawAll(budget), retries);
    assert.equal(budget.balance, 0);
  });
}

Deno.test("what a call has earned is forgotten after the window, and not before", () => {
  const clock = new ManualClock();
  const budget = createRetryBudget({ ratio: 1, minPerSecond: 0, clock });
  budget.deposit();
  clock.advance("9.999s");
  assert.equal(budget.balance, 1);
  clock.advance("1ms");
  assert.equal(budget.balance, 0);
});

Deno.test("what a retry has taken is given back after the window, and not before", () => {
  const clock = new ManualClock();
  const budget = createRetryBudget({ ratio: 0, minPerSecond: 1, clock });
  assert.equal(withdrawAll(budget), 10);
  clock.advance("9.999s");
  assert.equal(budget.balance, 0);
  clock.advance("1ms");
  assert.equal(budget.balance, 10);
});

for (const gap of ["11s", "19s", "100s", "1h"]) {
  Deno.test(`a budget that nobody used for ${gap} is as new`, () => {
    const clock = new ManualClock();
    const budget = createRetryBudget({ clock });
    for (let i = 0; i < 1_000; i++) budget.deposit();
    budget.tryWithdraw();
    clock.advance(gap);
    assert.equal(budget.balance, 100);
  });
}

Deno.test("a clock that goes back makes time stand still for the budget", () => {
  const clock = new ManualClock(60_000);
  const budget = createRetryBudget({ ratio: 1, minPerSecond: 0, clock });
  budget.deposit();
  clock.advance(-50_000);
  budget.deposit();
  assert.equal(budget.balance, 2);
});

Deno.test("an exhausted budget ends the call at once with its error, and says so", async () => {
  const budget = createRetryBudget({ ratio: 0, minPerSecond: 0, clock: new ManualClock() });
  const { retry, clock, reports, events } = retryBench(fixedDelay("1s"), { budget });
  const failing = new Failing();
  await assert.rejects(retry.do(failing.operation), (error) => error === failing.error);
  assert.deepEqual([failing.calls, clock.pendingTimers, events.length], [1, 0, 0]);
  assert.equal(reports[0]?.outcome, "budget-exhausted");
});

Deno.test("retries that share a budget draw on it together", async () => {
  const budget = createRetryBudget({ ratio: 0, minPerSecond: 0.3, clock: new ManualClock() });
  const failing = new Failing();
  for (const retry of [createRetry(AT_ONCE, { budget }), createRetry(AT_ONCE, { budget })]) {
    for (let i = 0; i < 5; i++) await assert.rejects(retry.do(failing.operation));
  }
  assert.equal(failing.calls, 10 + 3);
});

Deno.test("while everything fails, retries stay a share of the traffic", async () => {
  const budget = createRetryBudget({ minPerSecond: 0, clock: new ManualClock() });
  const retry = createRetry(fixedDelay(0, { maxAttempts: 10 }), { budget });
  const failing = new Failing();
  for (let i = 0; i < 1_000; i++) await assert.rejects(retry.do(failing.operation));
  assert.equal(failing.calls, 1_000 + 200);
});

for (const signal of [undefined, new AbortController().signal]) {
  Deno.test(`each call earns once, retried or not, ${signal ? "with" : "without"} a signal`, async () => {
    const budget = createRetryBudget({ ratio: 1, minPerSecond: 0, clock: new ManualClock() });
    const retry = createRetry(AT_ONCE, { budget });
    const options = signal && { signal };
    await retry.do(() => "value", options);
    await retry.do(() => "value", options);
    assert.equal(budget.balance, 2);
    await assert.rejects(retry.do(new Failing().operation, options));
    assert.equal(budget.balance, 2); // 1 earned, 1 taken
  });
}

Deno.test("an error that is not worth a retry takes nothing out of the budget", async () => {
  const budget = createRetryBudget({ ratio: 0, minPerSecond: 0.1, clock: new ManualClock() });
  const retry = createRetry(AT_ONCE, { budget });
  const errors = [new DOMException("stop", "AbortError"), { retryAfterMs: Infinity }];
  for (const error of errors) await assert.rejects(retry.do(new Failing(error).operation));
  assert.equal(budget.balance, 1);
});

Deno.test("a budget of one's own that throws is reported, and nothing is retried", async () => {
  const fail = (): never => {
    throw new Error("budget");
  };
  const { retry, logged } = retryBench(AT_ONCE, {
    budget: { deposit: fail, tryWithdraw: fail, balance: 0 },
  });
  const failing = new Failing();
  await assert.rejects(retry.do(failing.operation), (error) => error === failing.error);
  assert.deepEqual([failing.calls, logged], [1, [
    'Retry "retry": the budget failed, noting nothing',
    'Retry "retry": the budget failed, not retrying',
  ]]);
});

const BAD: readonly [RetryBudgetOptions, RegExp][] = [
  [{ ratio: -0.1 }, /"ratio"/],
  [{ ratio: Number.NaN }, /"ratio"/],
  [{ ratio: 1_001 }, /"ratio"/],
  [{ minPerSecond: -1 }, /"minPerSecond"/],
  [{ minPerSecond: Infinity }, /"minPerSecond"/],
  [{ window: 0 }, /"window"/],
  [{ window: "25h" }, /"window"/],
  [{ window: "long" }, /"window"/],
];

for (const [options, message] of BAD) {
  const shown = Object.entries(options).join();
  Deno.test(`a budget refuses ${shown}`, () => {
    assert.throws(
      () => createRetryBudget(options),
      (error) => error instanceof RangeError && message.test(error.message),
    );
  });
}

Deno.test("a budget refuses an unknown option", () => {
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => createRetryBudget({ percent: 20 }), /unknown option "percent"/);
});

interface Step {
  readonly afterMs: number;
  readonly isCall: boolean;
}

Deno.test("property: within any window a budget lets through at most the floor and the ratio, and no less", () => {
  const steps = fc.array(
    fc.record({
      afterMs: fc.oneof(fc.nat({ max: 400 }), fc.nat({ max: 3_000 })),
      isCall: fc.boolean(),
    }),
    { maxLength: 300, size: "max" },
  );
  const ratio = fc.double({ min: 0, max: 3, noNaN: true });
  const perSecond = fc.double({ min: 0, max: 5, noNaN: true });
  fc.assert(fc.property(steps, ratio, perSecond, (history, ratio, minPerSecond) => {
    const clock = new ManualClock();
    const budget = createRetryBudget({ ratio, minPerSecond, window: "1s", clock });
    assert.equal(budget.balance, Math.floor(minPerSecond + 1e-9)); // and its time starts at 0
    const done: { slice: number; isCall: boolean }[] = [];
    for (const { afterMs, isCall } of history) {
      clock.advance(afterMs);
      const slice = Math.floor(clock.now() / 100);
      const recent = done.filter((each) => each.slice > slice - 10);
      const calls = recent.filter((each) => each.isCall).length;
      const allowed = minPerSecond + ratio * calls - (recent.length - calls);
      if (isCall) budget.deposit();
      else assert.equal(budget.tryWithdraw(), allowed >= 1 - 1e-9);
      if (isCall || allowed >= 1 - 1e-9) done.push({ slice, isCall });
    }
  }));
});

Deno.test("property: over any time a budget lets through at most the ratio and one floor per window begun", () => {
  const step: fc.Arbitrary<Step> = fc.record({
    afterMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat({ max: 1_500 })),
    isCall: fc.boolean(),
  });
  const steps = fc.array(step, { maxLength: 300, size: "max" });
  fc.assert(fc.property(steps, fc.nat({ max: 20 }), (history, floor) => {
    const clock = new ManualClock();
    const budget = createRetryBudget({ ratio: 0.5, minPerSecond: floor, window: "1s", clock });
    let calls = 0;
    let retries = 0;
    for (const { afterMs, isCall } of history) {
      clock.advance(afterMs);
      if (isCall) {
        budget.deposit();
        calls++;
      } else if (budget.tryWithdraw()) retries++;
      // A window is a slice shorter where it begins in the middle of one.
      const windows = Math.floor(clock.now() / 900) + 1;
      assert(retries <= 0.5 * calls + floor * windows, `${retries} of ${calls} in ${windows}`);
    }
  }));
});
