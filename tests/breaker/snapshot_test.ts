import assert from "node:assert/strict";
import {
  type BreakerSnapshot,
  type Policy,
  restoreBreaker,
  type StandaloneBreaker,
} from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { bench, fail, succeed } from "../support/breaker_bench.ts";

function restored(
  snapshot: BreakerSnapshot,
  policy: Policy,
  clock: ManualClock,
): StandaloneBreaker {
  return restoreBreaker(JSON.parse(JSON.stringify(snapshot)), policy, { clock, elapsed: 0 });
}

/** What a breaker shows of itself, without what belongs to its clock. */
function shown(breaker: StandaloneBreaker): unknown {
  const { state, mode, counts } = breaker;
  const peek = breaker.peek();
  return { state, mode, counts, reason: peek.admitted ? null : [peek.reason, peek.retryAfterMs] };
}

const RAMP = { calls: 2, per: "1s", steps: 3 };

const SITUATIONS: [string, Policy, (made: ReturnType<typeof bench>) => void][] = [
  ["unused", {}, () => {}],
  ["a count window", { window: { kind: "count", size: 7 } }, ({ breaker }) => {
    fail(breaker, 2);
    succeed(breaker, 6);
    breaker.tryAcquire()?.timeout();
  }],
  [
    "a time window in mid-slice",
    { window: { kind: "time", duration: "10s", buckets: 7 } },
    ({ breaker, clock }) => {
      for (let i = 0; i < 9; i++) {
        clock.advance("1.1s");
        succeed(breaker);
        fail(breaker);
      }
    },
  ],
  ["open", { failureThreshold: 3, openBackoff: { jitter: 0.5 } }, ({ breaker, clock }) => {
    fail(breaker, 3);
    clock.advance(1_500);
    breaker.tryAcquire();
  }],
  [
    "open with a frozen time window",
    { failureThreshold: 3, window: { kind: "time" } },
    ({ breaker, clock }) => {
      clock.advance(700);
      fail(breaker, 3);
      clock.advance("30s");
    },
  ],
  [
    "half-open after reopenings",
    { failureThreshold: 1, openStateTimeout: "1s" },
    ({ breaker, clock }) => {
      fail(breaker);
      for (let i = 0; i < 3; i++) {
        clock.advance("1s");
        fail(breaker);
      }
      clock.advance("1s");
      succeed(breaker);
    },
  ],
  [
    "half-open on a ramp",
    { failureThreshold: 1, openStateTimeout: "1s", ramp: RAMP },
    ({ breaker, clock }) => {
      fail(breaker);
      clock.advance("1s");
      succeed(breaker, 2);
      clock.advance("1.25s");
      succeed(breaker, 3);
    },
  ],
  ["forced open in code", {}, ({ breaker }) => breaker.override("forced-open")],
  [
    "metrics-only past a crossing",
    { mode: "metrics-only", failureThreshold: 2 },
    ({ breaker }) => fail(breaker, 3),
  ],
];

for (const [name, policy, prepare] of SITUATIONS) {
  Deno.test(`R19: restored where it was: ${name}`, () => {
    const made = bench(policy, { random: () => 0.5 });
    prepare(made);
    const other = new ManualClock(987_654_321.25);
    const twin = restored(made.breaker.snapshot(), policy, other);
    assert.deepEqual(shown(twin), shown(made.breaker));
    for (let step = 0; step < 200; step++) {
      made.clock.advance(170);
      other.advance(170);
      assert.deepEqual(shown(twin), shown(made.breaker), `after ${step + 1} steps`);
    }
    for (const call of [succeed, fail, succeed, succeed, succeed, fail]) {
      call(made.breaker);
      call(twin);
      assert.deepEqual(shown(twin), shown(made.breaker));
    }
  });
}

Deno.test("R19: a crossing that was announced is not announced again after a restore", () => {
  const policy: Policy = { mode: "metrics-only", failureThreshold: 2 };
  const { breaker, clock } = bench(policy);
  fail(breaker, 2);
  const twin = restored(breaker.snapshot(), policy, clock);
  let announced = 0;
  twin.on("wouldOpen", () => announced++);
  fail(twin);
  assert.equal(announced, 0);
  succeed(twin);
  fail(twin, 2);
  assert.equal(announced, 1);
});

