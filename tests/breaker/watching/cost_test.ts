/** What watching costs, and that who is not watched pays nothing for it: readings and objects, counted. */
import assert from "node:assert/strict";
import { type Breaker, type Clock, createBreaker, type Policy } from "../../../mod.ts";
import { Admission } from "../../../src/breaker/admission.ts";
import { coreOf } from "../../../src/breaker/breaker.ts";
import type { CallWatcher } from "../../../src/breaker/events/call_watcher.ts";

const SLOW: Policy = { slowCallThreshold: "1s", slowCallRateThreshold: 0.5 };
const TIME: Policy = { window: { kind: "time", duration: "10s", buckets: 10 } };
const POLICIES: Record<string, Policy> = {
  "a count window": { failureThreshold: 9 },
  "slow calls": { ...SLOW, failureThreshold: 9 },
  "a time window": { ...TIME, failureThreshold: 9 },
};

/** A clock that counts its readings; no two are at one instant. */
class CountedClock implements Clock {
  readings = 0;
  now(): number {
    return this.readings++ / 1_000;
  }
  setTimeout(): unknown {
    return undefined;
  }
  clearTimeout(): void {}
}

interface Watched {
  readonly breaker: Breaker;
  readonly clock: CountedClock;
  readonly unwatch: () => void;
}

function watched(policy: Policy, watcher: CallWatcher): Watched {
  const clock = new CountedClock();
  const breaker = createBreaker("b", policy, {
    clock,
    wallClock: () => 0,
    readyToTrip: () => false,
    random: () => 0,
  });
  return { breaker, clock, unwatch: coreOf(breaker).addWatcher(watcher) };
}

function readings({ clock }: Watched, act: () => unknown): number {
  const before = clock.readings;
  act();
  return clock.readings - before;
}

const succeed = (): Promise<string> => Promise.resolve("done");

const WATCHERS: Record<string, CallWatcher> = {
  "nothing": {},
  "admissions": { hearsAdmissions: true },
  "ticks": { countsTicks: true },
};

for (const [what, watcher] of Object.entries(WATCHERS)) {
  for (const [window, policy] of Object.entries(POLICIES)) {
    Deno.test(`with ${window}, who is watched for ${what} reads the clock once per entry`, async () => {
      const made = watched(policy, watcher);
      const { breaker } = made;
      breaker.tryAcquire()?.success();
      const permit = breaker.tryAcquire();
      const entries: [string, () => unknown][] = [
        ["an admission", () => breaker.tryAcquire()],
        ["a success", () => permit?.success()],
        ["a synchronous call", () => breaker.doSync(() => "done")],
        ["a look", () => breaker.peek()],
        ["a snapshot", () => breaker.snapshot()],
        ["a reset", () => breaker.reset()],
        ["an override", () => breaker.override("metrics-only")],
        ["the end of an override", () => breaker.override(null)],
      ];
      for (const [entry, act] of entries) {
        const expected = entry === "a synchronous call" ? 2 : 1;
        assert.equal(readings(made, act), expected, entry);
      }
      let calls: Promise<unknown> | undefined;
      assert.equal(readings(made, () => calls = breaker.do(succeed)), 1, "do");
      const settling = made.clock.readings;
      await calls;
      assert.equal(made.clock.readings - settling, 1, "the end of do");
    });
  }

  Deno.test(`an opening, a refusal and a probe read the clock once per entry where ${what} is watched for`, () => {
    const policy = { ...SLOW, failureThreshold: 1, openStateTimeout: 1, successThreshold: 1 };
    const made = watched(policy, watcher);
    const { breaker, clock } = made;
    const permit = breaker.tryAcquire();
    assert.equal(readings(made, () => permit?.failure()), 1);
    assert.equal(readings(made, () => breaker.tryAcquire()), 1);
    clock.readings += 10_000;
    let probe: ReturnType<Breaker["tryAcquire"]>;
    assert.equal(readings(made, () => probe = breaker.tryAcquire()), 1);
    assert.equal(readings(made, () => probe?.success()), 1);
    assert.deepEqual([breaker.counts.lifetime.successes, breaker.state], [1, "closed"]);
  });
}

Deno.test("a watcher that looks reads the clock once for that", () => {
  let looks = 0;
  const made = watched({}, {
    settled: () => {
      looks++;
      made.breaker.peek();
    },
  });
  made.breaker.on("reject", () => {});
  const permit = made.breaker.tryAcquire();
  assert.equal(readings(made, () => permit?.failure()), 2);
  assert.equal(looks, 1);
});

for (const [window, policy] of Object.entries(POLICIES)) {
  Deno.test(`with ${window}, who is no longer watched is as if nobody ever had`, () => {
    const made = watched(policy, { hearsAdmissions: true, countsTicks: true });
    const fresh = createBreaker("fresh", policy, { clock: made.clock });
    made.unwatch();
    for (const breaker of [made.breaker, fresh]) breaker.tryAcquire()?.success();
    const [once, never] = [coreOf(made.breaker), coreOf(fresh)];
    assert.equal(once.watch, undefined);
    assert.deepEqual([once.passes, once.steady], [never.passes, never.steady]);
    for (const { breaker } of [made, { breaker: fresh }]) {
      const expected = window === "a count window" ? 1 : 2;
      assert.equal(readings(made, () => breaker.tryAcquire()?.success()), expected);
    }
  });
}

Deno.test("the calls of a closed breaker share admissions as before, also while it is watched, unless each is told of", () => {
  const clock = { now: () => 0, setTimeout: () => undefined, clearTimeout: () => {} };
  const breaker = createBreaker("b", {}, { clock });
  const core = coreOf(breaker);
  const first = Admission.of(core);
  core.addWatcher({ countsTicks: true, settled: () => {} });
  assert.equal(core.passes, true);
  assert.equal(Admission.at(first.start, core), first);
});

Deno.test("who is not watched has nothing to be told with", () => {
  const breaker = createBreaker("b", { failureThreshold: 1 });
  for (let i = 0; i < 3; i++) breaker.tryAcquire()?.failure();
  breaker.reset();
  assert.equal(coreOf(breaker).watch, undefined);
  assert.equal(coreOf(breaker).announce(), false);
});
