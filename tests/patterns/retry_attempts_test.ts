import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import {
  decorrelatedJitter,
  exponentialBackoff,
  fixedDelay,
} from "../../src/patterns/retry/backoff.ts";
import { PermanentError } from "../../src/patterns/retry/permanent_error.ts";
import { createRetry, retry } from "../../src/patterns/retry/retry.ts";
import type { RetryPolicy } from "../../src/patterns/retry/retry_policy.ts";
import type { RetryShorthand } from "../../src/patterns/retry/retry_shorthand.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";
import { Failing, Flaky, retryBench, watch } from "./retry_support.ts";

const boom = new Error("boom");

Deno.test("an attempt that succeeds ends the call with its value", async () => {
  const { retry, clock } = retryBench(fixedDelay(100));
  const flaky = new Flaky(boom, boom);
  const call = watch(retry.do(flaky.operation));
  await clock.tick("1s");
  assert.deepEqual([call.value, flaky.calls, clock.pendingTimers], ["value", 3, 0]);
});

Deno.test("the last error is thrown as it was, with nothing written to it", async () => {
  const { retry, clock } = retryBench(fixedDelay(100));
  const errors = [1, 2, 3].map((n) => Object.freeze(new Error(`attempt ${n}`)));
  const flaky = new Flaky(...errors);
  const call = watch(retry.do(flaky.operation));
  await clock.tick("1s");
  assert.equal(call.error, errors[2]);
  assert.deepEqual(Reflect.ownKeys(errors[2] ?? {}).toSorted(), ["message", "stack"]);
});

Deno.test("each wait lasts as long as the policy says, to the millisecond", async () => {
  const { retry, clock } = retryBench(exponentialBackoff({ maxAttempts: 4 }));
  const failing = new Failing();
  const call = watch(retry.do(failing.operation));
  const seen: [ms: number, calls: number][] = [];
  for (const step of [0, 99, 1, 199, 1, 399, 1]) {
    await clock.tick(step);
    seen.push([clock.now(), failing.calls]);
  }
  assert.deepEqual(seen, [[0, 1], [99, 1], [100, 2], [299, 2], [300, 3], [699, 3], [700, 4]]);
  assert.equal(call.settled, true);
});

Deno.test("the first attempt is made synchronously", () => {
  let calls = 0;
  createRetry().do(() => ++calls);
  assert.equal(calls, 1);
});

const THROWN: readonly unknown[] = [undefined, null, "text", 0, Symbol("s"), () => boom];

for (const thrown of THROWN) {
  Deno.test(`what is thrown may be anything: ${String(thrown)}`, async () => {
    const { retry, clock } = retryBench(fixedDelay(1, { maxAttempts: 2 }));
    const flaky = new Flaky(thrown, thrown);
    const call = watch(retry.do(flaky.operation));
    await clock.tick(1);
    assert.deepEqual([call.settled, call.error, flaky.calls], [true, thrown, 2]);
  });
}

Deno.test("an operation that throws synchronously is tried again, also in vain 10,000 times", async () => {
  const { retry, clock } = retryBench(fixedDelay(0, { maxAttempts: 10_000 }));
  let calls = 0;
  const call = watch(retry.do(() => {
    calls++;
    throw boom;
  }));
  await clock.tick();
  assert.deepEqual([calls, call.error], [10_000, boom]);
});

Deno.test("a plain value and a thenable are results, and a lazy thenable's then is called once", async () => {
  const { retry } = retryBench();
  let thens = 0;
  const lazy: PromiseLike<string> = {
    then: (resolve) => {
      thens++;
      return Promise.resolve("lazy").then(resolve);
    },
  };
  assert.deepEqual([await retry.do(() => 42), await retry.do(() => lazy), thens], [42, "lazy", 1]);
});

/** Has no species of its own, so that its inherited `then` throws. */
class Refusing extends Promise<string> {
  constructor() {
    super(() => {});
  }
}

