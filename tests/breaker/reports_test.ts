/** What a program's log says of its own callbacks that fail, and what bad arguments are told. */
import assert from "node:assert/strict";
import {
  type BreakerSettings,
  consecutiveFailures,
  createBreaker,
  errorRate,
  InvalidPolicyError,
  type Policy,
  timeoutRate,
} from "../../mod.ts";
import { fail } from "../support/breaker_bench.ts";

/** What is logged while a breaker with `settings` is used in every way. */
async function logged(settings: BreakerSettings): Promise<[string, unknown][]> {
  const lines: [string, unknown][] = [];
  const ignore = (): void => {};
  const logger = {
    ...{ debug: ignore, info: ignore, warn: ignore },
    error: (message: string, fields?: Record<string, unknown>): void => {
      lines.push([message, fields]);
    },
  };
  const breaker = createBreaker("b", { failureThreshold: 2 }, { logger, ...settings });
  await breaker.do(() => "value");
  await breaker.do(() => Promise.reject(new Error("boom"))).catch(() => {});
  fail(breaker);
  return lines;
}

const thrown = new Error("callback");
const throwing = (): never => {
  throw thrown;
};
// deno-lint-ignore no-explicit-any -- a caller in JavaScript can do this
const late: any = () => Promise.resolve(true);
const standing = "failed, the default stands";
const asksForNothing = "holdAfter failed, the failure asks for nothing";

const REPORTS: Record<string, [BreakerSettings, string, string]> = {
  "isIgnored that throws": [{ isIgnored: throwing }, `isIgnored ${standing}`, "callback"],
  "isFailure that throws": [{ isFailure: throwing }, `isFailure ${standing}`, "callback"],
  "isResultFailure that throws": [
    { isResultFailure: throwing },
    `isResultFailure ${standing}`,
    "callback",
  ],
  "isFailure that answers with a promise": [
    { isFailure: late },
    `isFailure ${standing}`,
    "isFailure must answer at once, not with a promise",
  ],
  "readyToTrip that throws": [
    { readyToTrip: throwing },
    "readyToTrip failed, not opening by it",
    "callback",
  ],
  "readyToTrip that answers with a promise": [
    { readyToTrip: late },
    "readyToTrip failed, not opening by it",
    "readyToTrip must answer at once, not with a promise",
  ],
  "holdAfter that throws": [{ holdAfter: throwing }, asksForNothing, "callback"],
  "holdAfter that answers with a promise": [
    { holdAfter: late },
    asksForNothing,
    "holdAfter must answer at once, not with a promise",
  ],
  "holdAfter that answers with no duration": [
    { holdAfter: () => JSON.parse("[]") },
    asksForNothing,
    "holdAfter must answer with a duration, received an array",
  ],
  "random() that throws": [{ random: throwing }, "random() failed, using 0", "callback"],
};

for (const [what, [settings, said, why]] of Object.entries(REPORTS)) {
  Deno.test(`${what} is reported with the breaker's name and the error`, async () => {
    const [first] = await logged(settings);
    assert(first !== undefined);
    const [message, fields] = first;
    assert.equal(message, `Breaker "b": ${said}`);
    assert(typeof fields === "object" && fields !== null);
    assert.deepEqual(Object.keys(fields), ["breaker", "error"]);
    assert.equal(Reflect.get(fields, "breaker"), "b");
    const error: unknown = Reflect.get(fields, "error");
    assert(error instanceof Error);
    assert.equal(error.message, why);
  });
}

Deno.test("a breaker without callbacks has nothing to report", async () => {
  assert.deepEqual(await logged({}), []);
});

Deno.test("R22: holdAfter that asks for nothing is not reported", async () => {
  for (const nothing of [undefined, 0, -1, "-3s"]) {
    assert.deepEqual(await logged({ holdAfter: () => nothing }), []);
  }
});

Deno.test("random() that gives no draw is reported with what it gave", async () => {
  const message = 'Breaker "b": random() must give a number in [0, 1), using 0';
  assert.deepEqual(await logged({ random: () => 1 }), [[message, { breaker: "b", error: 1 }]]);
});

Deno.test("a breaker's invalid policy is refused by the breaker's name, at creation and later", () => {
  const invalid: Policy = { minimumCalls: 0 };
  const message = /^Cannot use policy of breaker "payments": \$\.minimumCalls must be an integer/;
  const refusal = { name: InvalidPolicyError.name, message };
  assert.throws(() => createBreaker("payments", invalid), refusal);
  const breaker = createBreaker("payments");
  assert.throws(() => breaker.setPolicy(invalid), refusal);
});

Deno.test("a breaker's settings are refused by the breaker's name", () => {
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => createBreaker("payments", {}, { retries: 3 }), {
    name: "TypeError",
    message:
      /^Cannot create breaker "payments": unknown option "retries"; known are clock, wallClock, random/,
  });
});

Deno.test("a setting of the wrong form is refused in words, an object where a function belongs too", () => {
  const clock = { now: () => 0, setTimeout: () => 0, clearTimeout: () => {} };
  const WRONG: [name: string, value: unknown, said: string][] = [
    ...["random", "readyToTrip", "isIgnored", "isFailure", "isResultFailure"].map((
      name,
    ): [string, unknown, string] => [name, {}, `"${name}" must be a function, received an object`]),
    ["clock", 7, '"clock" must be an object, received 7'],
    ["clock", { ...clock, now: 0 }, '"clock.now" must be a function, received 0'],
    [
      "clock",
      { ...clock, setTimeout: null },
      '"clock.setTimeout" must be a function, received null',
    ],
    [
      "clock",
      { ...clock, clearTimeout: {} },
      '"clock.clearTimeout" must be a function, received an object',
    ],
    ["logger", "console", '"logger" must be an object, received "console"'],
    ["freshErrors", 1, '"freshErrors" must be one of true, false, received 1'],
  ];
  for (const [name, value, said] of WRONG) {
    assert.throws(() => createBreaker("payments", {}, { [name]: value }), {
      name: "TypeError",
      message: `Cannot create breaker "payments": ${said}`,
    });
  }
});

Deno.test("ready-made criteria take the ends of their ranges, and refuse what is beyond them in words", () => {
  const counts = { calls: 1, successes: 0, failures: 1, slow: 0, timeouts: 1 };
  const bad = { ...counts, consecutiveFailures: 1 };
  for (const criterion of [consecutiveFailures(1), errorRate(1, 1), timeoutRate(1, 1)]) {
    assert.equal(criterion(bad), true);
  }
  const refused: [() => unknown, string][] = [
    [() => consecutiveFailures(0), '"threshold" must be a positive integer, received 0'],
    [() => consecutiveFailures(1.5), '"threshold" must be a positive integer, received 1.5'],
    [() => errorRate(0.5, 0), '"minimumRequests" must be a positive integer, received 0'],
    [() => errorRate(0, 1), '"rate" must be above 0 and at most 1, received 0'],
    [() => timeoutRate(1.1, 1), '"rate" must be above 0 and at most 1, received 1.1'],
    [() => timeoutRate(1, -1), '"minimumRequests" must be a positive integer, received -1'],
  ];
  for (const [create, said] of refused) {
    const message = `Cannot create trip criterion: ${said}`;
    assert.throws(create, { name: "RangeError", message });
  }
});
