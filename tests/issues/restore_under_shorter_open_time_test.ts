import assert from "node:assert/strict";
import { restoreBreaker } from "../../mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";

Deno.test("R14, R19: an open time that is past under the policy of the restored breaker is over now, not then", () => {
  const policy = { failureThreshold: 1, openStateTimeout: 2000 };
  const { breaker, clock } = bench(policy);
  fail(breaker);
  clock.advance(1990);
  const ramp = { calls: 1, per: 100 };
  const restored = restoreBreaker(
    breaker.snapshot(),
    { ...policy, openStateTimeout: 250, ramp },
    { clock },
  );
  assert(restored.tryAcquire());
  const peek = restored.peek();
  // The ramp's first interval counts from the entry into half-open, as after a live change.
  assert(!peek.admitted);
  assert.deepEqual([peek.reason, peek.retryAfterMs], ["ramping", 100]);
});
