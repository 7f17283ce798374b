import assert from "node:assert/strict";
import { createBreaker } from "../../src/breaker/create_breaker.ts";
import { BreakerTimeoutError, SwitchgearError } from "../../src/errors.ts";
import { isPermanent, PermanentError } from "../../src/patterns/retry/permanent_error.ts";
import { isRetryable } from "../../src/patterns/retry/retry_policy.ts";

const permanent = new PermanentError("No such user");

function rejection(): unknown {
  const breaker = createBreaker("b", { mode: "forced-open" });
  try {
    return breaker.doSync(() => undefined);
  } catch (error) {
    return error;
  }
}

function cycle(): Error {
  const first = new Error("first");
  first.cause = new Error("second", { cause: first });
  return first;
}

function chain(length: number, end: unknown): unknown {
  let error = end;
  for (let i = 0; i < length; i++) error = new Error("outer", { cause: error });
  return error;
}

const throwing = {
  get cause(): unknown {
    throw new Error("getter");
  },
  get errors(): unknown {
    throw new Error("getter");
  },
};
const hostile = new Proxy({}, {
  get: () => {
    throw new Error("trap");
  },
  getPrototypeOf: () => {
    throw new Error("trap");
  },
});
const endless = {
  get cause(): unknown {
    return Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this));
  },
};

const CASES: readonly [what: string, error: unknown, isPermanent: boolean][] = [
  ["a PermanentError", permanent, true],
  ["an error of a class derived from it", new (class extends PermanentError {})("gone"), true],
  ["a cause", new Error("outer", { cause: permanent }), true],
  ["a cause 1,000 causes deep", chain(1_000, permanent), true],
  ["a cause of what is no Error", { cause: permanent }, true],
  ["one of an AggregateError's errors", new AggregateError([new Error("a"), permanent]), true],
  [
    "a cause of one of an AggregateError's errors",
    new AggregateError([new Error("a", { cause: permanent })]),
    true,
  ],
  ["an AggregateError as a cause", chain(1, new AggregateError([permanent])), true],
  ["the cause of an AggregateError", new AggregateError([], "all", { cause: permanent }), true],
  ["another error", new Error("down"), false],
  ["an AggregateError without one", new AggregateError([new Error("a")]), false],
  ["errors that are texts", { errors: ["a", "b"] }, false],
  ["a cycle of causes", cycle(), false],
  ["an AggregateError that holds itself and one", aggregateCycle(), true],
  ["getters that throw", throwing, false],
  ["a proxy that throws at every touch", hostile, false],
  ["causes without end", endless, false],
  ["a million errors", { errors: Array(1_000_000).fill(0).map(Number.call, Number) }, false],
  ["undefined", undefined, false],
  ["null", null, false],
  ["a text", "PermanentError", false],
];

function aggregateCycle(): AggregateError {
  const error = new AggregateError([]);
  error.errors.push(error, permanent);
  return error;
}

for (const [what, error, expected] of CASES) {
  Deno.test(`isPermanent is ${expected} for ${what}`, () => {
    assert.equal(isPermanent(error), expected);
  });
}

const RETRYABLE: readonly [what: string, error: unknown, isRetryable: boolean][] = [
  ["an error", new Error("down"), true],
  ["a text", "down", true],
  ["undefined", undefined, true],
  ["a breaker's timeout", new BreakerTimeoutError("b", 5), true],
  ["a TimeoutError", new DOMException("late", "TimeoutError"), true],
  ["an AbortError", new DOMException("stop", "AbortError"), false],
  ["a PermanentError", permanent, false],
  ["a breaker's rejection", rejection(), false],
  ["a breaker's rejection as a cause", chain(3, rejection()), false],
  ["a proxy that throws at every touch", hostile, true],
];

for (const [what, error, expected] of RETRYABLE) {
  Deno.test(`isRetryable is ${expected} for ${what}`, () => {
    assert.equal(isRetryable(error), expected);
  });
}

Deno.test("a PermanentError has its code, its name and its cause", () => {
  const cause = new Error("404");
  const error = new PermanentError("No such user", { cause });
  assert(error instanceof SwitchgearError);
  const { code, name, message } = error;
  assert.deepEqual({ code, name, message, cause: error.cause }, {
    code: "PERMANENT",
    name: "PermanentError",
    message: "No such user",
    cause,
  });
});
