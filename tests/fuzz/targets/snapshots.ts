import assert from "node:assert/strict";
import {
  createBreaker,
  type Policy,
  restoreBreaker,
  type StandaloneBreaker,
} from "../../../mod.ts";
import { ManualClock } from "../../../src/testing/mod.ts";
import type { Draws } from "../draws.ts";
import { mutated, mutatedTree } from "../mutate.ts";
import type { FuzzTarget } from "../target.ts";

const POLICIES: readonly Policy[] = [
  { failureThreshold: 3, failureRateThreshold: 0.5, minimumCalls: 2 },
  { failureThreshold: 2, openStateTimeout: "1s", ramp: { calls: 2, per: "1s", steps: 2 } },
  { failureThreshold: 1, openStateTimeout: "1s", openBackoff: { jitter: 0.5 } },
  { window: { kind: "time", duration: "1s", buckets: 7 }, slowCallThreshold: "100ms" },
  { failureThreshold: 0, window: { kind: "time", duration: "1m", buckets: 3 } },
  { mode: "metrics-only", failureThreshold: 2 },
];

/** The snapshot of a breaker that has lived for a while, as a tree. */
function livedSnapshot(draws: Draws): unknown {
  const clock = new ManualClock();
  const breaker = createBreaker("b", draws.pick(POLICIES), { clock, random: () => 0.5 });
  for (let calls = draws.below(12); calls > 0; calls--) step(breaker, clock, draws.below(5));
  return JSON.parse(JSON.stringify(breaker.snapshot()));
}

function step(breaker: StandaloneBreaker, clock: ManualClock, kind: number): void {
  const permit = breaker.tryAcquire();
  clock.advance([1, 150, 400, 1_000, 5_000][kind % 5] ?? 1);
  if (kind === 0) permit?.success();
  else if (kind === 1) permit?.timeout();
  else if (kind === 2) permit?.ignore();
  else permit?.failure();
}

/** The text with a small number in the place of another: what it says may no longer fit together. */
function withOtherNumber(draws: Draws, text: string): string {
  const numbers = [...text.matchAll(/(?<=:)\d+/g)];
  const { index, 0: number } = draws.pick(numbers);
  return text.slice(0, index) + draws.below(10) + text.slice(index + number.length);
}

/** Snapshots from a store: a TypeError, or a breaker that works. */
export const SNAPSHOTS: FuzzTarget = {
  name: "snapshots",
  short: 1_200,
  input: (draws) => {
    const snapshot = livedSnapshot(draws);
    const text = JSON.stringify(draws.chance(0.9) ? mutatedTree(draws, snapshot) : snapshot);
    if (draws.chance(0.4)) return withOtherNumber(draws, JSON.stringify(snapshot));
    return draws.chance(0.2) ? mutated(draws, text) : text;
  },
  check: (text) => {
    let snapshot;
    try {
      snapshot = JSON.parse(text);
    } catch {
      return;
    }
    for (const policy of POLICIES) {
      const clock = new ManualClock();
      let breaker: StandaloneBreaker;
      try {
        breaker = restoreBreaker(snapshot, policy, { clock, random: () => 0.5 });
      } catch (error) {
        assert(error instanceof TypeError, String(error));
        assert.match(error.message, /^Cannot restore breaker: \$/);
        assert(error.message.length < 1_000);
        return;
      }
      assertWorks(breaker, clock);
    }
  },
};

function assertWorks(breaker: StandaloneBreaker, clock: ManualClock): void {
  for (let i = 0; i < 12; i++) {
    assert(["closed", "open", "half-open"].includes(breaker.state));
    const { calls, failures, slow, timeouts, successes } = breaker.counts;
    assert(failures <= calls && slow <= calls && timeouts <= failures);
    assert.equal(successes, calls - failures);
    assert(calls >= 0 && successes >= 0 && timeouts >= 0 && slow >= 0);
    const peek = breaker.peek();
    const wait = peek.admitted ? undefined : peek.retryAfterMs;
    assert(wait === undefined || wait >= 0, `wait ${wait}`);
    const again = JSON.parse(JSON.stringify(breaker.snapshot()));
    restoreBreaker(again, {}, { clock });
    step(breaker, clock, i % 5);
  }
  // Nothing that it was given keeps it from closing again.
  breaker.override(null);
  breaker.reset();
  assert.equal(breaker.mode === "forced-open" ? "closed" : breaker.state, "closed");
}
