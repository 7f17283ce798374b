import assert from "node:assert/strict";
import { type Breaker, createBreaker } from "../../mod.ts";

/** A loop that gets nowhere for so long has failed. */
const PATIENCE_MS = 10_000;

/** Asks until a call is let through, never yielding, and tells after how many refusals, and when. */
function askInLoop(breaker: Breaker): { refused: number; admittedAt: number } {
  const startedAt = performance.now();
  let refused = 0;
  while (breaker.tryAcquire() === undefined) {
    refused++;
    const ms = performance.now() - startedAt;
    if (ms > PATIENCE_MS) assert.fail(`${refused} calls were refused in ${ms} ms`);
  }
  return { refused, admittedAt: performance.now() };
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
  const breaker = createBreaker("busy", { failureThreshold: 1, openStateTimeout: "100ms" });
  const failing = breaker.tryAcquire();
  const before = performance.now();
  failing?.failure();
  const { refused, admittedAt } = keepingTimers(() => askInLoop(breaker));
  const ms = admittedAt - before;
  assert(refused > 0 && ms >= 99, `after ${refused} refusals in ${ms} ms already`);
  assert.equal(breaker.state, "half-open");
});
