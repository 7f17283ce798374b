/** A breaker that was tripped by an error with the code NaN could not be restored: JSON knows no such number. */
import assert from "node:assert/strict";
import { restoreBreaker } from "../../mod.ts";
import { bench } from "../support/breaker_bench.ts";

for (const code of [NaN, Infinity, -Infinity]) {
  Deno.test(`R19: a breaker that an error with the code ${code} tripped can be restored from JSON`, () => {
    const { breaker } = bench({ failureThreshold: 1 });
    breaker.tryAcquire()?.failure(Object.assign(new Error("down"), { code }));
    const restored = restoreBreaker(JSON.parse(JSON.stringify(breaker.snapshot())), {}, {
      elapsed: 0,
    });
    assert.equal(restored.state, "open");
    assert.deepEqual(restored.trip?.lastFailure, { name: "Error", message: "down" });
    assert.deepEqual(breaker.trip?.lastFailure, { name: "Error", message: "down" });
  });
}
