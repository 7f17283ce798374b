/** A subclass of `Promise` can throw in `then`: that is a failed attempt, and leaves no timer that hedges a call which is over. */
import assert from "node:assert/strict";
import { createHedge } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";

class Refusing extends Promise<string> {
  override then(): never {
    throw new Error("no then");
  }
}

/** Rejects twice, whatever was done with it. */
function failingTwice(): Promise<string> {
  const promise = new Promise<string>(() => {});
  const then = (_onValue: unknown, onError: (error: unknown) => void): Promise<never> => {
    onError(new Error("once"));
    onError(new Error("twice"));
    return new Promise(() => {});
  };
  return Object.defineProperty(promise, "then", { value: then });
}

Deno.test("a hedge takes a promise that throws in then for a failure, and leaves no timer", async () => {
  const clock = new ManualClock();
  const hedge = createHedge({ delay: "1s", clock });
  let attempts = 0;
  const call = hedge.do(() => {
    attempts++;
    return new Refusing((resolve) => resolve("done"));
  });
  await assert.rejects(call, /no then/);
  assert.equal(clock.pendingTimers, 0);
  await clock.tick("1m");
  assert.equal(attempts, 1);
});

Deno.test("a hedge whose promise throws in then fails as an attempt of several does", async () => {
  const clock = new ManualClock();
  const hedge = createHedge({ delay: "1s", clock });
  let attempts = 0;
  const call = hedge.do(() => {
    if (++attempts === 1) {
      return new Promise<string>((resolve) => clock.setTimeout(() => resolve("first"), 5_000));
    }
    return new Refusing((resolve) => resolve("second"));
  });
  await clock.tick("1m");
  assert.equal(await call, "first");
});

Deno.test("an attempt that fails twice leaves the others running", async () => {
  const clock = new ManualClock();
  const hedge = createHedge({ delay: "1s", clock });
  let attempts = 0;
  const call = hedge.do((): Promise<string> => {
    if (++attempts === 1) {
      return new Promise((resolve) => clock.setTimeout(() => resolve("first"), 5_000));
    }
    return failingTwice();
  });
  await clock.tick("1m");
  assert.equal(await call, "first");
});
