import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import type { Policy } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { anySmallPolicy, anySteps, type Step } from "./any_history.ts";
import { holds } from "./settings.ts";
import { takeTogether, Twin } from "./twin.ts";

function lived(policy: Policy, steps: readonly Step[]): Twin {
  const twin = Twin.fresh(policy);
  for (const step of steps) takeTogether([twin], step);
  return twin;
}

function assertAlike(twins: readonly Twin[], steps: readonly Step[]): void {
  for (const [index, step] of steps.entries()) {
    const [first, ...others] = takeTogether(twins, step);
    for (const other of others) assert.deepEqual(other, first, `step ${index}`);
  }
}

Deno.test("R19: a breaker restored at any point goes on as the one that was never saved", () => {
  const reached = new Set<string>();
  holds(
    fc.property(anySmallPolicy, anySteps, anySteps, (policy, before, after) => {
      const original = lived(policy, before);
      const snapshot = original.breaker.snapshot();
      const text = JSON.stringify(snapshot);
      const twins = [
        original,
        original.restored(snapshot),
        original.restored(JSON.parse(text)),
      ];
      assert.equal(JSON.stringify(snapshot), text, "restoring changed the snapshot");
      reached.add(snapshot.state).add(snapshot.window?.kind ?? "no window");
      if (snapshot.halfOpen?.ramp !== undefined) reached.add("ramp");
      assertAlike(twins, [{ kind: "advance", ms: 0 }, ...after]);
    }),
    { runs: 800 },
  );
  const wanted = ["closed", "open", "half-open", "count", "time", "no window", "ramp"];
  assert.deepEqual(wanted.filter((each) => !reached.has(each)), []);
});

/** The slices of a time window that begins empty count from the clock's first reading: R3 lets them. */
function withCountWindow({ window, ...others }: Policy): Policy {
  return window?.kind === "time" ? others : { ...others, ...(window && { window }) };
}

Deno.test("R19: a breaker goes on in the same way in a process whose clock reads something else", () => {
  const anyStart = fc.constantFrom(0, 0.25, 987_654_321.25);
  holds(
    fc.property(anySmallPolicy, anySteps, anySteps, anyStart, (policy, before, after, startMs) => {
      const steps = [...before, ...after].map((step): Step =>
        step.kind === "policy" ? { ...step, policy: withCountWindow(step.policy) } : step
      );
      const original = lived(withCountWindow(policy), steps.slice(0, before.length));
      const snapshot = JSON.parse(JSON.stringify(original.breaker.snapshot()));
      const elsewhere = original.restored(snapshot, new ManualClock(startMs));
      const { takenAt: _takenAt, ...seen } = elsewhere.breaker.snapshot();
      const { takenAt: _before, ...expected } = snapshot;
      assert.deepEqual(seen, expected);
      assertAlike([original, elsewhere], steps.slice(before.length));
    }),
    { runs: 800 },
  );
});

Deno.test("R19: a breaker that is saved and restored after every step is as one that never is", () => {
  holds(
    fc.property(anySmallPolicy, anySteps, (policy, steps) => {
      const original = Twin.fresh(policy);
      let other = original.restored(original.breaker.snapshot());
      for (const step of steps) {
        assertAlike([original, other], [step]);
        other = original.restored(JSON.parse(JSON.stringify(other.breaker.snapshot())));
      }
    }),
    { runs: 300 },
  );
});
