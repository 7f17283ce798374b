import assert from "node:assert/strict";
import { coreOf } from "../../src/breaker/breaker.ts";
import { createRetry } from "../../src/patterns/retry/retry.ts";
import { bench } from "../support/breaker_bench.ts";

/** Calls back whoever waits for it, at once and twice. */
class Insistent extends Promise<string> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static failing(): Insistent {
    return new Insistent(() => {});
  }

  override then<A = string, B = never>(
    _resolved?: ((value: string) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const answers = [1, 2].map((n) => rejected?.(new Error(`failure ${n}`)));
    for (const answer of answers) Promise.resolve(answer).catch(() => {});
    return super.then();
  }
}

Deno.test("R1: a call whose promise calls back twice is counted once, and leaves no call in flight", async () => {
  const { breaker } = bench();
  await assert.rejects(() => breaker.do(() => Insistent.failing()), /failure 1/);
  assert.deepEqual([breaker.counts.failures, coreOf(breaker).inFlight], [1, 0]);
});

Deno.test("a retry whose attempt's promise calls back twice goes on once", async () => {
  let attempts = 0;
  const retry = createRetry({ maxRetries: 1, backoff: 1 });
  const attempt = (): Promise<string> => {
    attempts++;
    return Insistent.failing();
  };
  await assert.rejects(() => retry.do(attempt), /failure 1/);
  assert.equal(attempts, 2);
});
