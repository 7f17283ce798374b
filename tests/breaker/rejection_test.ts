import assert from "node:assert/strict";
import { type Breaker, BreakerOpenError, type BreakerSettings, type Policy } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { bench, fail } from "../support/breaker_bench.ts";

const OPENS: Policy = { failureThreshold: 1, openStateTimeout: "1s" };
const RAMP: Policy = { ...OPENS, ramp: { calls: 1, per: "1s", steps: 2 } };

const SHARED: BreakerSettings = { freshErrors: false };

function refused(breaker: Breaker): BreakerOpenError {
  try {
    breaker.doSync(() => "value");
  } catch (error) {
    assert(error instanceof BreakerOpenError);
    return error;
  }
  throw new Error("the call was admitted");
}

Deno.test("R18: a refusal says in words which breaker refused, why, and what tripped it", () => {
  const open = bench({ failureThreshold: 0, failureRateThreshold: 0.3, minimumCalls: 3 });
  open.breaker.tryAcquire()?.success();
  open.breaker.tryAcquire()?.success();
  fail(open.breaker);
  assert.equal(
    refused(open.breaker).message,
    'Breaker "b" refused the call: it is open (tripped by failureRate 0.3333 reached 0.3)',
  );

  const byCode = bench({}, { readyToTrip: () => true });
  fail(byCode.breaker);
  assert.equal(
    refused(byCode.breaker).message,
    'Breaker "b" refused the call: it is open (tripped by readyToTrip returned true)',
  );

  const probing = bench(OPENS);
  fail(probing.breaker);
  probing.clock.advance("1s");
  probing.breaker.tryAcquire();
  assert.equal(
    refused(probing.breaker).message,
    'Breaker "b" refused the call: it is half-open and enough probes are in flight ' +
      "(tripped by failureThreshold 1 reached 1)",
  );

  const ramping = bench(RAMP);
  fail(ramping.breaker);
  ramping.clock.advance("1s");
  ramping.breaker.tryAcquire();
  assert.equal(
    refused(ramping.breaker).message,
    'Breaker "b" refused the call: it is half-open and the calls of this interval are used up ' +
      "(tripped by failureThreshold 1 reached 1)",
  );

  assert.equal(
    refused(bench({ mode: "forced-open" }).breaker).message,
    'Breaker "b" refused the call: its mode is "forced-open"',
  );
});

Deno.test("R18: a shared error that outlives what it tells of says 0 where there was a time to wait for, else nothing", () => {
  const open = bench(OPENS, SHARED);
  fail(open.breaker);
  const ofOpen = refused(open.breaker);

  const ramping = bench(RAMP, SHARED);
  fail(ramping.breaker);
  ramping.clock.advance("1s");
  ramping.breaker.tryAcquire();
  const ofRamp = refused(ramping.breaker);

  const probing = bench(OPENS, SHARED);
  fail(probing.breaker);
  probing.clock.advance("1s");
  probing.breaker.tryAcquire();
  const ofProbe = refused(probing.breaker);

  const forced = bench({}, SHARED);
  forced.breaker.override("forced-open");
  const ofForced = refused(forced.breaker);

  const errors = [ofOpen, ofRamp, ofProbe, ofForced];
  const waits = (): unknown[] => errors.map(({ retryAfterMs }) => retryAfterMs);
  assert.deepEqual(waits(), [1_000, 1_000, undefined, undefined]);
  for (const { breaker } of [open, ramping, probing]) breaker.reset();
  forced.breaker.override(null);
  assert.deepEqual(waits(), [0, 0, undefined, undefined]);
});

Deno.test("R18: a ramp's shared error that outlives its interval says 0 where the next one admits, else that one's end", () => {
  const { breaker, clock } = bench(RAMP, SHARED);
  fail(breaker);
  clock.advance("1s");
  breaker.tryAcquire()?.ignore();
  const error = refused(breaker);
  clock.advance("1s");
  assert.equal(breaker.peek().admitted, true);
  assert.equal(error.retryAfterMs, 0);
  breaker.tryAcquire()?.ignore();
  assert.equal(error.retryAfterMs, 1_000);
});

Deno.test("R5: where a policy's criterion holds, readyToTrip is not asked, and the trip names the policy's", () => {
  let asked = 0;
  const { breaker } = bench({ failureThreshold: 2 }, {
    readyToTrip: () => {
      asked++;
      return asked > 1;
    },
  });
  fail(breaker, 2);
  assert.deepEqual([breaker.trip?.criterion, asked], ["failureThreshold", 1]);
});

Deno.test("R8: a random source may look at its breaker as often as it likes, and its draw counts", () => {
  const looks: { breaker?: Breaker } = {};
  const random = (): number => {
    for (let i = 0; i < 3; i++) void looks.breaker?.state;
    return 0.5;
  };
  const policy: Policy = { ...OPENS, openBackoff: { multiplier: 1, jitter: 1 } };
  const { breaker, clock, reports } = bench(policy, { random });
  looks.breaker = breaker;
  fail(breaker);
  clock.advance(500);
  breaker.tryAcquire();
  clock.advance("1s");
  assert.equal(breaker.state, "open"); // the probe has timed out, and the draw was made while it was due
  assert.deepEqual(reports, []);
  assert.equal(breaker.snapshot().open?.draw, 0.5);
  assert.equal(coreOf(breaker).epoch, 3);
});

Deno.test("R8: a draw of 0 is a draw like any other", () => {
  const { breaker, reports } = bench(OPENS, { random: () => 0 });
  fail(breaker);
  assert.equal(breaker.state, "open");
  assert.deepEqual(reports, []);
});

Deno.test("R18: a stack that the program prepares as something else than text is not kept", () => {
  const { breaker } = bench(OPENS, SHARED);
  fail(breaker);
  const prepare = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  let error: BreakerOpenError;
  Object.defineProperty(Error, "prepareStackTrace", { configurable: true, value: () => 42 });
  try {
    error = refused(breaker);
  } finally {
    if (prepare === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Object.defineProperty(Error, "prepareStackTrace", prepare);
  }
  assert.equal(typeof error.stack, "string");
});

Deno.test("R18: what is not known of a refusal is no field of its error, nor of what a fallback is given", () => {
  const { breaker } = bench({ mode: "forced-open" });
  const given = breaker.doSync<unknown, unknown>(() => "value", { fallback: (error) => error });
  for (const refusal of [refused(breaker), given]) {
    assert.deepEqual(Object.keys(Object(refusal)).filter((key) => key !== "code"), [
      "breaker",
      "state",
      "reason",
    ]);
  }
});

Deno.test("R18: what a fallback is given and a shared error can be changed by who holds them, as any error", () => {
  const { breaker } = bench(OPENS);
  fail(breaker);
  const given = breaker.doSync<unknown, unknown>(() => "value", { fallback: (error) => error });
  assert(given instanceof BreakerOpenError);
  for (const message of ["once", "twice"]) {
    given.message = message;
    given.stack = message;
    assert.deepEqual([given.message, given.stack], [message, message]);
  }
  assert.deepEqual([
    Reflect.deleteProperty(given, "message"),
    Reflect.deleteProperty(given, "stack"),
  ], [
    true,
    true,
  ]);
  const shared = bench(OPENS, SHARED);
  fail(shared.breaker);
  assert.equal(Reflect.deleteProperty(refused(shared.breaker), "retryAfterMs"), true);
});
