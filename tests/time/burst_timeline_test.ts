import assert from "node:assert/strict";
import { createBreaker } from "../../mod.ts";
import { BurstTimeline } from "../../src/time/burst_timeline.ts";

/** A clock whose readings are counted, and whose timers fire only when the event loop is let turn. */
class CountedClock {
  ms = 0;
  readings = 0;
  timers: (() => void)[] = [];
  now(): number {
    this.readings++;
    return this.ms;
  }
  setTimeout(callback: () => void, delayMs: number): unknown {
    assert.equal(delayMs, 1);
    this.timers.push(callback);
    return undefined;
  }
  clearTimeout(): void {}
  /** Lets the event loop turn once, a millisecond later. */
  turn(): void {
    this.ms += 1;
    for (const timer of this.timers.splice(0)) timer();
  }
}

function burst(): { clock: CountedClock; timeline: BurstTimeline } {
  const clock = new CountedClock();
  const timeline = new BurstTimeline(clock);
  for (let i = 0; i < 1_100; i++) timeline.now();
  return { clock, timeline };
}

Deno.test("sparse reads are exact, each its own, with no timer", () => {
  const clock = new CountedClock();
  const timeline = new BurstTimeline(clock);
  timeline.now();
  for (let i = 0; i < 5_000; i++) {
    clock.ms += 0.01;
    assert.equal(timeline.now(), Math.round(clock.ms * 1e6));
  }
  assert.deepEqual([clock.readings, clock.timers.length], [5_001, 0]);
});

Deno.test("a few hundred reads at once set no timer", () => {
  const clock = new CountedClock();
  const timeline = new BurstTimeline(clock);
  for (let i = 0; i < 1_000; i++) timeline.now();
  assert.equal(clock.timers.length, 0);
});

Deno.test("in a burst up to 128 reads share one reading", () => {
  const { clock, timeline } = burst();
  const before = clock.readings;
  for (let i = 0; i < 128_000; i++) timeline.now();
  assert.equal(clock.readings - before, 1_000);
  assert.equal(clock.timers.length, 1);
});

Deno.test("a loop that never yields still sees time pass: no instant is more than 128 reads late", () => {
  const { clock, timeline } = burst();
  for (let i = 0; i < 10_000; i++) {
    clock.ms += 7; // each round of the loop takes long
    const late = clock.ms - timeline.now() / 1e6;
    assert(late >= 0 && late < 128 * 7, `${late} ms late`);
  }
});

Deno.test("a loop that never yields and slows down is read exactly again after one shared reading", () => {
  const { clock, timeline } = burst();
  for (let i = 0; i < 200; i++) timeline.now();
  let late = 0;
  for (let i = 0; i < 1_000; i++) {
    clock.ms += 7;
    if (clock.ms * 1e6 !== timeline.now()) late++;
  }
  assert(late <= 128, `${late} late reads`);
});

Deno.test("while the event loop turns no instant is more than a millisecond late", () => {
  const { clock, timeline } = burst();
  for (let turn = 0; turn < 100; turn++) {
    for (let i = 0; i < 3_000; i++) {
      clock.ms += 1 / 3_000;
      assert(clock.ms - timeline.now() / 1e6 <= 1);
    }
    for (const timer of clock.timers.splice(0)) timer();
  }
});

Deno.test("when the burst is over the timer is gone, and reads are exact again", () => {
  const { clock, timeline } = burst();
  for (let i = 0; i < 10; i++) timeline.now();
  clock.turn();
  assert.equal(clock.timers.length, 0);
  clock.ms += 60_000;
  assert.equal(timeline.now(), clock.ms * 1e6);
  clock.ms += 0.5;
  assert.equal(timeline.now(), clock.ms * 1e6);
});

Deno.test("a burst that goes on keeps one timer", () => {
  const { clock, timeline } = burst();
  for (let turn = 0; turn < 20; turn++) {
    for (let i = 0; i < 2_000; i++) timeline.now();
    clock.turn();
    assert.equal(clock.timers.length, 1);
  }
  clock.turn();
  assert.equal(clock.timers.length, 0);
});

Deno.test("R16: a clock that goes back in a burst stands still", () => {
  const { clock, timeline } = burst();
  clock.ms = 1_000;
  let last = 0;
  for (let i = 0; i < 200; i++) {
    clock.ms += i === 100 ? -500 : 1;
    const now = timeline.now();
    assert(now >= last);
    last = now;
  }
});

Deno.test("20 calls on the built-in clock leave no timer behind", async () => {
  for (let i = 0; i < 20; i++) {
    const breaker = createBreaker(`b${i}`, { slowCallThreshold: "1s" });
    await breaker.do(() => Promise.resolve(i));
    assert.equal(breaker.counts.successes, 1);
  }
});
