import assert from "node:assert/strict";
import { createBreaker, type StandaloneBreaker } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";

Deno.test("R15: random() may look at the breaker that draws, and a hung probe reopens it once", () => {
  const looking: { breaker?: StandaloneBreaker } = {};
  const random = (): number => {
    void looking.breaker?.state;
    return 0;
  };
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: 1000 }, { random });
  looking.breaker = breaker;
  const entered: string[] = [];
  breaker.on("stateChange", ({ to, at }) => entered.push(`${to} ${at}`));
  fail(breaker);
  clock.advance(1000);
  assert(breaker.tryAcquire());
  clock.advance(2500);
  assert.equal(breaker.state, "half-open");
  assert.deepEqual(entered, ["open 0", "half-open 1000", "open 2000", "half-open 3000"]);
});

Deno.test("R13: a mode that random() sets at a trip stands: nothing is open that is disabled", () => {
  const clock = new ManualClock();
  const breaker: StandaloneBreaker = createBreaker("b", { failureThreshold: 1 }, {
    clock,
    random: () => {
      breaker.override("disabled");
      return 0;
    },
  });
  fail(breaker);
  assert.deepEqual([breaker.mode, breaker.state, breaker.peek()], ["disabled", "closed", {
    admitted: true,
  }]);
});