for (const signal of [undefined, new AbortController().signal]) {
  const how = signal === undefined ? "without a signal" : "with a signal";
  Deno.test(`a promise that throws in then is a failed attempt, ${how}`, async () => {
    const retry = createRetry(fixedDelay(0, { maxAttempts: 2 }));
    let calls = 0;
    const refuse = (): Promise<string> => {
      calls++;
      return new Refusing();
    };
    await assert.rejects(retry.do(refuse, signal && { signal }), TypeError);
    assert.equal(calls, 2);
  });

  Deno.test(`a failure that nobody awaits raises unhandledrejection once, ${how}`, async () => {
    const retry = createRetry(fixedDelay(0, { maxAttempts: 3 }));
    const unhandled = await unhandledDuring(() => {
      retry.do(() => Promise.reject(boom), signal && { signal });
    });
    assert.deepEqual(unhandled, [boom]);
  });

  Deno.test(`a failure that somebody awaits raises none, ${how}`, async () => {
    const retry = createRetry(fixedDelay(0, { maxAttempts: 3 }));
    const unhandled = await unhandledDuring(() =>
      assert.rejects(retry.do(() => Promise.reject(boom), signal && { signal }))
    );
    assert.deepEqual(unhandled, []);
  });
}

Deno.test("what is no function is refused, and not tried again", async () => {
  const { retry, events } = retryBench(fixedDelay(0));
  // @ts-expect-error -- a caller in JavaScript can do this
  await assert.rejects(retry.do("fetch"), /must be a function, received "fetch"/);
  assert.deepEqual(events, []);
});

Deno.test("shouldRetry is given error and number of the attempt, and ends the call", async () => {
  const asked: unknown[] = [];
  const { retry, reports } = retryBench({
    delay: () => 0,
    shouldRetry: (error, attempt) => {
      asked.push([error, attempt]);
      return attempt < 3;
    },
  });
  await assert.rejects(retry.do(new Failing(boom).operation), boom);
  assert.deepEqual(asked, [[boom, 1], [boom, 2], [boom, 3]]);
  assert.deepEqual(reports.map(({ outcome }) => outcome), ["not-retryable"]);
});

Deno.test("shouldRetry is not asked after the last attempt", async () => {
  let asked = 0;
  const { retry } = retryBench(fixedDelay(0, { maxAttempts: 2, shouldRetry: () => ++asked > 0 }));
  await assert.rejects(retry.do(new Failing(boom).operation), boom);
  assert.equal(asked, 1);
});

const FAILING_PREDICATES: Record<string, () => boolean> = {
  "throws": () => {
    throw new Error("predicate");
  },
  // @ts-expect-error -- a caller in JavaScript can do this
  "answers with a promise": () => Promise.reject(new Error("late")),
};

for (const [what, shouldRetry] of Object.entries(FAILING_PREDICATES)) {
  Deno.test(`shouldRetry that ${what} is reported, and counts as false`, async () => {
    const { retry, logged } = retryBench(fixedDelay(0, { maxAttempts: 5, shouldRetry }));
    const failing = new Failing(boom);
    await assert.rejects(retry.do(failing.operation), boom);
    assert.equal(failing.calls, 1);
    assert.deepEqual(logged, ['Retry "retry": shouldRetry failed, not trying again']);
  });
}

Deno.test("a permanent error ends the call, whatever shouldRetry says", async () => {
  const { retry, reports } = retryBench(fixedDelay(0, { shouldRetry: () => true }));
  const permanent = new PermanentError("No such user");
  const flaky = new Flaky(boom, permanent);
  await assert.rejects(retry.do(flaky.operation), (error) => error === permanent);
  assert.deepEqual([flaky.calls, reports[0]?.outcome], [2, "permanent"]);
});

Deno.test("delay is given number of the attempt and the delay before, which is each call's own", async () => {
  const given: unknown[] = [];
  const policy: RetryPolicy = {
    maxAttempts: 3,
    shouldRetry: () => true,
    delay: (attempt, previousMs) => {
      given.push([attempt, previousMs]);
      return attempt * 10;
    },
  };
  const { retry, clock } = retryBench(policy);
  watch(retry.do(new Failing().operation));
  await clock.tick(10);
  watch(retry.do(new Failing().operation));
  await clock.tick("1s");
  assert.deepEqual(given, [[1, undefined], [2, 10], [1, undefined], [2, 10]]);
});

Deno.test("calls at the same time each walk decorrelated jitter on their own", async () => {
  const policy = decorrelatedJitter({ maxAttempts: 4, maxDelay: "1h", random: () => 0.5 });
  const { retry, clock, reports } = retryBench(policy);
  for (let i = 0; i < 3; i++) watch(retry.do(new Failing().operation));
  await clock.tick("1h");
  assert.deepEqual(reports.map(({ delaysMs }) => delaysMs), Array(3).fill([200, 350, 575]));
});

