import assert from "node:assert/strict";
import { exponentialBackoff, fixedDelay } from "../../src/patterns/retry/backoff.ts";
import type { RetryReport } from "../../src/patterns/retry/retry_options.ts";
import { Deferred } from "../support/deferred_operation.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";
import { Failing, Flaky, retryBench, watch } from "./retry_support.ts";

const [first, second, third] = [new Error("first"), new Error("second"), new Error("third")];

Deno.test("onRetry is called before each wait, with attempt, error and delay", async () => {
  const { retry, clock, events } = retryBench(exponentialBackoff({ maxAttempts: 3 }), {
    name: "users",
  });
  const flaky = new Flaky(first, second, third);
  watch(retry.do(flaky.operation));
  await clock.tick();
  assert.deepEqual(events, [{ retry: "users", attempt: 1, error: first, delayMs: 100 }]);
  await clock.tick("1s");
  assert.deepEqual(events.slice(1), [{ retry: "users", attempt: 2, error: second, delayMs: 200 }]);
});

interface Ended {
  readonly what: string;
  readonly errors: readonly unknown[];
  readonly report: Omit<RetryReport, "retry">;
}

const ENDS: readonly Ended[] = [
  {
    what: "a first attempt that succeeds",
    errors: [],
    report: { attempts: 1, errors: [], delaysMs: [], outcome: "success", elapsedMs: 0 },
  },
  {
    what: "a success after failures",
    errors: [first, second],
    report: {
      attempts: 3,
      errors: [first, second],
      delaysMs: [100, 200],
      outcome: "success",
      elapsedMs: 300,
    },
  },
  {
    what: "failures only",
    errors: [first, second, third],
    report: {
      attempts: 3,
      errors: [first, second, third],
      delaysMs: [100, 200],
      outcome: "exhausted",
      elapsedMs: 300,
    },
  },
];

for (const { what, errors, report } of ENDS) {
  Deno.test(`onReport is called once at the end of ${what}, with everything about it`, async () => {
    const { retry, clock, reports } = retryBench(exponentialBackoff());
    watch(retry.do(new Flaky(...errors).operation));
    await clock.tick("1m");
    assert.deepEqual(reports, [{ retry: "retry", ...report }]);
  });
}

Deno.test("a report counts the wait that an abort ended, and the time until then", async () => {
  const { retry, clock, reports } = retryBench(fixedDelay("1s"));
  const caller = new AbortController();
  watch(retry.do(new Failing(first).operation, { signal: caller.signal }));
  await clock.tick("400ms");
  caller.abort();
  const { attempts, errors, delaysMs, outcome, elapsedMs } = reports[0] ?? {};
  assert.deepEqual({ attempts, errors, delaysMs, outcome, elapsedMs }, {
    attempts: 1,
    errors: [first],
    delaysMs: [1_000],
    outcome: "cancelled",
    elapsedMs: 400,
  });
});

Deno.test("a report keeps the last 1,000 errors and delays of more", async () => {
  const { retry, clock, reports } = retryBench(fixedDelay(0, { maxAttempts: 5_000 }));
  let calls = 0;
  watch(retry.do(() => {
    throw ++calls;
  }));
  await clock.tick();
  const [report] = reports;
  assert.deepEqual([report?.attempts, report?.errors.length, report?.delaysMs.length], [
    5_000,
    1_000,
    1_000,
  ]);
  assert.deepEqual([report?.errors[0], report?.errors.at(-1)], [4_001, 5_000]);
});

const broken = new Error("hook");
const BROKEN_HOOKS: Record<string, () => void> = {
  "throws": () => {
    throw broken;
  },
  "rejects": () => Promise.reject(broken),
};

for (const hook of ["onRetry", "onReport"] as const) {
  for (const [how, callback] of Object.entries(BROKEN_HOOKS)) {
    Deno.test(`${hook} that ${how} is reported to the logger and changes nothing`, async () => {
      const { retry, clock, logged } = retryBench(fixedDelay(10), { [hook]: callback });
      const call = watch(retry.do(new Flaky(first).operation));
      const unhandled = await unhandledDuring(() => clock.tick(10));
      assert.deepEqual([call.value, unhandled], ["value", []]);
      assert.deepEqual(logged, [`Retry "retry": ${hook} failed`]);
    });
  }
}

Deno.test("a logger that throws changes nothing", async () => {
  const broken = (): never => {
    throw new Error("logger");
  };
  const { retry, clock } = retryBench(fixedDelay(10), {
    onRetry: broken,
    logger: { debug: broken, info: broken, warn: broken, error: broken },
  });
  const call = watch(retry.do(new Flaky(first).operation));
  await clock.tick(10);
  assert.equal(call.value, "value");
});

Deno.test("a hook may call back into the retry", async () => {
  const inner = new Deferred();
  const { retry, clock } = retryBench(fixedDelay(10), {
    onRetry: () => {
      if (inner.calls === 0) watch(retry.do(inner.operation));
    },
  });
  const call = watch(retry.do(new Flaky(first).operation));
  await clock.tick(10);
  assert.deepEqual([call.value, inner.calls], ["value", 1]);
});
