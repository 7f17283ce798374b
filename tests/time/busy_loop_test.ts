import assert from "node:assert/strict";
import { type Breaker, createBreaker } from "../../mod.ts";

/** A loop that gets nowhere for so long has failed. */
const PATIENCE_MS = 10_000;

/** Opens a breaker and asks until a call is let through, never yielding, and tells after how many refusals and how long that was. */
function askInLoop(breaker: Breaker): { refused: number; ms: number } {
  const startedAt = performance.now();
  breaker.tryAcquire()?.failure();
  let refused = 0;
  while (breaker.tryAcquire() === undefined) {
    refused++;
    const ms = performance.now() - startedAt;
    if (ms > PATIENCE_MS) assert.fail(`${refused} calls were refused in ${ms} ms`);
  }
  return { refused, ms: performance.now() - startedAt };
}

/** Keeps the timers of `run`, none of which can fire while it runs, and fires them once it has ended. */
function keepingTimers<T>(run: () => T): T {
  const timers: (() => void)[] = [];
  const { setTimeout } = globalThis;
  const keep = (callback: () => void): number => timers.push(callback);
  Reflect.set(globalThis, "setTimeout", keep);
  try {
    return run();
  } finally {
    while (timers.length > 0) timers.shift()?.();
    Reflect.set(globalThis, "setTimeout", setTimeout);
  }
}

Deno.test("R7: on the built-in clock a breaker lets a probe through once its open time is over, also in a loop that never yields", () => {
  const breaker = createBreaker("busy", { failureThreshold: 1, openStateTimeout: "20ms" });
  const { refused, ms } = keepingTimers(() => askInLoop(breaker));
  assert(refused > 0 && ms >= 19, `after ${ms} ms already`);
  assert.equal(breaker.state, "half-open");
});
