import assert from "node:assert/strict";
import { type Policy, restoreBreaker } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { bench, fail, succeed } from "../support/breaker_bench.ts";

const OPENS: Policy = { failureThreshold: 2, openStateTimeout: "1s" };
const NO_REFUSALS = { open: 0, held: 0, probing: 0, ramping: 0, forced: 0 };

Deno.test("R19: the snapshot of an open breaker tells everything in time passed and time that remains", () => {
  const { breaker, clock } = bench(OPENS, { random: () => 0.25 });
  clock.advance(300);
  fail(breaker, 2);
  clock.advance(400);
  breaker.tryAcquire();
  assert.deepEqual(breaker.snapshot(), {
    version: 1,
    name: "b",
    takenAt: 700,
    state: "open",
    mode: "normal",
    override: null,
    consecutiveFailures: 2,
    lastFailureMsAgo: 400,
    window: { kind: "count", size: 100, outcomes: "11" },
    wouldOpenBy: null,
    holds: [],
    askedLeftMs: 0,
    slowestProbeMs: 0,
    lifetime: {
      ...{ successes: 0, failures: 2, slow: 0, timeouts: 0, ignored: 0, stale: 0 },
      overdueProbes: 0,
      holds: 0,
      rejected: { ...NO_REFUSALS, open: 1 },
    },
    trip: {
      criterion: "failureThreshold",
      observed: 2,
      threshold: 2,
      counts: {
        ...{ calls: 2, successes: 0, failures: 2, slow: 0, timeouts: 0 },
        consecutiveFailures: 2,
      },
      msAgo: 400,
    },
    reopenings: 0,
    open: { sinceMs: 400, remainingMs: 600, draw: 0.25 },
  });
});

Deno.test("R19: the snapshot of a half-open breaker tells how far its ramp has come", () => {
  const { breaker, clock } = bench({ ...OPENS, ramp: { calls: 3, per: "1s", steps: 5 } });
  fail(breaker, 2);
  clock.advance("1s");
  succeed(breaker, 2);
  clock.advance("1.25s");
  succeed(breaker);
  breaker.tryAcquire();
  const { state, reopenings, open, halfOpen } = breaker.snapshot();
  assert.deepEqual([state, reopenings, open], ["half-open", 0, undefined]);
  assert.deepEqual(halfOpen, {
    sinceMs: 1_250,
    successes: 3,
    ramp: {
      ...{ calls: 3, perMs: 1_000, growth: 2, steps: 5 },
      ...{ intervalSinceMs: 250, good: 1, admitted: 2, settled: 1 },
    },
  });
});

Deno.test("R19: a restored time window goes on in the slices of the old one, and says so", () => {
  const policy: Policy = { window: { kind: "time", duration: "10s", buckets: 4 } };
  const { breaker, clock } = bench(policy);
  for (let i = 0; i < 3; i++) {
    clock.advance("3.1s");
    breaker.tryAcquire()?.timeout();
  }
  const { window } = breaker.snapshot();
  assert(window?.kind === "time");
  assert.equal(window.phaseMs, 6_200); // since the first reading of the clock
  assert.deepEqual(window.slices.map(({ bucketsAgo, lastMsAgo }) => [bucketsAgo, lastMsAgo]), [
    [2, 6_200],
    [1, 3_100],
    [0, 0],
  ]);
  const later = new ManualClock(50_000);
  const twin = restoreBreaker(breaker.snapshot(), policy, { clock: later, elapsed: 0 });
  assert.deepEqual(twin.snapshot().window, window);
  later.advance("1s");
  clock.advance("1s");
  assert.deepEqual(twin.snapshot().window, breaker.snapshot().window);
});

Deno.test("R19: a trip without an open or half-open state to go with it is forgotten: the breaker is closed", () => {
  const { breaker } = bench(OPENS);
  fail(breaker, 2);
  const { open: _open, ...rest } = breaker.snapshot();
  const twin = restoreBreaker(rest, OPENS);
  assert.deepEqual([twin.state, twin.trip], ["closed", undefined]);
});

Deno.test("R19: an open or half-open state without a trip is closed too", () => {
  const { breaker } = bench(OPENS);
  fail(breaker, 2);
  const { trip: _trip, ...rest } = breaker.snapshot();
  assert.equal(restoreBreaker(rest, OPENS).state, "closed");
});
