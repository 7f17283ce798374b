import assert from "node:assert/strict";
import { bench, fail } from "../support/breaker_bench.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";

const boom = new Error("boom");

/** A callback that answers with a promise where a value is wanted, as JavaScript lets it. */
// deno-lint-ignore no-explicit-any -- that is the mistake
const late: any = () => Promise.reject(boom);

for (const name of ["isIgnored", "isFailure", "isResultFailure"] as const) {
  Deno.test(`R2: ${name} that answers with a promise is reported, the default stands, and nothing is unhandled`, async () => {
    const { breaker, reports } = bench({}, { [name]: late });
    const unhandled = await unhandledDuring(async () => {
      await breaker.do(() => "value");
      await breaker.do(() => Promise.reject(boom)).catch(() => {});
    });
    assert.deepEqual(unhandled, []);
    assert.deepEqual([breaker.counts.successes, breaker.counts.failures], [1, 1]);
    assert.match(reports.join(), new RegExp(name));
  });
}

Deno.test("R5: readyToTrip that answers with a promise is reported and counts as false", async () => {
  const { breaker, reports } = bench({}, { readyToTrip: late });
  const unhandled = await unhandledDuring(() => fail(breaker));
  assert.deepEqual(unhandled, []);
  assert.equal(breaker.state, "closed");
  assert.match(reports.join(), /readyToTrip/);
});

Deno.test("a logger that rejects harms nothing", async () => {
  const logger = { debug: late, info: late, warn: late, error: late };
  const { breaker } = bench({ failureThreshold: 1 }, { logger });
  breaker.on("stateChange", () => {
    throw boom;
  });
  assert.deepEqual(await unhandledDuring(() => fail(breaker)), []);
  assert.equal(breaker.state, "open");
});

Deno.test("R18: what listeners do to a trip changes it for nobody else", () => {
  const { breaker } = bench({ failureThreshold: 1 });
  breaker.on("stateChange", ({ trip }) => {
    Object.assign(trip ?? {}, { criterion: "failureRate" });
  });
  fail(breaker);
  assert.equal(breaker.snapshot().trip?.criterion, "failureThreshold");
});

Deno.test("R15: a listener that one before it removed is not called any more", () => {
  const { breaker } = bench({ failureThreshold: 1 });
  let called = false;
  breaker.on("stateChange", () => remove());
  const remove = breaker.on("stateChange", () => {
    called = true;
  });
  fail(breaker);
  assert.equal(called, false);
});
