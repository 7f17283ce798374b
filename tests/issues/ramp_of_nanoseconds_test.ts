import assert from "node:assert/strict";
import { bench, fail } from "../support/breaker_bench.ts";

Deno.test("R12: intervals of a nanosecond end, also after the 104 days in which every nanosecond is told apart", () => {
  const ramp = { calls: 1, per: "1ns", growth: 1, steps: 3 };
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "1s", ramp });
  assert.equal(breaker.state, "closed"); // from here on time is counted
  clock.advance(365 * 24 * 3_600_000);
  fail(breaker);
  clock.advance("1s");
  assert.equal(breaker.state, "half-open");
  clock.advance("1s");
  assert.equal(breaker.state, "half-open");
  assert.equal(breaker.peek().admitted, true);
});
