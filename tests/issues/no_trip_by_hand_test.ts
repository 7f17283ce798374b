/**
 * Somebody who knew that a dependency was down could only override the mode:
 * such a breaker never probes, and stays open until somebody thinks of it.
 */
import assert from "node:assert/strict";
import { bench, succeed } from "../support/breaker_bench.ts";

const POLICY = { failureThreshold: 1, successThreshold: 1, openStateTimeout: "10s" } as const;

Deno.test("R23: a breaker that was tripped by hand recovers by itself", () => {
  const { breaker, clock } = bench(POLICY);
  breaker.tryAcquire()?.success();
  breaker.tripNow({ reason: "the provider's status page says so" });
  assert.deepEqual([breaker.state, breaker.trip?.criterion], ["open", "manual"]);
  clock.advance("10s");
  succeed(breaker);
  assert.equal(breaker.state, "closed");
});

Deno.test("R23: a call from before a trip by hand neither closes nor counts", () => {
  const { breaker } = bench(POLICY);
  const before = breaker.tryAcquire();
  breaker.tripNow();
  before?.success();
  assert.deepEqual([breaker.state, breaker.counts.staleCalls], ["open", 1]);
});

Deno.test("R23: a breaker that probes can be sent back, and waits longer each time", () => {
  const openBackoff = { multiplier: 2, maxTimeout: "1m" };
  const { breaker, clock } = bench({ ...POLICY, openBackoff });
  breaker.tripNow();
  const waits = [10_000, 20_000, 40_000].map((ms) => {
    const peek = breaker.peek();
    clock.advance(ms);
    breaker.tripNow();
    return peek.admitted ? undefined : peek.retryAfterMs;
  });
  assert.deepEqual(waits, [10_000, 20_000, 40_000]);
});
