/** What conformance cases of R19 cannot see: which clock tells how old a snapshot is. */
import assert from "node:assert/strict";
import { restoreBreaker, type RestoreSettings, type StateChangeEvent } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";

const POLICY = { failureThreshold: 1, openStateTimeout: "10s" } as const;
const NOON = Date.UTC(2026, 0, 1, 12);

const AGES: readonly (readonly [what: string, settings: RestoreSettings, retryAfterMs: number])[] =
  [
    ["the wall clock", { wallClock: () => NOON + 4_000 }, 6_000],
    ["a wall clock that went back", { wallClock: () => NOON - 4_000 }, 10_000],
    ["a wall clock that cannot tell", { wallClock: () => NaN }, 10_000],
    ["elapsed, whatever the wall clock says", { elapsed: "3s", wallClock: () => NOON }, 7_000],
    ["elapsed of none", { elapsed: 0, wallClock: () => NOON + 4_000 }, 10_000],
    ["elapsed below 0", { elapsed: "-3s", wallClock: () => NOON + 4_000 }, 10_000],
  ];

for (const [what, settings, retryAfterMs] of AGES) {
  Deno.test(`R19: how old a snapshot is says ${what}`, () => {
    const { breaker } = bench(POLICY, { wallClock: () => NOON });
    fail(breaker);
    const snapshot = breaker.snapshot();
    assert.equal(snapshot.takenAt, NOON);
    const restored = restoreBreaker(snapshot, POLICY, { clock: new ManualClock(), ...settings });
    const peek = restored.peek();
    assert.equal(peek.admitted ? undefined : peek.retryAfterMs, retryAfterMs);
  });
}

Deno.test("R19: with a clock of one's own its readings are the wall clock, so that real time never counts", () => {
  const { breaker, clock } = bench(POLICY);
  clock.advance(700);
  assert.equal(breaker.snapshot().takenAt, 700);
});

Deno.test("R19: a snapshot that does not say when it was taken is of now", () => {
  const { breaker } = bench(POLICY);
  fail(breaker);
  const { takenAt: _takenAt, ...old } = breaker.snapshot();
  const peek = restoreBreaker(old, POLICY, { clock: new ManualClock(99) }).peek();
  assert.equal(peek.admitted ? undefined : peek.retryAfterMs, 10_000);
});

Deno.test("R19: what fell due before the restoring is announced at the first look, with its own instant", () => {
  const { breaker } = bench(POLICY);
  fail(breaker);
  const clock = new ManualClock(1_000_000);
  const restored = restoreBreaker(breaker.snapshot(), POLICY, { clock, elapsed: "1m" });
  const events: StateChangeEvent[] = [];
  restored.on("stateChange", (event) => events.push(event));
  assert.equal(restored.state, "half-open");
  assert.deepEqual(events.map(({ to, at }) => [to, at]), [["half-open", 950_000]]);
});

Deno.test("R19: what another policy puts in the past is announced as of the snapshot, by the clock of the restoring", () => {
  const { breaker, clock: before } = bench({ ...POLICY, openStateTimeout: "1h" });
  fail(breaker);
  before.advance("30s");
  const clock = new ManualClock(1_000_000);
  const restored = restoreBreaker(breaker.snapshot(), POLICY, { clock, elapsed: "1m" });
  const events: StateChangeEvent[] = [];
  restored.on("stateChange", (event) => events.push(event));
  assert.equal(restored.state, "half-open");
  assert.deepEqual(events.map(({ to, at, trip }) => [to, at, trip?.at]), [
    ["half-open", 940_000, 910_000],
  ]);
});

Deno.test("R19: an age of most of a year counts whole", () => {
  const policy = { failureThreshold: 1, openStateTimeout: "8760h" };
  const { breaker } = bench(policy);
  fail(breaker);
  const settings = { clock: new ManualClock(), elapsed: "8000h" };
  const peek = restoreBreaker(breaker.snapshot(), policy, settings).peek();
  assert.equal(peek.admitted ? undefined : peek.retryAfterMs, 760 * 3_600_000);
});

Deno.test("R19, R22: a snapshot from before there were holds has none, and its calls go the short way", () => {
  const { breaker } = bench();
  const { holds: _holds, askedLeftMs: _askedLeftMs, ...old } = breaker.snapshot();
  const restored = restoreBreaker(JSON.parse(JSON.stringify(old)), {}, { elapsed: 0 });
  assert.equal(coreOf(restored).passes, true);
});

Deno.test("R19: a trip by the criterion in code outlives a restart", () => {
  const { breaker } = bench({}, { readyToTrip: () => true });
  fail(breaker);
  assert.equal(restoreBreaker(breaker.snapshot()).trip?.criterion, "readyToTrip");
});
