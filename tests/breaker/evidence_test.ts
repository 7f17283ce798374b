import assert from "node:assert/strict";
import { CountWindow } from "../../src/breaker/window/count_window.ts";
import { Evidence } from "../../src/breaker/window/evidence.ts";
import { FAILURE, type OutcomeBits, SLOW, SUCCESS } from "../../src/breaker/window/outcome.ts";
import { TimeWindow } from "../../src/breaker/window/time_window.ts";
import type { WindowShape } from "../../src/breaker/window/window_shape.ts";
import { pick, seededRandom } from "../support/seeded_random.ts";

const SHAPES: readonly WindowShape[] = [
  { size: 1 },
  { size: 7 },
  { size: 40 },
  { duration: 100, buckets: 4 },
  { duration: 30, buckets: 1 },
];

/** All that can be seen of evidence. */
function seen(evidence: Evidence): unknown {
  const { window } = evidence;
  const held = window instanceof TimeWindow || window instanceof CountWindow
    ? [...window instanceof TimeWindow ? window.contents() : window]
    : undefined;
  return [evidence.counts(), evidence.lifetime(), evidence.consecutiveFailures, held];
}

/** Evidence twice: fast successes are counted as they come in one, and recorded as any outcome in the other. */
class Twins {
  readonly counting = new Evidence();
  readonly recording = new Evidence();

  record(bits: OutcomeBits, shape: WindowShape, at: number): void {
    if (bits === SUCCESS) this.counting.succeed(shape, at);
    else this.counting.record(bits, shape, at);
    this.recording.record(bits, shape, at);
  }

  both(act: (evidence: Evidence) => void): void {
    act(this.counting);
    act(this.recording);
  }

  compare(): void {
    assert.deepEqual(seen(this.counting), seen(this.recording));
  }
}

Deno.test("fast successes are counted as any outcome is, whenever somebody asks and whatever comes between", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const twins = new Twins();
    let shape = pick(random, SHAPES);
    let at = 0;
    for (let step = 0; step < 120; step++) {
      if (random() < 0.3) at += Math.floor(random() * 25);
      const chance = random();
      if (chance < 0.85) {
        twins.record(pick(random, [SUCCESS, SUCCESS, SUCCESS, FAILURE, SLOW]), shape, at);
      } else if (chance < 0.9) {
        shape = pick(random, SHAPES);
        twins.both((evidence) => evidence.reshape(shape, at));
      } else if (chance < 0.92) {
        twins.both((evidence) => evidence.clear());
      } else if (chance < 0.96) {
        twins.both((evidence) => evidence.window?.advance(at));
      } else {
        twins.compare();
      }
    }
    twins.compare();
  }
});

Deno.test("a success at the instant of the one before it counts in the window that took the other's place", () => {
  const evidence = new Evidence();
  evidence.succeed({ size: 5 }, 10);
  evidence.reshape({ duration: 100, buckets: 4 }, 10);
  assert.equal(evidence.window, undefined);
  evidence.succeed({ duration: 100, buckets: 4 }, 10);
  assert.equal(evidence.counts().calls, 1);
  evidence.clear();
  evidence.succeed({ size: 5 }, 10);
  assert.equal(evidence.counts().calls, 1);
  assert.equal(evidence.lifetime().successes, 3);
});