const shared = { maxAttempts: 2, shouldRetry: () => true };
const BAD_DELAYS: readonly [what: string, policy: RetryPolicy, waitsMs: number][] = [
  ["NaN", { ...shared, delay: () => Number.NaN }, 100],
  ["a negative number", { ...shared, delay: () => -1 }, 100],
  ["Infinity", { ...shared, delay: () => Infinity, longestDelay: () => 250 }, 250],
  // @ts-expect-error -- a caller in JavaScript can do this
  ["a promise", { ...shared, delay: () => Promise.reject(new Error("late")) }, 100],
  ["a draw that is none", fixedDelay(40, { maxAttempts: 2, jitter: 0.5, random: () => 7 }), 60],
];

for (const [what, policy, waitsMs] of BAD_DELAYS) {
  Deno.test(`a delay that gives ${what} is reported, and the longest that is known is waited`, async () => {
    const { retry, clock, logged, events } = retryBench(policy);
    const call = watch(retry.do(new Failing(boom).operation));
    await clock.tick("1s");
    assert.deepEqual([call.error, events[0]?.delayMs], [boom, waitsMs]);
    assert.match(logged.join(), /^Retry "retry": delay failed/);
  });
}

Deno.test("a policy of a class keeps its `this`", async () => {
  class Linear implements RetryPolicy {
    readonly maxAttempts = 3;
    readonly #stepMs = 7;
    readonly note = "a field of its own";
    shouldRetry(): boolean {
      return this.#stepMs > 0;
    }
    delay(attempt: number): number {
      return attempt * this.#stepMs;
    }
  }
  const { retry, clock, events } = retryBench(new Linear());
  watch(retry.do(new Failing().operation));
  await clock.tick("1s");
  assert.deepEqual(events.map(({ delayMs }) => delayMs), [7, 14]);
});

Deno.test("attempts without a wait between them leave the event loop its turn", async () => {
  // On real timers: whether they get to fire is the question.
  const retry = createRetry(fixedDelay(0, { maxAttempts: Infinity }));
  const caller = new AbortController();
  setTimeout(() => caller.abort(boom), 0);
  await assert.rejects(retry.do(new Failing().operation, { signal: caller.signal }), boom);
});

Deno.test("a clock without timers ends the call with its last error, and is reported", async () => {
  const clock = new ManualClock();
  clock.setTimeout = () => {
    throw new Error("no timers");
  };
  const { retry, logged } = retryBench(fixedDelay(10), { clock });
  await assert.rejects(retry.do(new Failing(boom).operation), boom);
  assert.deepEqual(logged, ['Retry "retry": the clock gave no timer, giving up']);
});

const SHORTHANDS: readonly { shorthand: RetryShorthand; delaysMs: number[] }[] = [
  { shorthand: {}, delaysMs: [100, 200] },
  { shorthand: { maxRetries: 0 }, delaysMs: [] },
  { shorthand: { maxRetries: 4, backoff: "exponential" }, delaysMs: [100, 200, 400, 800] },
  { shorthand: { maxRetries: 3, backoff: "1s" }, delaysMs: [1_000, 2_000, 4_000] },
  { shorthand: { maxRetries: 2, backoff: 0 }, delaysMs: [0, 0] },
  { shorthand: { maxRetries: 3, backoff: "20s" }, delaysMs: [20_000, 30_000, 30_000] },
  { shorthand: { maxRetries: 2, backoff: "fixed", jitter: 0.4 }, delaysMs: [80, 80] },
  { shorthand: { backoff: (attempt) => attempt * 5 }, delaysMs: [5, 10] },
  { shorthand: { backoff: (attempt) => attempt * 10, jitter: 0.2 }, delaysMs: [9, 18] },
  { shorthand: { jitter: 0.2 }, delaysMs: [90, 180] },
  { shorthand: { jitter: "full" }, delaysMs: [25, 50] },
  { shorthand: { jitter: "equal" }, delaysMs: [62.5, 125] },
  { shorthand: { jitter: "decorrelated" }, delaysMs: [150, 187.5] },
];

for (const { shorthand, delaysMs } of SHORTHANDS) {
  const { backoff, ...rest } = shorthand;
  const text = JSON.stringify(backoff === undefined ? rest : { ...rest, backoff: String(backoff) });
  Deno.test(`the shorthand ${text} waits ${delaysMs.join(", ") || "never"}`, async () => {
    const { retry, clock, events } = retryBench(shorthand, { random: () => 0.25 });
    watch(retry.do(new Failing().operation));
    await clock.tick("10m");
    assert.deepEqual(events.map(({ delayMs }) => delayMs), delaysMs);
  });
}