Deno.test("R19: probes in flight are dropped, their slots are free, and old permits never touch the new breaker", () => {
  const policy = { failureThreshold: 1, openStateTimeout: "1s", successThreshold: 1 };
  const { breaker, clock } = bench(policy);
  fail(breaker);
  clock.advance("1s");
  const old = breaker.tryAcquire();
  const twin = restored(breaker.snapshot(), policy, clock);
  assert.equal(twin.counts.inFlight, 0);
  const fresh = twin.tryAcquire();
  assert(fresh);
  old?.failure();
  assert.equal(twin.state, "half-open");
  assert.equal(twin.counts.staleCalls, 0);
  fresh.success();
  assert.equal(twin.state, "closed");
});

Deno.test("R14: restoring under another policy applies it as a live change", () => {
  const { breaker, clock } = bench({ window: { kind: "count", size: 10 } });
  fail(breaker, 4);
  const shrunk = restored(breaker.snapshot(), { window: { kind: "count", size: 3 } }, clock);
  assert.equal(shrunk.counts.calls, 3);
  const other = restored(breaker.snapshot(), { window: { kind: "time" } }, clock);
  assert.deepEqual([other.counts.calls, other.counts.consecutiveFailures], [0, 4]);
  fail(breaker);
  const shorter = restored(breaker.snapshot(), { openStateTimeout: "1s" }, clock);
  clock.advance("1s");
  assert.equal(shorter.state, "half-open");
});

Deno.test("R13: restoring under another mode starts closed and empty, with the totals", () => {
  const { breaker, clock } = bench();
  fail(breaker, 5);
  breaker.tryAcquire();
  const twin = restored(breaker.snapshot(), { mode: "metrics-only" }, clock);
  assert.deepEqual([twin.state, twin.counts.calls, twin.counts.rejected], ["closed", 0, 1]);
});

const SLICE = { bucketsAgo: 0, lastMsAgo: 0, calls: 1, failures: 0, slow: 0, timeouts: 0 };

Deno.test("restoreBreaker refuses what is no snapshot, by field", () => {
  const { breaker } = bench({ failureThreshold: 1, window: { kind: "time" } });
  fail(breaker);
  const good = breaker.snapshot();
  const bad: [unknown, RegExp][] = [
    [null, /\$ must be an object, received null/],
    [{ ...good, version: 2 }, /\$\.version must be one of 1, received 2/],
    [{ ...good, name: 7 }, /\$\.name must be a string/],
    [{ ...good, mode: "off" }, /\$\.mode must be one of "normal"/],
    [{ ...good, consecutiveFailures: -1 }, /\$\.consecutiveFailures must be a count/],
    [{ ...good, open: { ...good.open, draw: 1 } }, /\$\.open\.draw must be at least 0 and below 1/],
    [
      { ...good, open: { ...good.open, sinceMs: "now" } },
      /\$\.open\.sinceMs must be a length of time/,
    ],
    [
      { ...good, window: { kind: "count", size: 5, outcomes: "0129" } },
      /\$\.window\.outcomes must be a string of digits/,
    ],
    [{ ...good, window: { kind: "sum" } }, /\$\.window\.kind must be one of "count", "time"/],
    [
      { ...good, window: { ...good.window, slices: [{ ...SLICE, bucketsAgo: -1 }] } },
      /\$\.window\.slices\[0\]\.bucketsAgo must be a count, received -1/,
    ],
    [{ ...good, window: { ...good.window, slices: {} } }, /\$\.window\.slices must be an array/],
    [
      { ...good, window: { ...good.window, phaseMs: 1e300 } },
      /\$\.window\.phaseMs must be a length of time, received 1e\+300/,
    ],
    [
      { ...good, window: { ...good.window, phaseMs: 10_000 } },
      /\$\.window\.phaseMs must be below durationMs/,
    ],
    [
      { ...good, window: { ...good.window, slices: [{ ...SLICE, failures: 2 }] } },
      /\$\.window\.slices\[0\] must be no more failures/,
    ],
    [
      { ...good, window: { ...good.window, slices: [SLICE, SLICE] } },
      /\$\.window\.slices\[1\]\.bucketsAgo must be a bucket of the window, each once/,
    ],
    [
      { ...good, window: { ...good.window, slices: [{ ...SLICE, bucketsAgo: 10 }] } },
      /\$\.window\.slices\[0\]\.bucketsAgo must be a bucket of the window/,
    ],
    [
      { ...good, window: { kind: "count", size: 1, outcomes: "00" } },
      /\$\.window\.outcomes must be at most 1 outcomes/,
    ],
    [{ ...good, lifetime: [] }, /\$\.lifetime must be an object/],
  ];
  for (const [snapshot, message] of bad) {
    const text: BreakerSnapshot = JSON.parse(JSON.stringify(snapshot));
    assert.throws(() => restoreBreaker(text), { name: "TypeError", message });
  }
});
