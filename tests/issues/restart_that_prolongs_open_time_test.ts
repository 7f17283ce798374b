/**
 * A snapshot did not say when it was taken, so the time until it was restored
 * counted for nothing: each restart prolonged open times and holds, kept old
 * outcomes young, and joined failures that were hours apart.
 */
import assert from "node:assert/strict";
import { type Breaker, type BreakerSnapshot, type Policy, restoreBreaker } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";

const NOON = Date.UTC(2026, 0, 1, 12);

/** Writes a breaker to a file, so to speak, and reads it again in a process that starts so much later. */
function restart(written: BreakerSnapshot, policy: Policy, laterMs: number): Breaker {
  const snapshot = JSON.parse(JSON.stringify(written));
  const wallClock = (): number => NOON + laterMs;
  return restoreBreaker(snapshot, policy, { clock: new ManualClock(), wallClock });
}

function retryAfterMs(breaker: Breaker): number | undefined {
  const peek = breaker.peek();
  return peek.admitted ? undefined : peek.retryAfterMs;
}

const atNoon = { wallClock: () => NOON };

Deno.test("R19: a breaker that is restarted every 20 s is half-open after its minute all the same", () => {
  const policy = { failureThreshold: 1, openStateTimeout: "1m" };
  const { breaker } = bench(policy, atNoon);
  fail(breaker);
  const first = restart(breaker.snapshot(), policy, 20_000);
  assert.equal(retryAfterMs(first), 40_000);
  const second = restart(first.snapshot(), policy, 40_000);
  assert.equal(retryAfterMs(second), 20_000);
  assert.equal(restart(second.snapshot(), policy, 60_000).state, "half-open");
});

Deno.test("R19: a hold for a deploy is over when it should be, whoever restarts meanwhile", () => {
  const { breaker } = bench({}, atNoon);
  breaker.hold("5m", { owner: "deploy" });
  const restarted = restart(breaker.snapshot(), {}, 240_000);
  assert.equal(retryAfterMs(restarted), 60_000);
  assert.equal(restart(restarted.snapshot(), {}, 300_000).peek().admitted, true);
});

Deno.test("R19: outcomes of before a night are in no window of ten seconds after it", () => {
  const policy: Policy = {
    failureThreshold: 0,
    failureCountThreshold: 3,
    window: { kind: "time", duration: "10s" },
  };
  const { breaker } = bench(policy, atNoon);
  fail(breaker, 2);
  const restarted = restart(breaker.snapshot(), policy, 8 * 3_600_000);
  restarted.tryAcquire()?.failure();
  assert.deepEqual([restarted.state, restarted.counts.failures], ["closed", 1]);
});
