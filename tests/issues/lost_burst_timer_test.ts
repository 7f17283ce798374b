/**
 * A burst of calls on the built-in clock is ended by a timer. Where the program's
 * timers were replaced meanwhile, by a test's fake ones, it never fires: from then on each
 * reading would be shared by 128 reads, however long after one another.
 */
import assert from "node:assert/strict";
import { BurstTimeline } from "../../src/time/burst_timeline.ts";

class FakedClock {
  ms = 0;
  timers: (() => void)[] = [];
  now(): number {
    return this.ms;
  }
  setTimeout(callback: () => void): unknown {
    this.timers.push(callback);
    return undefined;
  }
  clearTimeout(): void {}
}

/** A timeline in a burst whose timer is lost. */
function lost(): { clock: FakedClock; timeline: BurstTimeline; late: () => void } {
  const clock = new FakedClock();
  const timeline = new BurstTimeline(clock);
  for (let i = 0; i < 1_100; i++) timeline.now();
  const timers = clock.timers.splice(0);
  assert.equal(timers.length, 1);
  return { clock, timeline, late: () => timers.forEach((timer) => timer()) };
}

Deno.test("a burst whose timer never fires is over after a second, but for the reads that share its last reading", () => {
  const { clock, timeline } = lost();
  let late = 0;
  for (let i = 0; i < 10_000; i++) {
    clock.ms += i % 2 === 0 ? 60_000 : 0; // two reads at once, as of a call that begins and ends
    if (timeline.now() !== clock.ms * 1e6) late++;
  }
  assert(late <= 128, `${late} reads were late`);
  assert.equal(clock.timers.length, 0);
});

Deno.test("a timer that fires long after it was given up as lost ends no later burst", () => {
  const { clock, timeline, late } = lost();
  for (let i = 0; i < 200; i++) {
    clock.ms += 60_000;
    timeline.now();
  }
  for (let i = 0; i < 1_100; i++) timeline.now();
  assert.equal(clock.timers.length, 1);
  late();
  assert.equal(clock.timers.length, 1);
  for (let turn = 0; turn < 3; turn++) {
    clock.ms += 1;
    for (const timer of clock.timers.splice(0)) timer();
  }
  assert.equal(clock.timers.length, 0);
  clock.ms += 1_000;
  assert.equal(timeline.now(), clock.ms * 1e6);
});
