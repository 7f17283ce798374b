/**
 * To say what the last failure was, the error is read, and a getter of it can do anything. What it
 * did to the breaker was undone by the trip that it was read for.
 */
import assert from "node:assert/strict";
import type { StandaloneBreaker } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { bench, fail, succeed } from "../support/breaker_bench.ts";

const POLICY = { failureThreshold: 1, openStateTimeout: "1s", successThreshold: 1 } as const;

const ACTS: Readonly<Record<string, (breaker: StandaloneBreaker) => void>> = {
  "resets the breaker": (breaker) => breaker.reset(),
  "disables the breaker": (breaker) => breaker.override("disabled"),
  "has the breaker only measure": (breaker) => breaker.setPolicy({ mode: "metrics-only" }),
};

function acting(act: () => void): object {
  return {
    get message() {
      act();
      return "down";
    },
  };
}

for (const [what, act] of Object.entries(ACTS)) {
  Deno.test(`R5: an error that ${what} when it is read trips nothing`, () => {
    const { breaker } = bench(POLICY);
    breaker.tryAcquire()?.failure(acting(() => act(breaker)));
    assert.equal(breaker.state, "closed");
    assert.equal(breaker.peek().admitted, true);
  });

  Deno.test(`R10: a probe's error that ${what} when it is read reopens nothing, and ends no epoch`, () => {
    const { breaker, clock } = bench(POLICY);
    fail(breaker);
    clock.advance("1s");
    let epoch = NaN;
    breaker.tryAcquire()?.failure(acting(() => {
      act(breaker);
      epoch = coreOf(breaker).epoch;
    }));
    assert.deepEqual([breaker.state, coreOf(breaker).epoch], ["closed", epoch]);
    succeed(breaker);
    assert.equal(breaker.counts.staleCalls, 0);
  });
}
