/**
 * A service hands one signal, its shutdown's, to all of its calls. A platform's
 * signal looks through all of its listeners whenever one is added or removed, so
 * that 40,000 calls in flight cost each a tenth of a millisecond, and Node warns
 * of a leak from the eleventh on. Calls in flight share one listener per signal.
 */
import assert from "node:assert/strict";
import { type Breaker, createBreaker } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { pause, race } from "../../src/time/waiting.ts";

/** A controller whose signal counts the listeners on it. */
function counted(): { controller: AbortController; listeners: () => number; added: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  const held = new Set<unknown>();
  let added = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>): void => {
    added++;
    held.add(args[1]);
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
    held.delete(args[1]);
    remove(...args);
  };
  return { controller, listeners: () => held.size, added: () => added };
}

const CALLS = 1_000;

const WAITS: Record<string, (signal: AbortSignal, clock: ManualClock) => Promise<unknown>> = {
  "calls through a breaker": (signal, clock) =>
    breakerOf(clock).do(() => new Promise(() => {}), { signal }),
  "calls with a time limit": (signal, clock) =>
    breakerOf(clock).do(() => new Promise(() => {}), { signal, timeout: "1h" }),
  "races": (signal, clock) => race(new Promise(() => {}), { clock, signal }),
  "pauses": (signal, clock) => pause(3_600_000, { clock, signal }),
};

const breakers = new WeakMap<ManualClock, Breaker>();
function breakerOf(clock: ManualClock): Breaker {
  const breaker = breakers.get(clock) ?? createBreaker("shared", {}, { clock });
  breakers.set(clock, breaker);
  return breaker;
}

for (const [what, wait] of Object.entries(WAITS)) {
  Deno.test(`a thousand ${what} put one listener on the signal that they share`, async () => {
    const clock = new ManualClock();
    const { controller, listeners, added } = counted();
    const waits = Array.from({ length: CALLS }, () => wait(controller.signal, clock));
    assert.deepEqual([listeners(), added()], [1, 1]);
    const settled = Promise.allSettled(waits);
    controller.abort(new Error("shutting down"));
    assert.equal((await settled).length, CALLS);
    assert.equal(listeners(), 0);
    assert.equal(clock.pendingTimers, 0);
  });
}

Deno.test("calls that settle one after the other leave the listener to the last", async () => {
  const clock = new ManualClock();
  const { controller: { signal }, listeners } = counted();
  const settle: (() => void)[] = [];
  const calls = Array.from(
    { length: 3 },
    () =>
      breakerOf(clock).do(() => new Promise<void>((resolve) => settle.push(resolve)), { signal }),
  );
  for (const [i, call] of calls.entries()) {
    assert.equal(listeners(), 1);
    settle[i]?.();
    await call;
  }
  assert.equal(listeners(), 0);
});

Deno.test("a call that is made while its signal is being aborted rejects with the reason too", async () => {
  const clock = new ManualClock();
  const { controller, listeners } = counted();
  const { signal } = controller;
  const breaker = breakerOf(clock);
  let inner: Promise<unknown> | undefined;
  const outer = breaker.do((s) => {
    s?.addEventListener("abort", () => inner = breaker.do(() => new Promise(() => {}), { signal }));
    return new Promise(() => {});
  }, { signal });
  const rejected = assert.rejects(outer, /stop/);
  controller.abort(new Error("stop"));
  await rejected;
  await assert.rejects(inner ?? Promise.resolve(), /stop/);
  assert.equal(listeners(), 1); // the operation's own
});
