import assert from "node:assert/strict";
import { createBreaker, type Policy } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";

Deno.test("R3: a window whose slices are shorter than a nanosecond still moves on after a month", () => {
  const policy: Policy = {
    failureThreshold: 0,
    window: { kind: "time", duration: "1us", buckets: 3_600 },
  };
  const clock = new ManualClock();
  const breaker = createBreaker("b", policy, { clock });
  breaker.tryAcquire()?.failure();
  clock.advance("720h"); // slices are counted in numbers beyond 2^53 from here on
  for (let i = 0; i < 100; i++) {
    clock.advance("300ns");
    breaker.tryAcquire()?.success();
    assert.equal(breaker.counts.calls, Math.min(4, i + 1));
  }
  clock.advance("1us");
  assert.equal(breaker.counts.calls, 0);
});
