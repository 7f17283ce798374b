import assert from "node:assert/strict";
import { createBreaker, type Policy, type StandaloneBreaker } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { fail, succeed } from "../support/breaker_bench.ts";

const OPENS: Policy = { failureThreshold: 1, openStateTimeout: "1s", successThreshold: 1 };
const TIME: Policy = { window: { kind: "time", duration: "10s", buckets: 10 } };

type Prepare = (breaker: StandaloneBreaker, clock: ManualClock) => void;

function isIdle(policy: Policy, prepare: Prepare): boolean {
  const clock = new ManualClock();
  const breaker = createBreaker("b", policy, { clock });
  prepare(breaker, clock);
  return coreOf(breaker).isIdle();
}

const IDLE: Record<string, [Policy, Prepare]> = {
  "that was never used": [{}, () => {}],
  "that was only looked at": [{}, (breaker) => void breaker.state],
  "whose only call was ignored": [{}, (breaker) => breaker.tryAcquire()?.ignore()],
  "whose override and listener are gone again": [{}, (breaker) => {
    const remove = breaker.on("reject", () => {});
    breaker.override("disabled");
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
  "whose time window has emptied": [TIME, (breaker, clock) => {
    succeed(breaker);
    clock.advance("10s");
  }],
  "that only measures, and whose window has emptied": [
    { ...TIME, mode: "metrics-only" },
    (breaker, clock) => {
      succeed(breaker, 3);
      clock.advance("1m");
    },
  ],
};

for (const [which, [policy, prepare]] of Object.entries(IDLE)) {
  Deno.test(`a breaker ${which} is idle: nothing is lost with it`, () => {
    assert.equal(isIdle(policy, prepare), true);
  });
}

const BUSY: Record<string, [Policy, Prepare]> = {
  "that is open": [OPENS, (breaker) => fail(breaker)],
  "that is half-open": [OPENS, (breaker, clock) => {
    fail(breaker);
    clock.advance("1s");
  }],
  "that is half-open and whose evidence of slow calls would be too old by now": [
    {
      ...TIME,
      ...{ openStateTimeout: "1s", slowCallThreshold: 10, slowCallRateThreshold: 1 },
      minimumCalls: 1,
    },
    (breaker, clock) => {
      const permit = breaker.tryAcquire();
      clock.advance(11);
      permit?.success();
      clock.advance("1m");
    },
  ],
  "with a call in flight": [{}, (breaker) => void breaker.tryAcquire()],
  "with a mode set in code": [{}, (breaker) => breaker.override("disabled")],
  "that is listened to": [{}, (breaker) => void breaker.on("reject", () => {})],
  "that has counted a success": [{}, (breaker) => succeed(breaker)],
  "that has counted a failure": [{}, (breaker) => fail(breaker)],
  "whose time window still holds a call": [TIME, (breaker, clock) => {
    succeed(breaker);
    clock.advance("9s");
  }],
  "that remembers a run of failures beyond its window": [TIME, (breaker, clock) => {
    fail(breaker);
    clock.advance("1m");
  }],
};

for (const [which, [policy, prepare]] of Object.entries(BUSY)) {
  Deno.test(`a breaker ${which} is not idle`, () => {
    assert.equal(isIdle(policy, prepare), false);
  });
}
