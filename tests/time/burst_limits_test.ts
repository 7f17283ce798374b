/** Where a burst on the built-in clock begins, what it shares, and where it ends, to the nanosecond. */
import assert from "node:assert/strict";
import { BurstTimeline } from "../../src/time/burst_timeline.ts";

/** A clock whose readings are counted, and whose timers fire only by hand. */
class CountedClock {
  ms = 5_000;
  readings = 0;
  timers: (() => void)[] = [];
  now(): number {
    this.readings++;
    return this.ms;
  }
  setTimeout(callback: () => void): unknown {
    this.timers.push(callback);
    return undefined;
  }
  clearTimeout(): void {}
  /** Lets every timer fire. */
  fire(): void {
    for (const timer of this.timers.splice(0)) timer();
  }
}

interface Started {
  readonly clock: CountedClock;
  readonly timeline: BurstTimeline;
  /** Reads `times` times, `stepMs` apart, and gives how often the clock was asked. */
  readonly read: (times: number, stepMs?: number) => number;
}

/** A timeline that has been read sparsely for ten seconds. */
function started(): Started {
  const clock = new CountedClock();
  const timeline = new BurstTimeline(clock);
  const read = (times: number, stepMs: number = 0): number => {
    const before = clock.readings;
    for (let i = 0; i < times; i++) {
      clock.ms += stepMs;
      timeline.now();
    }
    return clock.readings - before;
  };
  read(10, 1_000);
  clock.ms += 1_000;
  return { clock, timeline, read };
}

Deno.test("the 1,001st read within a millisecond begins a burst, its last nanosecond included", () => {
  const { clock, read } = started();
  assert.equal(read(1_000), 1_000);
  clock.ms += 1;
  assert.equal(read(1), 1);
  assert.equal(clock.timers.length, 1);
});

Deno.test("the 1,001st read a nanosecond later begins none", () => {
  const { clock, read } = started();
  read(1_000);
  clock.ms += 1.000001;
  read(1);
  assert.equal(clock.timers.length, 0);
});

Deno.test("a burst that begins late shares as one that begins at once", () => {
  const { read } = started();
  read(1_001);
  assert.equal(read(128 * 10), 10);
});

Deno.test("a reading that comes less than a quarter of a millisecond after the one before is shared", () => {
  const { clock, read } = started();
  read(1_001);
  clock.ms += 0.249999;
  assert.equal(read(128), 1);
});

Deno.test("a reading that comes a quarter of a millisecond after the one before is not shared", () => {
  const { read } = started();
  read(1_001);
  assert.equal(read(20, 0.25), 20);
});

Deno.test("a burst's timer is lost when it is more than a second late, not before", () => {
  for (const [waitMs, lost] of [[1_000, false], [1_000.000001, true]] as const) {
    const { clock, read } = started();
    read(1_001);
    clock.ms += waitMs;
    read(1);
    assert.equal(read(128 * 3) < 128, !lost, `${waitMs} ms`);
  }
});

Deno.test("a timer that was given up as lost takes nothing from a later burst", () => {
  const { clock, read } = started();
  read(1_001);
  const late = clock.timers.splice(0);
  clock.ms += 2_000;
  read(1_001);
  read(64);
  for (const timer of late) timer();
  assert.equal(read(64), 0);
  assert.equal(read(128 * 10), 10);
});

Deno.test("after a burst dense reads are exact again, until the next one begins", () => {
  const { clock, timeline, read } = started();
  read(1_001);
  clock.ms += 1;
  clock.fire();
  assert.equal(clock.timers.length, 0);
  for (let i = 0; i < 50; i++) {
    clock.ms += 0.01;
    assert.equal(timeline.now(), Math.round((clock.ms - 5_000 - 1_000) * 1e6));
  }
});
