/** Each check of limits and resources is fed with what violates it, and must say so. */
import assert from "node:assert/strict";
import { ConcurrencyGauge } from "./concurrency_gauge.ts";
import { Latencies } from "./latencies.ts";
import { LiveCounts } from "./live_counts.ts";
import { type Holdings, isGrowing, MemoryWatch } from "./memory_watch.ts";
import { RateGauge } from "./rate_gauge.ts";
import { resourceFaults } from "./resource_bounds.ts";
import { REQUIRED_EVENTS } from "./required_events.ts";
import { Tally } from "./tally.ts";
import { median, trendOf } from "./trend.ts";
import { Violations } from "./violations.ts";

Deno.test("concurrency: starts up to the limit are nothing to report, the next one is", () => {
  const seen: string[] = [];
  const gauge = new ConcurrencyGauge(2, (each) => seen.push(each));
  const end = gauge.start();
  gauge.start();
  end();
  gauge.start();
  assert.deepEqual(seen, []);
  gauge.start();
  assert.deepEqual(seen, ["3 at work, 2 are allowed"]);
});

Deno.test("concurrency: a lower limit holds for starts from then on", () => {
  const seen: string[] = [];
  const gauge = new ConcurrencyGauge(2, (each) => seen.push(each));
  const ends = [gauge.start(), gauge.start()];
  gauge.setLimit(1);
  assert.deepEqual(seen, []);
  ends[0]?.();
  gauge.start();
  assert.deepEqual(seen, ["2 at work, 1 are allowed"]);
});

function rate(): { gauge: RateGauge; seen: string[] } {
  const seen: string[] = [];
  const gauge = new RateGauge({ rate: 10, burst: 3, lateMs: 0 }, (each) => seen.push(each));
  return { gauge, seen };
}

Deno.test("rate: the burst and what flows in are nothing to report, one more is", () => {
  const { gauge, seen } = rate();
  for (const at of [0, 0, 0, 100, 200, 1_000, 1_000, 1_000]) gauge.note(at);
  assert.deepEqual(seen, []);
  gauge.note(1_050);
  assert.deepEqual(seen, ["0.50 events more than 10/s and 3 at once allow"]);
});

Deno.test("rate: a steady excess shows, however late each event may be noticed", () => {
  const seen: string[] = [];
  const gauge = new RateGauge({ rate: 10, burst: 3, lateMs: 300 }, (each) => seen.push(each));
  for (let at = 0; at < 5_000; at += 90) gauge.note(at);
  assert(seen.length > 0);
});

Deno.test("rate: a lower rate holds from then on", () => {
  const { gauge, seen } = rate();
  for (let i = 0; i < 3; i++) gauge.note(0);
  gauge.setRate(1, 0);
  gauge.note(500);
  assert.equal(seen.length, 1);
});

Deno.test("latencies: one beyond the limit is reported, so is what never came", () => {
  const seen: string[] = [];
  const latencies = new Latencies(100, (each) => seen.push(each));
  for (const ms of [10, 20, 30, 100]) latencies.note("an edit", ms);
  assert.deepEqual(seen, []);
  assert.deepEqual([0.5, 0.75, 1].map((share) => latencies.percentile(share)), [20, 30, 100]);
  latencies.note("an edit", 101);
  latencies.note("an edit", Infinity);
  assert.equal(seen.length, 2);
});

const samples = (values: readonly number[]) => values.map((value, i) => ({ at: i, value }));

Deno.test("trend: steady growth is found, and one far-off sample does not hide it", () => {
  const { growth, steadiness } = trendOf(samples([0, 1, 2, 100, 4, 5, 6, 7, 8]));
  assert.equal(growth, 8);
  assert(steadiness > 0.6);
});

Deno.test("trend: one far-off sample is no growth", () => {
  const { growth, level } = trendOf(samples([5, 5, 5, 5, 5, 5, 500]));
  assert.deepEqual([growth, level], [0, 5]);
});

Deno.test("trend: one sample is too few", () => {
  assert.throws(() => trendOf(samples([1])), /1 samples are too few/);
});

Deno.test("trend: the median of an even number is between the two in the middle", () => {
  assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
});

function watched(heap: (i: number) => number, others: Partial<Holdings> = {}): string[] {
  const watch = new MemoryWatch();
  for (let i = 0; i < 40; i++) {
    watch.add(i * 1_000, { heap: heap(i), rss: 200e6, fds: 40, ...others });
  }
  assert(watch.suffices);
  return watch.faults();
}

/** What collections leave differs from one to the next. */
const wobble = (i: number): number => (i * 7_919 % 13) * 1e5;

Deno.test("memory: a level that wobbles is flat", () => {
  assert.deepEqual(watched((i) => 30e6 + wobble(i)), []);
});

Deno.test("memory: what warms up and then stays is flat", () => {
  assert.deepEqual(watched((i) => 30e6 + Math.min(i, 9) * 3e6 + wobble(i)), []);
});

