import assert from "node:assert/strict";
import { createBreaker } from "../../src/breaker/create_breaker.ts";
import { BreakerOpenError } from "../../src/breaker/rejection.ts";
import type { CallBounds, Layer, LayerDescription } from "../../src/patterns/layer.ts";
import { exponentialBackoff, fixedDelay, fullJitter } from "../../src/patterns/retry/backoff.ts";
import { PermanentError } from "../../src/patterns/retry/permanent_error.ts";
import { createRetry } from "../../src/patterns/retry/retry.ts";
import { createRetryBudget } from "../../src/patterns/retry/retry_budget.ts";
import type { RetryOptions } from "../../src/patterns/retry/retry_options.ts";
import type { RetryPolicy } from "../../src/patterns/retry/retry_policy.ts";
import type { RetryShorthand } from "../../src/patterns/retry/retry_shorthand.ts";
import type { Clock } from "../../src/time/clock.ts";
import { CountedAbort, Failing, retryBench } from "./retry_support.ts";

const inner: CallBounds = { longestMs: 1_000, attempts: 1 };

interface Described {
  readonly policy: RetryPolicy | RetryShorthand;
  readonly options?: RetryOptions;
  readonly inner?: CallBounds;
  readonly is: LayerDescription;
}

const custom: RetryPolicy = { maxAttempts: 3, shouldRetry: () => true, delay: () => 5 };

const DESCRIBED: readonly Described[] = [
  {
    policy: { maxRetries: 0 },
    is: { text: "tries once", longestMs: 1_000, attempts: 1 },
  },
  {
    policy: exponentialBackoff({ maxAttempts: 4 }),
    options: { maxRetryAfter: null },
    is: {
      text: "tries up to 4 times, waiting at most 100ms at first and 400ms at last in between",
      longestMs: 4_000 + 700,
      attempts: 4,
    },
  },
  {
    policy: exponentialBackoff({ maxAttempts: 3, jitter: 0.5, maxDelay: "250ms" }),
    options: { maxRetryAfter: null },
    inner: { longestMs: 500, attempts: 2 },
    is: {
      text: "tries up to 3 times, waiting at most 150ms at first and 250ms at last in between",
      longestMs: 1_500 + 400,
      attempts: 6,
    },
  },
  {
    policy: fixedDelay("1s"),
    options: { maxRetryAfter: "5s" },
    is: {
      text:
        "tries up to 3 times, waiting at most 1s in between, or as long as a Retry-After of at most 5s asks",
      longestMs: 3_000 + 10_000,
      attempts: 3,
    },
  },
  {
    policy: fullJitter({ maxAttempts: 3, initialDelay: "1s" }),
    options: { maxRetryAfter: "1500ms" },
    is: {
      text:
        "tries up to 3 times, waiting at most 1s at first and 2s at last in between, or as long as a Retry-After of at most 1.5s asks",
      longestMs: 3_000 + 1_500 + 2_000,
      attempts: 3,
    },
  },
  {
    policy: fixedDelay(0),
    options: { maxRetryAfter: 0 },
    inner: { longestMs: Infinity, attempts: 1 },
    is: {
      text: "tries up to 3 times, waiting no time in between",
      longestMs: Infinity,
      attempts: 3,
    },
  },
  {
    policy: custom,
    options: { maxRetryAfter: null },
    is: {
      text: "tries up to 3 times, waiting as its policy says in between",
      longestMs: Infinity,
      attempts: 3,
    },
  },
  {
    policy: fixedDelay("1s", { maxAttempts: Infinity }),
    options: { maxRetryAfter: null },
    inner: { longestMs: 0, attempts: 1 },
    is: {
      text: "tries until its policy refuses, waiting at most 1s in between",
      longestMs: Infinity,
      attempts: Infinity,
    },
  },
  {
    policy: fixedDelay("1s", { maxAttempts: 1_000_001 }),
    options: { maxRetryAfter: null },
    inner: { longestMs: 0, attempts: 1 },
    is: {
      text: "tries up to 1000001 times, waiting at most 1s in between",
      longestMs: 1e9,
      attempts: 1_000_001,
    },
  },
];

