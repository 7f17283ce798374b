import assert from "node:assert/strict";
import { createBreaker } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { fail } from "../support/breaker_bench.ts";

Deno.test("R7: a clock that counts from 1970 is half-open at exactly the deadline too", () => {
  const late: number[] = [];
  for (let ms = 0; ms < 300; ms++) {
    let nowMs = 1_700_000_000_000 + ms;
    const manual = new ManualClock();
    const clock = {
      now: (): number => nowMs,
      setTimeout: manual.setTimeout.bind(manual),
      clearTimeout: manual.clearTimeout.bind(manual),
    };
    const breaker = createBreaker("b", { failureThreshold: 1, openStateTimeout: 50 }, { clock });
    fail(breaker);
    nowMs += 50;
    if (breaker.state !== "half-open") late.push(ms);
  }
  assert.deepEqual(late, []);
});
