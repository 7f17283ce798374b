/**
 * Anything can be thrown, also what throws when it is looked at: `instanceof` on
 * a revoked proxy is a TypeError. That must cost neither the caller its error nor
 * the breaker its probe.
 */
import assert from "node:assert/strict";
import {
  type Breaker,
  createBreaker,
  createBulkhead,
  createHedge,
  createRetry,
  createTimeout,
  type Layer,
  resilient,
} from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";

/** An error on which every look throws. */
function hostile(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const WAYS: Record<string, (error: unknown) => Promise<never>> = {
  "rejects with": (error) => Promise.reject(error),
  "throws": (error) => {
    throw error;
  },
};

function breakers(clock: ManualClock): Record<string, Breaker> {
  const halfOpen = createBreaker("half-open", { failureThreshold: 1 }, { clock });
  halfOpen.tryAcquire()?.failure();
  clock.advance("1m");
  return {
    "closed": createBreaker("closed", {}, { clock }),
    "closed, with a time limit": createBreaker("limited", { timeout: "1s" }, { clock }),
    "half-open": halfOpen,
  };
}

for (const [way, fail] of Object.entries(WAYS)) {
  for (const name of Object.keys(breakers(new ManualClock()))) {
    Deno.test(`an operation that ${way} what cannot be looked at is a failure of a breaker that is ${name}`, async () => {
      const clock = new ManualClock();
      const breaker = breakers(clock)[name];
      assert(breaker !== undefined);
      const before = breaker.counts.lifetime.failures;
      const error = hostile();
      const seen = await breaker.do(() => fail(error)).then(
        () => "resolved",
        (thrown) => ({ thrown }),
      );
      assert(typeof seen === "object" && seen.thrown === error);
      assert.equal(breaker.counts.lifetime.failures, before + 1);
      assert.equal(breaker.counts.inFlight, 0);
      assert.equal(clock.pendingTimers, 0);
    });
  }

  const clock = new ManualClock();
  const layers: Record<string, Layer> = {
    "retry": createRetry({ maxRetries: 0 }, { clock }),
    "bulkhead": createBulkhead({ maxConcurrent: 1, clock }),
    "timeout": createTimeout("1s", { clock }),
    "hedge": createHedge({ delay: "1s", clock }),
    "composition": resilient({ clock }).bulkhead({ maxConcurrent: 1 }).timeout("1s")
      .breaker("b").retry({ maxRetries: 0 }).build(),
  };
  for (const [name, layer] of Object.entries(layers)) {
    Deno.test(`a ${name} hands on what an operation ${way} that cannot be looked at, also after an abort`, async () => {
      const error = hostile();
      for (const abort of [false, true]) {
        const caller = new AbortController();
        const call = layer.do(() => {
          if (abort) caller.abort(error);
          return fail(error);
        }, { signal: caller.signal });
        const seen = await call.then(() => "resolved", (thrown) => ({ thrown }));
        assert(typeof seen === "object" && seen.thrown === error);
        assert.equal(clock.pendingTimers, 0);
      }
    });
  }
}

Deno.test("a caller may abort for a reason that cannot be looked at", async () => {
  const breaker = createBreaker("b");
  const caller = new AbortController();
  const reason = hostile();
  const call = breaker.do(() => new Promise(() => {}), { signal: caller.signal });
  caller.abort(reason);
  const seen = await call.then(() => "resolved", (thrown) => ({ thrown }));
  assert(typeof seen === "object" && seen.thrown === reason);
  assert.equal(breaker.counts.lifetime.ignored, 1);
});