for (const { policy, options, inner: bounds = inner, is } of DESCRIBED) {
  Deno.test(`describe: ${is.text}, ${is.attempts} attempts in ${is.longestMs} ms`, () => {
    assert.deepEqual(createRetry(policy, options).describe(bounds), is);
  });
}

Deno.test("retries tells what a first attempt's error would be followed by", () => {
  const rejection = new BreakerOpenError(
    { breaker: "b", state: "open", reason: "open" },
  );
  const always = fixedDelay(0, { shouldRetry: () => true });
  const table: [unknown, boolean[]][] = [
    [new Error("down"), [true, true, false]],
    [rejection, [false, true, false]],
    [new PermanentError("gone"), [false, false, false]],
  ];
  for (const [error, expected] of table) {
    const retries = [createRetry(), createRetry(always), createRetry({ maxRetries: 0 })];
    assert.deepEqual(retries.map((retry) => retry.retries(error)), expected);
  }
});

Deno.test("a retry has its name and its attempts", () => {
  const retry = createRetry({ maxRetries: 4 }, { name: "users" });
  assert.deepEqual([retry.name, retry.maxAttempts], ["users", 5]);
});

Deno.test("inside a breaker, all attempts of a call have one outcome", async () => {
  const breaker = createBreaker("b");
  const layer: Layer = createRetry(fixedDelay(0));
  const failing = new Failing();
  await assert.rejects(breaker.do((signal) => layer.do(failing.operation, signal && { signal })));
  assert.deepEqual([failing.calls, breaker.counts.failures], [3, 1]);
});

Deno.test("around a breaker, its rejection ends the call at once", async () => {
  const breaker = createBreaker("b", { failureThreshold: 2 });
  const { retry, reports } = retryBench(fixedDelay(0, { maxAttempts: 10 }));
  const failing = new Failing();
  await assert.rejects(retry.do(() => breaker.do(failing.operation)), BreakerOpenError);
  assert.deepEqual([failing.calls, breaker.counts.rejected, reports[0]?.outcome], [
    2,
    1,
    "not-retryable",
  ]);
});

/** A clock that must not be touched. */
const untouched: Clock = {
  now: () => assert.fail("the clock was read"),
  setTimeout: () => assert.fail("a timer was set"),
  clearTimeout: () => assert.fail("a timer was cleared"),
};

/** How many promises are derived by `then` while `body` runs. */
async function thens(body: () => Promise<unknown>): Promise<number> {
  const original = Promise.prototype.then;
  let count = 0;
  Promise.prototype.then = new Proxy(original, {
    apply(target, promise, given): unknown {
      count++;
      return Reflect.apply(target, promise, given);
    },
  });
  try {
    await body(); // `await` on a native promise calls no `then`
    return count;
  } finally {
    Promise.prototype.then = original;
  }
}

Deno.test("a first attempt that succeeds costs one promise, no timer and no look at the clock", async () => {
  const retry = createRetry({}, { clock: untouched });
  assert.equal(await thens(() => retry.do(() => Promise.resolve("value"))), 1);
});

Deno.test("with a budget it costs one look at the budget's clock, and no timer", async () => {
  let reads = 0;
  const clock: Clock = { ...untouched, now: () => reads++ };
  const retry = createRetry({}, { budget: createRetryBudget({ clock }), clock: untouched });
  await retry.do(() => Promise.resolve("value"));
  assert.equal(reads, 1);
});

Deno.test("with a signal it costs one listener, which is gone afterwards", async () => {
  const caller = new CountedAbort();
  const retry = createRetry({}, { clock: untouched });
  const during: number[] = [];
  await retry.do(() => during.push(caller.listeners), { signal: caller.signal });
  assert.deepEqual([during, caller.listeners], [[1], 0]);
});
