import assert from "node:assert/strict";
import { restoreBreaker } from "../../mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";

Deno.test("R15, R19: a snapshot can be restored although a listener moved the breaker on while it was taken", () => {
  const policy = { failureThreshold: 1, openStateTimeout: 1000 };
  const { breaker, clock } = bench(policy);
  breaker.on("stateChange", ({ to }) => {
    if (to !== "half-open") return;
    const permit = breaker.tryAcquire();
    clock.advance(3);
    permit?.failure();
  });
  fail(breaker);
  clock.advance(1000);
  const restored = restoreBreaker(breaker.snapshot(), policy, { clock });
  const peek = restored.peek();
  assert(!peek.admitted);
  assert.equal(peek.retryAfterMs, 1000);
});