Deno.test("memory: a heap that grows by 200 kB a second is reported", () => {
  assert.match(watched((i) => 30e6 + i * 2e5 + wobble(i)).join(), /^heap: .* trend \+5\.\d MB/);
});

Deno.test("memory: descriptors and resident memory that grow are reported", () => {
  const watch = new MemoryWatch();
  for (let i = 0; i < 40; i++) watch.add(i * 1_000, { heap: 3e7, rss: 2e8 + i * 3e6, fds: 40 + i });
  assert.match(watch.faults().join("; "), /^rss: .*; fds: /);
});

Deno.test("memory: too few samples are no verdict", () => {
  const watch = new MemoryWatch();
  for (let i = 0; i < 5; i++) watch.add(i, { heap: i * 1e9, rss: 0, fds: 0 });
  assert(!watch.suffices);
  assert.deepEqual(watch.faults(), []);
});

Deno.test("memory: growth counts where it is more than the allowance, and steady", () => {
  const limit = { allowance: 10, share: 0.1, steadiness: 0.4 };
  assert(isGrowing({ growth: 11, steadiness: 0.5, level: 50 }, limit));
  assert(!isGrowing({ growth: 9, steadiness: 0.5, level: 50 }, limit));
  assert(!isGrowing({ growth: 11, steadiness: 0.3, level: 50 }, limit));
  assert(!isGrowing({ growth: 11, steadiness: 0.5, level: 200 }, limit));
});

Deno.test("live counts: timers count until they fire or are cleared", async () => {
  using live = new LiveCounts();
  const fired = new Promise<void>((resolve) => setTimeout(resolve, 1));
  const cleared = setTimeout(() => {}, 1_000);
  const repeated = setInterval(() => {}, 1_000);
  assert.equal(live.timers, 3);
  clearTimeout(cleared);
  clearInterval(repeated);
  assert.equal(live.timers, 1);
  await fired;
  assert.equal(live.timers, 0);
  assert.deepEqual(live.ever, { timers: 3, listeners: 0 });
});

Deno.test("live counts: arguments of a timer reach its callback", async () => {
  using _ = new LiveCounts();
  const got = await new Promise((resolve) => setTimeout(resolve, 1, "argument"));
  assert.equal(got, "argument");
});

Deno.test("live counts: a listener that stays behind on a signal is counted", () => {
  using live = new LiveCounts();
  const { signal } = new AbortController();
  const listener = (): void => {};
  signal.addEventListener("abort", listener);
  signal.addEventListener("abort", listener); // it stands there once
  assert.equal(live.listeners, 1);
  signal.removeEventListener("abort", listener);
  signal.removeEventListener("abort", listener);
  assert.equal(live.listeners, 0);
});

Deno.test("live counts: a listener for once is gone when it was called", () => {
  using live = new LiveCounts();
  const controller = new AbortController();
  let calls = 0;
  controller.signal.addEventListener("abort", () => calls++, { once: true });
  assert.equal(live.listeners, 1);
  controller.abort();
  assert.deepEqual([live.listeners, calls], [0, 1]);
});

Deno.test("live counts: disposed, they leave the functions as they were", () => {
  const { setTimeout: set } = globalThis;
  const { addEventListener: add } = AbortSignal.prototype;
  {
    using _ = new LiveCounts();
    assert.notEqual(globalThis.setTimeout, set);
    assert.notEqual(AbortSignal.prototype.addEventListener, add);
  }
  assert.equal(globalThis.setTimeout, set);
  assert.equal(AbortSignal.prototype.addEventListener, add);
});

const CALLS = { outstanding: 10, resources: 20 };

Deno.test("bounds: what the calls in flight account for is nothing to report", () => {
  const now = { timers: 52, listeners: 52, descriptors: 170 };
  assert.deepEqual(resourceFaults(now, CALLS), []);
});

Deno.test("bounds: timers, listeners and descriptors beyond that are reported", () => {
  assert.deepEqual(resourceFaults({ timers: 53, listeners: 54, descriptors: 171 }, CALLS), [
    "53 timers, 10 calls in flight",
    "54 listeners, 10 calls in flight",
    "171 file descriptors, 10 calls in flight",
  ]);
});

Deno.test("coverage: what never happened is found", () => {
  const tally = new Tally();
  for (const event of REQUIRED_EVENTS.slice(1)) tally.add(event);
  assert.deepEqual(tally.missing(REQUIRED_EVENTS), [REQUIRED_EVENTS[0]]);
  assert.equal(new Set(REQUIRED_EVENTS).size, REQUIRED_EVENTS.length);
});

Deno.test("violations: all are counted, the first few kept", () => {
  const violations = new Violations();
  for (let i = 0; i < 9; i++) violations.add("an invariant", `seen ${i}`);
  assert.equal(violations.count, 9);
  const [first] = violations.all();
  assert.deepEqual([first?.times, first?.seen.length, first?.seen[0]], [9, 5, "seen 0"]);
});
