/**
 * A row of failures knew no time: five failures an hour apart, with no call in
 * between, opened a breaker as five in a second do. And no criterion counted
 * failures, so that a few of them in a large window could not open at once.
 */
import assert from "node:assert/strict";
import type { Policy } from "../../mod.ts";
import { bench, fail, succeed } from "../support/breaker_bench.ts";

const WITHIN: Policy = { failureThreshold: 5, failureThresholdWithin: "1m" };

Deno.test("R24: five failures an hour apart open nothing", () => {
  const { breaker, clock } = bench(WITHIN);
  for (let i = 0; i < 5; i++) {
    fail(breaker);
    clock.advance("1h");
  }
  assert.deepEqual([breaker.state, breaker.counts.consecutiveFailures], ["closed", 1]);
});

Deno.test("R24: a row that goes on after its gap opens, and one that ended before it does not count", () => {
  const { breaker, clock } = bench(WITHIN);
  fail(breaker, 4);
  clock.advance("2m");
  fail(breaker, 4);
  assert.equal(breaker.state, "closed");
  fail(breaker);
  assert.equal(breaker.state, "open");
});

Deno.test("R24: in the mode metrics-only failures an hour apart are no crossing, either", () => {
  const { breaker, clock } = bench({ ...WITHIN, mode: "metrics-only" });
  let crossings = 0;
  breaker.on("wouldOpen", () => crossings++);
  for (let i = 0; i < 10; i++) {
    fail(breaker);
    clock.advance("1h");
  }
  assert.equal(crossings, 0);
});

Deno.test("R24: so many failures in the window open, however many calls succeed between them", () => {
  const { breaker } = bench({ failureThreshold: 0, failureCountThreshold: 3 });
  for (let i = 0; i < 2; i++) {
    succeed(breaker, 20);
    fail(breaker);
  }
  assert.equal(breaker.state, "closed");
  fail(breaker);
  assert.equal(breaker.trip?.criterion, "failureCount");
});
