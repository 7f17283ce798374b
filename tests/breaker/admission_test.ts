import assert from "node:assert/strict";
import { PRODUCTION_POLICY } from "../../mod.ts";
import { Admission } from "../../src/breaker/admission.ts";
import { BreakerCore } from "../../src/breaker/core.ts";
import { BreakerHost } from "../../src/breaker/host/host.ts";
import { PolicyVersion } from "../../src/breaker/state/policy_line.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { BurstTimeline } from "../../src/time/burst_timeline.ts";

/** Breakers whose admissions are all made at one reading of the clock. */
function breakersAtOneReading(count: number): BreakerCore[] {
  const timeline = new BurstTimeline(new ManualClock());
  const host = Object.assign(new BreakerHost({}), { timeline });
  const version = new PolicyVersion([PRODUCTION_POLICY], 0);
  const cores = Array.from({ length: count }, (_, i) => new BreakerCore(`b${i}`, host, version));
  for (let i = 0; i < 1_100; i++) timeline.now(); // a burst begins
  return cores;
}

Deno.test("an admission is found again behind those of three other breakers", () => {
  const cores = breakersAtOneReading(4);
  const admissions = cores.map((core) => Admission.of(core));
  assert.equal(new Set(admissions.map(({ start }) => start)).size, 1);
  assert.deepEqual(cores.map((core) => Admission.of(core)), admissions);
  for (const [i, core] of cores.entries()) assert.equal(Admission.of(core), admissions[i]);
});

Deno.test("an admission behind those of four other breakers is not searched for: the next call makes another", () => {
  const cores = breakersAtOneReading(5);
  const admissions = cores.map((core) => Admission.of(core));
  const [first] = cores;
  assert(first !== undefined);
  const again = Admission.of(first);
  assert.notEqual(again, admissions[0]);
  assert.deepEqual([again.core, again.epoch, again.start], [first, 0, admissions[0]?.start]);
});

Deno.test("R4: behind the admissions of other breakers, that of an earlier epoch is passed over", () => {
  const [one, other] = breakersAtOneReading(2);
  assert(one !== undefined && other !== undefined);
  const before = Admission.of(one);
  Admission.of(other);
  one.reset();
  const after = Admission.of(one);
  assert.notEqual(after, before);
  assert.equal(after.epoch, one.epoch);
});

Deno.test("an admission makes its handlers when a call first asks for them, and keeps them", () => {
  const [core] = breakersAtOneReading(1);
  assert(core !== undefined);
  const admission = Admission.of(core);
  assert.equal(admission.hasHandlers, false);
  const { handlers } = admission;
  assert.equal(admission.hasHandlers, true);
  assert.equal(admission.handlers, handlers);
});
