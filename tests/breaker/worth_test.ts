/** What would be lost with a breaker that gives way to one of another name. */
import assert from "node:assert/strict";
import { createBreaker, type Policy, type StandaloneBreaker } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { AT_STAKE, KEPT } from "../../src/collections/giving_way.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { fail, succeed } from "../support/breaker_bench.ts";
import { KeptLog } from "../support/kept_log.ts";

const OPENS: Policy = { failureThreshold: 1, openStateTimeout: "1s", successThreshold: 1 };
const TIME: Policy = { window: { kind: "time", duration: "10s", buckets: 10 } };
const SLOW: Policy = { slowCallThreshold: 10, slowCallRateThreshold: 1, minimumCalls: 1 };

type Prepare = (breaker: StandaloneBreaker, clock: ManualClock) => void;
type Cases = Record<string, readonly [Policy, Prepare]>;

function worthOf(policy: Policy, prepare: Prepare): number {
  const clock = new ManualClock();
  const holdAfter = (outcome: unknown) => outcome === "wait" ? "1m" : undefined;
  const breaker = createBreaker("b", policy, { clock, holdAfter, logger: new KeptLog() });
  prepare(breaker, clock);
  return coreOf(breaker).worth();
}

function failAsking(breaker: StandaloneBreaker): void {
  try {
    breaker.doSync(() => {
      throw "wait";
    });
  } catch {
    // It asked for a minute.
  }
}

const UNUSED: Cases = {
  "that was never used": [{}, () => {}],
  "that was only looked at": [{}, (breaker) => void breaker.peek()],
  "that was held, and is not any more": [{}, (breaker, clock) => {
    breaker.hold("1s");
    clock.advance("1s");
  }],
};

const CLEAN: Cases = {
  "that has counted a success": [{}, (breaker) => succeed(breaker)],
  "whose only call was ignored": [{}, (breaker) => breaker.tryAcquire()?.ignore()],
  "that only refuses, by its policy": [{ mode: "forced-open" }, (breaker) => {
    breaker.tryAcquire();
  }],
  "that only admits, by its policy": [{ mode: "disabled" }, (breaker) => fail(breaker)],
  "whose override and listener are gone again": [{}, (breaker) => {
    const remove = breaker.on("reject", () => {});
    breaker.override("disabled");
    succeed(breaker);
    breaker.override(null);
    remove();
  }],
  "that was reset after failures": [{}, (breaker) => {
    fail(breaker, 3);
    breaker.reset();
  }],
  "that has recovered": [OPENS, (breaker, clock) => {
    fail(breaker);
    clock.advance("1s");
    succeed(breaker);
  }],
  "whose failures have left its window and were followed by a success": [
    { ...TIME, ...SLOW },
    (breaker, clock) => {
      fail(breaker);
      succeed(breaker);
      clock.advance("10s");
    },
  ],
};

const FAILING: Cases = {
  "that has counted a failure": [{}, (breaker) => fail(breaker)],
  "whose window holds a failure": [{}, (breaker) => {
    fail(breaker);
    succeed(breaker);
  }],
  "that only measures failures": [{ mode: "metrics-only" }, (breaker) => fail(breaker)],
  "that remembers a run of failures beyond its window": [TIME, (breaker, clock) => {
    fail(breaker);
    clock.advance("1m");
  }],
  "whose window holds a slow call": [{ ...SLOW, minimumCalls: 2 }, (breaker, clock) => {
    const slow = breaker.tryAcquire();
    clock.advance(11);
    slow?.success();
  }],
  "whose dependency asked for time, though it has succeeded since": [
    { window: { kind: "count", size: 1 } },
    (breaker) => {
      failAsking(breaker);
      succeed(breaker);
    },
  ],
  "that has learnt how long its probes take": [OPENS, (breaker, clock) => {
    fail(breaker);
    clock.advance("1s");
    const overdue = breaker.tryAcquire();
    clock.advance("2s");
    overdue?.success();
    clock.advance("1s");
    succeed(breaker);
  }],
};

const IN_USE: Cases = {
  "that is open": [OPENS, (breaker) => fail(breaker)],
  "that is half-open": [OPENS, (breaker, clock) => {
    fail(breaker);
    clock.advance("1s");
  }],
  "that was tripped by hand": [{}, (breaker) => breaker.tripNow()],
  "with a call in flight": [{}, (breaker) => void breaker.tryAcquire()],
  "with a call in flight from before a reset": [{}, (breaker) => {
    breaker.tryAcquire();
    breaker.reset();
  }],
  "with a mode set in code, also the one that its policy has": [{}, (breaker) => {
    breaker.override("normal");
  }],
  "that is held": [{}, (breaker) => breaker.hold("1s")],
  "that is listened to": [{}, (breaker) => void breaker.on("reject", () => {})],
};

const KINDS: readonly [string, Cases, (worth: number) => boolean][] = [
  ["is worth nothing", UNUSED, (worth) => worth === 0],
  ["is worth its last use", CLEAN, (worth) => worth > 0 && worth < AT_STAKE],
  ["is worth more than any without failures", FAILING, (worth) => worth > AT_STAKE && worth < KEPT],
  ["never gives way", IN_USE, (worth) => worth === KEPT],
];

for (const [what, cases, isIt] of KINDS) {
  for (const [which, [policy, prepare]] of Object.entries(cases)) {
    Deno.test(`a breaker ${which} ${what}`, () => {
      const worth = worthOf(policy, prepare);
      assert(isIt(worth), `it is worth ${worth}`);
    });
  }
}

Deno.test("what a breaker without failures is worth takes no reading of the clock", () => {
  const clock = new ManualClock();
  let readings = 0;
  const counting = {
    now: () => {
      readings++;
      return clock.now();
    },
    setTimeout: () => undefined,
    clearTimeout: () => {},
  };
  const [clean, failing] = ["clean", "failing"].map((name) =>
    createBreaker(name, {}, { clock: counting })
  );
  assert(clean !== undefined && failing !== undefined);
  succeed(clean);
  fail(failing);
  readings = 0;
  coreOf(clean).worth();
  assert.equal(readings, 0);
  coreOf(failing).worth();
  assert.equal(readings, 1);
});

Deno.test("use is an admitted or a refused call, and what was used last is worth more", () => {
  const clock = new ManualClock();
  const [a, b, c] = ["a", "b", "c"].map((name) => createBreaker(name, {}, { clock }));
  assert(a !== undefined && b !== undefined && c !== undefined);
  const inOrder = (): string[] =>
    [a, b, c].sort((one, other) => coreOf(one).worth() - coreOf(other).worth())
      .map(({ name }) => name);
  for (const breaker of [c, b, a]) succeed(breaker);
  assert.deepEqual(inOrder(), ["c", "b", "a"]);
  succeed(b);
  a.peek();
  assert.deepEqual(inOrder(), ["c", "a", "b"]);
  c.hold("1s");
  assert.equal(c.tryAcquire(), undefined);
  c.release();
  assert.deepEqual(inOrder(), ["a", "b", "c"]);
});
