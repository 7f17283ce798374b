/**
 * What Retry-After asked for was known to `protectFetch` alone: refusals under it
 * were not counted and not announced, `peek()` said that a call would be
 * admitted, and no other client of the dependency held back.
 */
import assert from "node:assert/strict";
import { protectFetch } from "../../integrations/fetch/mod.ts";
import { type BreakerSettings, restoreBreaker } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { Breakers } from "../integrations/fetch_support.ts";
import { bench } from "../support/breaker_bench.ts";

const POLICY = { failureThreshold: 1, openStateTimeout: "10s" } as const;
const ORIGIN = "http://shop.example";

Deno.test("R22: what Retry-After asks for is refused, counted, announced and told by peek()", async () => {
  const clock = new ManualClock();
  const breakers = new Breakers(POLICY, { clock });
  const headers = { "Retry-After": "60" };
  const answer = () => Promise.resolve(new Response(null, { status: 503, headers }));
  const guarded = protectFetch(breakers, { fetch: answer });
  await guarded(`${ORIGIN}/cart`);
  const breaker = breakers.getBreaker(ORIGIN);
  const announced: string[] = [];
  breaker.on("reject", ({ reason }) => announced.push(reason));
  clock.advance("20s");
  const peek = breaker.peek();
  assert.equal(peek.admitted ? undefined : peek.reason, "held");
  assert.equal(peek.heldForMs, 40_000);
  await assert.rejects(guarded(`${ORIGIN}/cart`), { reason: "held", retryAfterMs: 40_000 });
  assert.equal(breaker.counts.lifetime.rejected.held, 1);
  assert.deepEqual(announced, ["held"]);
  clock.advance("40s");
  assert.equal(breaker.peek().admitted, true);
});

/** As a gRPC client's `RetryInfo`, or a queue that says how long to back off. */
class Throttled extends Error {
  constructor(readonly retryDelay: string) {
    super("throttled");
  }
}

const SETTINGS: BreakerSettings = {
  holdAfter: (error) => error instanceof Throttled ? error.retryDelay : undefined,
};

Deno.test("R22: the error of any other client can ask to be left alone", async () => {
  const { breaker, clock } = bench(POLICY, SETTINGS);
  await breaker.do(() => Promise.reject(new Throttled("45s"))).catch(() => {});
  clock.advance("10s");
  assert.equal(breaker.state, "half-open");
  await assert.rejects(breaker.do(() => Promise.resolve("Ada")), { reason: "held" });
  clock.advance("35s");
  assert.equal(await breaker.do(() => Promise.resolve("Ada")), "Ada");
});

Deno.test("R22: a restart does not forget what the dependency asked for", async () => {
  const { breaker, clock } = bench(POLICY, SETTINGS);
  await breaker.do(() => Promise.reject(new Throttled("45s"))).catch(() => {});
  const restored = restoreBreaker(breaker.snapshot(), POLICY, { clock, elapsed: "15s" });
  const peek = restored.peek();
  assert.deepEqual(peek.admitted ? undefined : [peek.reason, peek.retryAfterMs], ["held", 30_000]);
});
