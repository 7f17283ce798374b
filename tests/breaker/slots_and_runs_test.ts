/** Whose slot a probe gives back, what ends a run of failures, from when a rate counts, and what a mode forgets. */
import assert from "node:assert/strict";
import { createBreaker, type Permit } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";

const ENDINGS: Readonly<Record<string, (permit: Permit | undefined) => void>> = {
  success: (permit) => permit?.success(),
  failure: (permit) => permit?.failure(),
  timeout: (permit) => permit?.timeout(),
  "an ignored call": (permit) => permit?.ignore(),
};

for (const [ending, end] of Object.entries(ENDINGS)) {
  Deno.test(`R4: ${ending} of an earlier half-open frees no slot of the later one`, () => {
    const clock = new ManualClock();
    const policy = { failureThreshold: 1, openStateTimeout: "1s", halfOpen: { maxProbes: 2 } };
    const breaker = createBreaker("b", policy, { clock });
    breaker.tryAcquire()?.failure();
    clock.advance("1s");
    const early = breaker.tryAcquire();
    breaker.tryAcquire()?.failure();
    clock.advance("1s");
    assert(early !== undefined && breaker.tryAcquire() !== undefined);
    end(early);
    assert.equal(breaker.counts.inFlight, 1);
    assert(breaker.tryAcquire() !== undefined);
    assert.equal(breaker.tryAcquire(), undefined);
    clock.advance("1s"); // the probes in flight are still known: their deadline reopens
    assert.equal(breaker.state, "open");
  });
}

Deno.test("R6: a success ends a run of failures, slow or fast; an ignored call does not", () => {
  const clock = new ManualClock();
  const policy = { failureThreshold: 3, slowCallThreshold: "1s" };
  const breaker = createBreaker("b", policy, { clock });
  const run = (tookMs: number, end: (permit: Permit | undefined) => void): number => {
    const permit = breaker.tryAcquire();
    clock.advance(tookMs);
    end(permit);
    return breaker.counts.consecutiveFailures;
  };
  const fails = (permit: Permit | undefined): void => permit?.failure();
  const succeeds = (permit: Permit | undefined): void => permit?.success();
  assert.deepEqual([run(0, fails), run(0, fails), run(0, succeeds)], [1, 2, 0]);
  assert.deepEqual([run(0, fails), run(0, fails), run(2_000, succeeds)], [1, 2, 0]);
  assert.deepEqual([run(0, fails), run(0, fails), run(0, (permit) => permit?.ignore())], [1, 2, 2]);
  assert.equal(breaker.state, "closed");
  run(0, fails);
  assert.equal(breaker.state, "open");
});

Deno.test("a rate is judged from the call on that makes minimumCalls full", () => {
  for (const [minimumCalls, size] of [[1, 10], [4, 10], [10, 4]] as const) {
    const breaker = createBreaker("b", {
      failureThreshold: 0,
      failureRateThreshold: 0.5,
      minimumCalls,
      window: { kind: "count", size },
    }, { clock: new ManualClock() });
    const needed = Math.min(minimumCalls, size);
    for (let call = 1; call <= needed; call++) {
      assert.equal(breaker.state, "closed", `after ${call - 1} of ${needed} calls`);
      breaker.tryAcquire()?.failure();
    }
    assert.equal(breaker.state, "open", `after ${needed} calls`);
  }
});

Deno.test("R10: a probe that is ignored gives its slot back at once, and its deadline goes with it", () => {
  const clock = new ManualClock();
  const breaker = createBreaker("b", { failureThreshold: 1, openStateTimeout: "1s" }, { clock });
  breaker.tryAcquire()?.failure();
  clock.advance("1s");
  for (let round = 0; round < 3; round++) {
    breaker.tryAcquire()?.ignore();
    assert.equal(breaker.counts.inFlight, 0);
  }
  clock.advance("1h");
  assert.equal(breaker.state, "half-open");
});

Deno.test("R13: a change of the mode starts empty; setting the mode that is in force forgets nothing", () => {
  const breaker = createBreaker("b", { failureThreshold: 0 }, { clock: new ManualClock() });
  const after = (mode: "normal" | "metrics-only"): readonly number[] => {
    breaker.tryAcquire()?.failure();
    breaker.override(mode);
    return [breaker.counts.calls, breaker.counts.consecutiveFailures];
  };
  assert.deepEqual(after("normal"), [1, 1]);
  assert.deepEqual(after("metrics-only"), [0, 0]);
  assert.deepEqual(after("metrics-only"), [1, 1]);
  assert.deepEqual(after("normal"), [0, 0]);
});
