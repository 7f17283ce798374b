/**
 * A caller's abort counted for nothing, also where the reason was that its time
 * was over. So calls with `AbortSignal.timeout()`, the platform's own way to
 * limit a call, never opened a breaker, however many hung.
 */
import assert from "node:assert/strict";
import { protectFetch } from "../../integrations/fetch/mod.ts";
import { Breakers } from "../integrations/fetch_support.ts";
import { bench, fail } from "../support/breaker_bench.ts";

const hang = (): Promise<never> => new Promise(() => {});

Deno.test("R2: calls that hang until AbortSignal.timeout() ends them open the breaker", async () => {
  const { breaker } = bench({ failureThreshold: 3 });
  let refused = 0;
  for (let i = 0; i < 12; i++) {
    const signal = AbortSignal.timeout(1);
    await breaker.do(hang, { signal }).catch(() => refused += signal.aborted ? 0 : 1);
  }
  const { timeouts, ignored } = breaker.counts.lifetime;
  assert.deepEqual([breaker.state, timeouts, ignored, refused], ["open", 3, 0, 9]);
});

Deno.test("R2: a time limit joined with the caller's own signal by AbortSignal.any() is one, too", async () => {
  const { breaker } = bench({ failureThreshold: 1 });
  const signal = AbortSignal.any([new AbortController().signal, AbortSignal.timeout(1)]);
  await assert.rejects(breaker.do(hang, { signal }), { name: "TimeoutError" });
  assert.equal(breaker.state, "open");
});

Deno.test("R2, R10: a probe whose caller ran out of time has failed", async () => {
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "1m" });
  fail(breaker);
  clock.advance("1m");
  const caller = new AbortController();
  const probe = breaker.do(hang, { signal: caller.signal });
  caller.abort(new DOMException("signal timed out", "TimeoutError"));
  await assert.rejects(probe, { name: "TimeoutError" });
  assert.equal(breaker.state, "open");
});

Deno.test("R2: a request whose init has a time limit opens the breaker of its origin", async () => {
  const breakers = new Breakers({ failureThreshold: 1 });
  const send = (_input: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
    new Promise((_resolve, reject) => {
      const signal = init?.signal;
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  const guarded = protectFetch(breakers, { fetch: send });
  const request = guarded("http://shop.example/cart", { signal: AbortSignal.timeout(1) });
  await assert.rejects(request, { name: "TimeoutError" });
  assert.equal(breakers.getBreaker("http://shop.example").state, "open");
});
