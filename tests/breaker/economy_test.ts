/** What a breaker does without: readings of the clock, objects, timers. */
import assert from "node:assert/strict";
import { createBreaker, PRODUCTION_POLICY, restoreBreaker } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { BreakerCore } from "../../src/breaker/core.ts";
import { BreakerHost } from "../../src/breaker/host/host.ts";
import { PolicyVersion } from "../../src/breaker/state/policy_line.ts";
import { standalonePolicy } from "../../src/breaker/state/standalone_policy.ts";
import { CLOSED } from "../../src/breaker/state/state.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { BurstTimeline } from "../../src/time/burst_timeline.ts";
import { fail, succeed } from "../support/breaker_bench.ts";

/** A clock that counts what is asked of it. */
class CountedClock extends ManualClock {
  readings = 0;
  cleared = 0;
  override now(): number {
    this.readings++;
    return super.now();
  }
  override clearTimeout(timer: unknown): void {
    this.cleared++;
    super.clearTimeout(timer);
  }
}

Deno.test("a fast success reads the clock once, at its admission; a failure also as it settles (R24)", () => {
  const clock = new CountedClock();
  const breaker = createBreaker("b", {}, { clock });
  fail(breaker);
  clock.readings = 0;
  succeed(breaker);
  assert.equal(clock.readings, 1);
  fail(breaker);
  assert.equal(clock.readings, 3);
});

Deno.test("permits of one epoch and one reading are one admission", () => {
  const timeline = new BurstTimeline(new ManualClock());
  const host = Object.assign(new BreakerHost({}), { timeline });
  const core = new BreakerCore("b", host, new PolicyVersion([PRODUCTION_POLICY], 0));
  for (let i = 0; i < 1_100; i++) timeline.now(); // a burst begins
  assert.equal(core.admit(), core.admit());
});

Deno.test("breakers without settings share one host", () => {
  assert.equal(coreOf(createBreaker("a")).host, coreOf(createBreaker("b")).host);
});

Deno.test("a call without a time limit leaves the clock's timers alone", async () => {
  const clock = new CountedClock();
  const breaker = createBreaker("b", {}, { clock });
  await breaker.do(() => "value", { signal: new AbortController().signal });
  assert.equal(clock.cleared, 0);
  await breaker.do(() => "value", { timeout: "1s" });
  assert.equal(clock.cleared, 1);
});

Deno.test("an admitted call asks for no error", async () => {
  const breaker = createBreaker("b");
  const core = coreOf(breaker);
  core.refusalError = (): never => {
    throw new Error("asked for an error");
  };
  assert.equal(await breaker.do(() => "value", { fallback: () => "fallback" }), "value");
});

Deno.test("R12: a breaker that is closed remembers nothing, whatever ramp its policy gets", () => {
  const breaker = createBreaker("b");
  assert.equal(coreOf(breaker).state, CLOSED);
  const policy = { ramp: { calls: 1, per: "1s" } };
  breaker.setPolicy(policy);
  assert.equal(coreOf(breaker).state, CLOSED);
  assert.equal(coreOf(restoreBreaker(createBreaker("b").snapshot(), policy)).state, CLOSED);
});

Deno.test("breakers of one policy share its compiled form", () => {
  const policy = { minimumCalls: 31 };
  const one = createBreaker("a", policy);
  createBreaker("b", { minimumCalls: 32 });
  const other = createBreaker("c", { ...policy });
  assert.equal(coreOf(other).policy, coreOf(one).policy);
  const version = new PolicyVersion([policy], 0);
  assert.equal(version.compiledFor(undefined), version.compiled);
  assert.notEqual(version.compiledFor({ timeout: "1s" }), version.compiled);
});

Deno.test("64 policies without a provider are remembered; with the next one all others are forgotten", () => {
  let made = 0;
  /** A policy that no other test has, in its own version. */
  const add = (): { recall: () => boolean } => {
    const policy = { minimumCalls: 1_000_000 + made++ };
    const version = standalonePolicy(policy);
    return { recall: () => standalonePolicy(policy) === version };
  };
  let before = add();
  let first = add();
  for (let i = 0; i < 200 && before.recall(); i++) { // until only the last two are remembered
    before = first;
    first = add();
  }
  assert(first.recall());
  for (let remembered = 2; remembered < 64; remembered++) add();
  assert(first.recall());
  add();
  assert(!first.recall());
});
