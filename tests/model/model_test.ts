import assert from "node:assert/strict";
import type { Policy } from "../../src/policy/policy.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";
import { Model } from "./model.ts";
import type { Outcome } from "./observation.ts";

const TIME_WINDOW: Policy = {
  failureThreshold: 0,
  failureRateThreshold: 0.5,
  minimumCalls: 2,
  window: { kind: "time", duration: "10s", buckets: 10 },
};

function modelOf(policy: Policy): Model {
  return new Model(resolvePolicy(policy), { random: () => 0 });
}

function call(model: Model, outcome: Outcome, opened?: boolean): void {
  const admission = model.begin();
  assert(admission.admitted);
  model.settle(admission.id, outcome, opened === undefined ? {} : { opened });
}

Deno.test("R3: between the duration less one bucket and the duration the model gives a range", () => {
  const cases: readonly [ageMs: number, min: number, max: number][] = [
    [9_000, 2, 2],
    [9_001, 1, 2],
    [9_999, 1, 2],
    [10_000, 1, 1],
  ];
  for (const [ageMs, min, max] of cases) {
    const model = modelOf(TIME_WINDOW);
    call(model, "failure");
    model.advance(5_000);
    call(model, "success");
    model.advance(ageMs - 5_000);
    const { calls, failures, successes } = model.observe();
    assert.deepEqual(calls, { min, max }, `aged ${ageMs} ms`);
    assert.deepEqual(failures, { min: min - 1, max: max - 1 });
    assert.deepEqual(successes, { min: 1, max: 1 });
  }
});

Deno.test("R3: a settlement whose effect hangs on an open value goes as it was seen to go", () => {
  for (const opened of [true, false]) {
    const model = modelOf(TIME_WINDOW);
    call(model, "failure");
    model.advance(9_500);
    call(model, "failure", opened);
    assert.equal(model.observe().state, opened ? "open" : "closed");
  }
});

Deno.test("R3: a settlement whose effect hangs on an open value is refused without a hint", () => {
  const model = modelOf(TIME_WINDOW);
  call(model, "failure");
  model.advance(9_500);
  assert.throws(() => call(model, "failure"), RangeError);
});

Deno.test("R3: a hint is not consulted where nothing is open", () => {
  const model = modelOf(TIME_WINDOW);
  call(model, "failure", true);
  assert.equal(model.observe().state, "closed");
  call(model, "failure", false);
  assert.equal(model.observe().state, "open");
});

Deno.test("R14: what a longer window may have lost before stays doubtful", () => {
  const model = modelOf(TIME_WINDOW);
  call(model, "failure");
  model.advance(9_500);
  model.setPolicy(
    resolvePolicy({ ...TIME_WINDOW, window: { kind: "time", duration: "1m", buckets: 60 } }),
  );
  assert.deepEqual(model.observe().calls, { min: 0, max: 1 });
});

Deno.test("R5: where several criteria hold, the first that is asked is named", () => {
  const model = modelOf({ failureThreshold: 2, failureRateThreshold: 0.5, minimumCalls: 2 });
  call(model, "failure");
  call(model, "failure");
  assert.deepEqual(model.observe().trippedBy, ["failureThreshold"]);
});

Deno.test("R3, R5: where R3 leaves open which criterion is the first to hold, any of them may be named", () => {
  const model = modelOf({ ...TIME_WINDOW, failureCountThreshold: 2 });
  call(model, "failure");
  model.advance(9_500);
  call(model, "success");
  call(model, "failure");
  assert.deepEqual(model.observe().trippedBy, ["failureRate", "failureCount"]);
});

Deno.test("R16: steps of the clock that cancel out unseen did not happen", () => {
  const model = modelOf({ failureThreshold: 1, openStateTimeout: "1s" });
  call(model, "failure");
  model.advance(5_000);
  model.advance(-4_500);
  assert.equal(model.observe().retryAfterMs, 500);
});

Deno.test("R13: what would open is announced once per crossing, and again after it was over", () => {
  const model = modelOf({ failureThreshold: 2, mode: "metrics-only" });
  const announced = (["failure", "failure", "failure", "success", "failure", "failure"] as const)
    .map((outcome) => {
      call(model, outcome);
      return model.observe().wouldOpen;
    });
  assert.deepEqual(announced, [0, 1, 1, 1, 1, 2]);
  model.override("normal");
  call(model, "failure");
  call(model, "failure");
  assert.equal(model.observe().state, "open");
  assert.equal(model.observe().wouldOpen, 2);
});

Deno.test("R13, R24: a crossing by failures in a row is over once a gap has begun the row anew", () => {
  const model = modelOf({
    failureThreshold: 2,
    failureThresholdWithin: "10s",
    mode: "metrics-only",
  });
  const announced = [0, 0, 11_000, 0].map((waitMs) => {
    model.advance(waitMs);
    call(model, "failure");
    return model.observe().wouldOpen;
  });
  assert.deepEqual(announced, [0, 1, 1, 2]);
});

Deno.test("R24: a settlement that hangs on a failure about to leave goes as it was seen to go", () => {
  const policy: Policy = { ...TIME_WINDOW, failureCountThreshold: 2, minimumCalls: 100 };
  for (const opened of [true, false]) {
    const model = modelOf(policy);
    call(model, "failure");
    model.advance(9_500);
    call(model, "failure", opened);
    assert.equal(model.observe().state, opened ? "open" : "closed");
  }
});

Deno.test("R19: what fell due before a restoring happened at its own instant, also before the clock's first reading", () => {
  const model = modelOf({ failureThreshold: 1, openStateTimeout: "10s" });
  call(model, "failure");
  model.advance(4_000);
  model.restore({ ageMs: 15_000 });
  const { state, enteredAtMs } = model.observe();
  assert.equal(state, "half-open");
  assert.deepEqual(enteredAtMs, [0, -5_000]);
});

Deno.test("R19: a step back of the clock after a restoring takes nothing from the time that passed", () => {
  const model = modelOf({ failureThreshold: 1, openStateTimeout: "10s" });
  call(model, "failure");
  model.restore({ ageMs: 3_000 });
  model.advance(-3_000);
  assert.equal(model.observe().retryAfterMs, 7_000);
});