type Refusal = [what: string, create: () => unknown, kind: typeof RangeError, message: RegExp];

const BAD: readonly Refusal[] = [
  ["negative retries", () => createRetry({ maxRetries: -1 }), RangeError, /"maxRetries"/],
  ["NaN retries", () => createRetry({ maxRetries: Number.NaN }), RangeError, /"maxRetries"/],
  ["a negative backoff", () => createRetry({ backoff: -1 }), RangeError, /"backoff"/],
  ["a backoff that is none", () => createRetry({ backoff: "linear" }), RangeError, /"backoff"/],
  ["a jitter over 1", () => createRetry({ jitter: 2 }), RangeError, /"jitter"/],
  ["a negative limit", () => createRetry({}, { maxRetryAfter: -1 }), RangeError, /"maxRetryAfter"/],
  [
    "a policy without attempts",
    () => createRetry({ ...fixedDelay(1), maxAttempts: 0 }),
    RangeError,
    /"maxAttempts"/,
  ],
  [
    "full jitter of a fixed delay",
    () => createRetry({ backoff: "fixed", jitter: "full" }),
    TypeError,
    /"jitter"/,
  ],
  [
    "a jitter that is none",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => createRetry({ jitter: "some" }),
    TypeError,
    /"jitter" must be one of full, equal, decorrelated/,
  ],
  [
    "an unknown field of the shorthand",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => createRetry({ maxRetry: 3 }),
    TypeError,
    /unknown option "maxRetry"; did you mean "maxRetries"\?/,
  ],
  [
    "an unknown field of a policy",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => createRetry({ ...fixedDelay(1), maxAttempt: 3 }),
    TypeError,
    /did you mean "maxAttempts"\?/,
  ],
  [
    "a policy without delay",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => createRetry({ shouldRetry: () => true }),
    TypeError,
    /"delay" must be a function/,
  ],
  [
    "a policy that is none",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => createRetry(3),
    TypeError,
    /options must be an object/,
  ],
  [
    "an unknown option",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => createRetry({}, { onretry: () => {} }),
    TypeError,
    /did you mean "onRetry"\?/,
  ],
  [
    "a hook that is none",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => createRetry({}, { name: "users", onReport: "log" }),
    TypeError,
    /Cannot create retry "users": "onReport"/,
  ],
  [
    "a budget that is none",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => createRetry({}, { budget: { deposit: () => {} } }),
    TypeError,
    /"budget.tryWithdraw"/,
  ],
  [
    "a name that is none",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => createRetry({}, { name: 7 }),
    TypeError,
    /"name"/,
  ],
  [
    "options that are none",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => createRetry({}, null),
    TypeError,
    /options must be an object/,
  ],
];

for (const [what, create, kind, message] of BAD) {
  Deno.test(`a retry refuses ${what}`, () => {
    assert.throws(create, (error) => error instanceof kind && message.test(error.message));
  });
}

Deno.test("retry runs one operation with policy, signal and options, and rejects for bad ones", async () => {
  const flaky = new Flaky(boom);
  const outcomes: string[] = [];
  const answer = await retry(flaky.operation, fixedDelay(0), {
    signal: new AbortController().signal,
    onReport: ({ outcome }) => outcomes.push(outcome),
  });
  assert.deepEqual([answer, flaky.calls, outcomes], ["value", 2, ["success"]]);
  await assert.rejects(retry(flaky.operation, { maxRetries: -1 }), RangeError);
  assert.equal(flaky.calls, 2);
});

Deno.test("property: there are never more attempts than maxAttempts, and exactly as many as it takes", async () => {
  const cases = fc.record({
    maxAttempts: fc.integer({ min: 1, max: 30 }),
    failures: fc.integer({ min: 0, max: 40 }),
    isSync: fc.boolean(),
    isSignalled: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ maxAttempts, failures, isSync, isSignalled }) => {
      const retry = createRetry(fixedDelay(0, { maxAttempts }));
      let calls = 0;
      const operation = (): string | Promise<string> => {
        if (++calls > failures) return "value";
        if (isSync) throw boom;
        return Promise.reject(boom);
      };
      const options = isSignalled ? { signal: new AbortController().signal } : {};
      const result = await retry.do(operation, options).catch((error) => error);
      assert.equal(calls, Math.min(maxAttempts, failures + 1));
      assert.equal(result, failures < maxAttempts ? "value" : boom);
    }),
  );
});
