import assert from "node:assert/strict";
import { type Policy, resolvePolicy } from "../../mod.ts";
import { compilePolicy } from "../../src/breaker/state/compiled_policy.ts";
import { halfOpenDue, rolled } from "../../src/breaker/state/half_open.ts";
import { ProbeQueue } from "../../src/breaker/state/probe_queue.ts";
import { type RampProgress, rollRamp, startRamp } from "../../src/breaker/state/ramp.ts";
import type { HalfOpen } from "../../src/breaker/state/state.ts";

const MS = 1e6;
const RAMP = { calls: 2, per: 1_000 * MS, growth: 2, steps: 1 };

function halfOpen(ramp?: RampProgress): HalfOpen {
  const counts = {
    ...{ calls: 1, successes: 0, failures: 1, slow: 0, timeouts: 0 },
    consecutiveFailures: 1,
  };
  return {
    ...{ kind: "half-open", since: 0, reopenings: 0, trippedAt: 0, successes: 0, ramp },
    trip: { criterion: "failureThreshold", counts, at: 0 },
    probes: new ProbeQueue(),
  };
}

function compiled(policy: Policy): ReturnType<typeof compilePolicy> {
  return compilePolicy(resolvePolicy(policy));
}

Deno.test("R12: what is due in half-open by time alone: a probe's failure, or the end of the last good interval", () => {
  const good = { ...startRamp(RAMP, 0), settled: 1 };
  const CASES: [deadline: number | undefined, ramp: RampProgress | undefined, due: unknown][] = [
    [undefined, undefined, undefined],
    [500, undefined, { cause: "probe-timeout", at: 500 * MS }],
    [2_001, undefined, undefined],
    [undefined, startRamp(RAMP, 0), undefined],
    [undefined, good, { cause: "recovered", at: 1_000 * MS }],
    [500, good, { cause: "probe-timeout", at: 500 * MS }],
    [1_000, good, { cause: "probe-timeout", at: 1_000 * MS }],
    [1_001, good, { cause: "recovered", at: 1_000 * MS }],
  ];
  for (const [deadlineMs, ramp, due] of CASES) {
    const state = halfOpen(ramp);
    if (deadlineMs !== undefined) state.probes.add(deadlineMs * MS);
    assert.deepEqual(halfOpenDue(state, 2_000 * MS), due, `${deadlineMs} ${ramp?.settled}`);
  }
});

Deno.test("R12: a ramp stays in its interval up to the instant in which it ends", () => {
  const progress = { ...startRamp(RAMP, 0), admitted: 1 };
  assert.equal(rollRamp(progress, RAMP, 1_000 * MS - 1), progress);
  const next = rollRamp(progress, RAMP, 1_000 * MS);
  assert.deepEqual([next.since, next.admitted], [1_000 * MS, 0]);
});

Deno.test("R12: half-open is the same object as long as its ramp does not move, and where there is none", () => {
  const withRamp = compiled({ ramp: { calls: 2, per: "1s" } });
  const plain = halfOpen();
  assert.equal(rolled(plain, withRamp, 9_000 * MS), plain);
  const ramping = halfOpen(startRamp(RAMP, 0));
  assert.equal(rolled(ramping, compiled({}), 9_000 * MS), ramping);
  assert.equal(rolled(ramping, withRamp, 1_000 * MS - 1), ramping);
  assert.equal(rolled(ramping, withRamp, 1_000 * MS).ramp?.since, 1_000 * MS);
});

Deno.test("R9: without a ramp one probe, with one any number, unless the policy says how many", () => {
  const bare = { ...resolvePolicy({}), halfOpen: {} };
  assert.equal(compilePolicy(bare).maxProbes, 1);
  assert.equal(compiled({}).maxProbes, 1);
  assert.equal(compiled({ ramp: { calls: 1, per: "1s" } }).maxProbes, Infinity);
  const halfOpenPolicy = { halfOpen: { maxProbes: 3 } };
  assert.equal(compiled(halfOpenPolicy).maxProbes, 3);
  assert.equal(compiled({ ...halfOpenPolicy, ramp: { calls: 1, per: "1s" } }).maxProbes, 3);
});
