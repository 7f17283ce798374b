import assert from "node:assert/strict";
import { systemClock } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";

/** Runs `body` with the global timers recorded instead of started. */
function withRecordedTimers(
  body: (started: { callback: () => void; delayMs: number }[]) => void,
): void {
  const started: { callback: () => void; delayMs: number }[] = [];
  const original = globalThis.setTimeout;
  const recorder = (callback: () => void, delayMs: number): number => {
    started.push({ callback, delayMs });
    return 0;
  };
  Object.assign(globalThis, { setTimeout: recorder });
  try {
    body(started);
  } finally {
    Object.assign(globalThis, { setTimeout: original });
  }
}

Deno.test("systemClock: a delay that JavaScript's timers cannot hold is split, not fired at once", () => {
  withRecordedTimers((started) => {
    const yearMs = 365 * 24 * 60 * 60 * 1_000;
    let fired = 0;
    systemClock.setTimeout(() => fired++, yearMs);
    let waitedMs = 0;
    for (let step = started.shift(); step !== undefined; step = started.shift()) {
      assert(step.delayMs <= 2 ** 31 - 1);
      assert.equal(fired, 0);
      waitedMs += step.delayMs;
      step.callback();
    }
    assert.deepEqual([waitedMs, fired], [yearMs, 1]);
  });
});

Deno.test("systemClock: a timer fires once, and a cancelled one not at all (real time: they are the platform's)", async () => {
  const fired: string[] = [];
  const cancelled = systemClock.setTimeout(() => fired.push("cancelled"), 1);
  systemClock.clearTimeout(cancelled);
  systemClock.clearTimeout(undefined);
  const before = systemClock.now();
  await new Promise<void>((resolve) => {
    systemClock.setTimeout(() => {
      fired.push("fired");
      resolve();
    }, 5);
  });
  assert.deepEqual(fired, ["fired"]);
  assert(systemClock.now() >= before);
});

Deno.test("ManualClock: timers fire at their instants, in order of time, then of creation", async () => {
  const clock = new ManualClock(100);
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name} at ${clock.now()}`);
  clock.setTimeout(note("c"), 30);
  clock.setTimeout(note("a"), 10);
  clock.setTimeout(note("b"), 10);
  const cancelled = clock.setTimeout(note("cancelled"), 20);
  clock.setTimeout(note("late"), 31);
  clock.clearTimeout(cancelled);
  await clock.tick(30);
  assert.deepEqual(fired, ["a at 110", "b at 110", "c at 130"]);
  assert.deepEqual([clock.now(), clock.pendingTimers], [130, 1]);
});

Deno.test("ManualClock: tick lets promises settle before, between and after timers", async () => {
  const clock = new ManualClock();
  const seen: string[] = [];
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => clock.setTimeout(resolve, ms));
  const work = (async () => {
    await Promise.resolve();
    await sleep(10);
    seen.push(`first at ${clock.now()}`);
    for (let i = 0; i < 100; i++) await Promise.resolve();
    await sleep(10);
    seen.push(`second at ${clock.now()}`);
    await Promise.resolve();
    seen.push("done");
  })();
  await clock.tick("20ms");
  assert.deepEqual(seen, ["first at 10", "second at 20", "done"]);
  await work;
});

Deno.test("ManualClock: a timer that a timer sets within the same tick fires in it", () => {
  const clock = new ManualClock();
  const fired: number[] = [];
  clock.setTimeout(() => clock.setTimeout(() => fired.push(clock.now()), 5), 5);
  clock.advance(9);
  assert.deepEqual(fired, []);
  clock.advance(1);
  assert.deepEqual(fired, [10]);
});

Deno.test("ManualClock: steps of fractions of a millisecond add up exactly", () => {
  const clock = new ManualClock();
  for (let i = 0; i < 10; i++) clock.advance("100us");
  assert.equal(clock.now(), 1);
});

Deno.test("ManualClock: can be set back, and refuses what is no duration", async () => {
  const clock = new ManualClock(10);
  clock.advance(-4);
  assert.equal(clock.now(), 6);
  await assert.rejects(clock.tick("soon"));
  assert.throws(() => clock.advance(Number.NaN));
});
