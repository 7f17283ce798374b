import assert from "node:assert/strict";
import { type BreakerSnapshot, createBreaker, restoreBreaker } from "../../mod.ts";

const CYCLE: unknown[] = [];
CYCLE.push(CYCLE);
const REFUSES_JSON = {
  toJSON(): never {
    throw new Error("a value of somebody's own");
  },
};

for (
  const [what, value, found] of [
    ["a bigint", 1n, "1"],
    ["an array within itself", CYCLE, "an array"],
    ["a value that refuses to be written as JSON", REFUSES_JSON, "an object"],
    ["a function", (): void => {}, "a function"],
  ] as const
) {
  Deno.test(`R19: a snapshot's field that is ${what} is refused by its name`, () => {
    const snapshot: BreakerSnapshot = createBreaker("b").snapshot();
    Reflect.set(snapshot, "consecutiveFailures", value);
    assert.throws(() => restoreBreaker(snapshot), {
      name: "TypeError",
      message: `Cannot restore breaker: $.consecutiveFailures must be a count, received ${found}`,
    });
  });
}
