import assert from "node:assert/strict";
import { coreOf } from "../../src/breaker/breaker.ts";
import { bench } from "../support/breaker_bench.ts";

/** Has no species of its own, so that its inherited `then` throws. */
class Deferred extends Promise<string> {
  constructor() {
    super(() => {});
  }
}

Deno.test("R2: an operation whose promise throws in then is a failure that rejects, and leaves no call in flight", async () => {
  const { breaker } = bench();
  await assert.rejects(() => breaker.do(() => new Deferred()), TypeError);
  assert.equal(breaker.counts.failures, 1);
  assert.equal(coreOf(breaker).inFlight, 0);
});
