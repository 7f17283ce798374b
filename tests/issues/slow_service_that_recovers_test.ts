/**
 * A probe had failed once it took longer than `openStateTimeout`, and its late
 * success counted for nothing. So a healthy service whose first calls take
 * longer than that was refused for ever.
 */
import assert from "node:assert/strict";
import { type Breaker, restoreBreaker } from "../../mod.ts";
import type { ManualClock } from "../../src/testing/mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";

/** Calls that are tried before the service is given up. */
const TRIES = 20;

/** Has calls succeed that take so long, one after the other, until the breaker has closed. */
function callUntilClosed(breaker: Breaker, clock: ManualClock, tookMs: number): number {
  for (let tries = 1; tries <= TRIES; tries++) {
    const permit = breaker.tryAcquire();
    clock.advance(tookMs);
    permit?.success();
    if (breaker.state === "closed") return tries;
  }
  return Infinity;
}

Deno.test("R11: under the defaults a service that answers after 90 s is called again", () => {
  const { breaker, clock } = bench();
  fail(breaker, 5);
  clock.advance("1m");
  // The first probe is overdue and teaches, the second call is refused; then two that are in time close.
  assert.equal(callUntilClosed(breaker, clock, 90_000), 4);
});

Deno.test("R11: the calls of a service that takes longer than the open time close a ramp, too", () => {
  const ramp = { calls: 1, per: "10s", growth: 2, steps: 2 };
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "5s", ramp });
  fail(breaker);
  clock.advance("5s");
  assert(callUntilClosed(breaker, clock, 8_000) < TRIES);
});

Deno.test("R11: a restart does not forget how long the service takes", () => {
  const policy = { failureThreshold: 1, openStateTimeout: "10s", successThreshold: 1 };
  const { breaker, clock } = bench(policy);
  fail(breaker);
  clock.advance("10s");
  const overdue = breaker.tryAcquire();
  clock.advance("15s");
  overdue?.success();
  const restored = restoreBreaker(breaker.snapshot(), policy, { clock });
  clock.advance("10s");
  assert.equal(callUntilClosed(restored, clock, 15_000), 1);
});

Deno.test("R11: a probe may take as long as its call", async () => {
  const policy = { failureThreshold: 1, openStateTimeout: "10s", successThreshold: 1 };
  const { breaker, clock } = bench(policy);
  fail(breaker);
  clock.advance("10s");
  const answer = Promise.withResolvers<string>();
  const call = breaker.do(() => answer.promise, { timeout: "30s" });
  clock.advance("25s");
  answer.resolve("Ada");
  assert.equal(await call, "Ada");
  assert.equal(breaker.state, "closed");
});
