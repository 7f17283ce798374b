import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import {
  LatencyPercentile,
  PERCENTILE_ERROR,
} from "../../src/patterns/hedge/latency_percentile.ts";

const WINDOW_MS = 10_000;

interface Sample {
  readonly ms: number;
  readonly at: number;
}

/** The latency at the nearest rank. */
function exactly(percentile: number, samples: readonly Sample[]): number | undefined {
  const sorted = samples.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(percentile * sorted.length)) - 1];
}

function assertClose(actual: number | undefined, expected: number | undefined): void {
  if (actual === undefined || expected === undefined) {
    assert.equal(actual, expected);
    return;
  }
  const off = Math.abs(actual - expected) / expected;
  assert(
    off <= PERCENTILE_ERROR + 1e-9,
    `${actual} ms is ${off * 100} % off the exact ${expected} ms`,
  );
}

function filled(percentile: number, latencies: readonly number[]): LatencyPercentile {
  const observed = new LatencyPercentile(percentile, WINDOW_MS);
  for (const ms of latencies) observed.record(ms, 0);
  return observed;
}

Deno.test("the percentile of nothing is unknown", () => {
  assert.equal(new LatencyPercentile(0.95, WINDOW_MS).read(0), undefined);
});

const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
for (
  const [percentile, expected] of [[0.5, 50], [0.9, 90], [0.95, 95], [0.99, 99], [
    0.001,
    1,
  ]] as const
) {
  Deno.test(`the ${percentile * 100} % percentile of 1 to 100 ms is within 1 % of ${expected} ms`, () => {
    assertClose(filled(percentile, hundred).read(0), expected);
  });
}

for (
  const [name, latency, end] of [
    ["0 ms counts as 1 us", 0, 0.001],
    ["a negative latency counts as 1 us", -5, 0.001],
    ["no number counts as 1 us", NaN, 0.001],
    ["a day counts as an hour", 86_400_000, 3_600_000],
    ["for ever counts as an hour", Infinity, 3_600_000],
  ] as const
) {
  Deno.test(`outside of what is told apart: ${name}`, () => {
    assertClose(filled(0.5, [latency]).read(0), end);
  });
}

Deno.test("the percentile is within 1 % of the nearest rank of a sorted list, read after every latency", () => {
  const latency = fc.oneof(
    fc.double({ min: 0.001, max: 3_600_000, noNaN: true }),
    fc.double({ min: 1, max: 50, noNaN: true }),
  );
  fc.assert(fc.property(
    fc.double({ min: 0.01, max: 0.999, noNaN: true }),
    fc.array(fc.tuple(latency, fc.boolean()), { maxLength: 200 }),
    (percentile, latencies) => {
      const observed = new LatencyPercentile(percentile, WINDOW_MS);
      const samples: Sample[] = [];
      for (const [ms, isRead] of latencies) {
        observed.record(ms, 0);
        samples.push({ ms, at: 0 });
        if (isRead) assertClose(observed.read(0), exactly(percentile, samples));
      }
      assertClose(observed.read(0), exactly(percentile, samples));
    },
  ));
});

Deno.test("of the past it knows what is at most half a window old and nothing that is a window old", () => {
  const step = fc.record({
    ms: fc.integer({ min: 1, max: 1_000 }),
    wait: fc.oneof(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 3 * WINDOW_MS })),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const observed = new LatencyPercentile(0.5, WINDOW_MS);
    const samples: Sample[] = [];
    let now = 0;
    for (const { ms, wait } of steps) {
      now += wait;
      observed.record(ms, now);
      samples.push({ ms, at: now });
      const least = samples.filter(({ at }) => now - at <= WINDOW_MS / 2).length;
      const most = samples.filter(({ at }) => now - at < WINDOW_MS).length;
      const size = observed.size(now);
      assert(size >= least && size <= most, `${size} is not from ${least} to ${most}`);
      assertClose(observed.read(now), exactly(0.5, samples.slice(-size)));
    }
  }));
});

Deno.test("after an idle window everything is forgotten", () => {
  const observed = filled(0.5, hundred);
  assert.equal(observed.size(WINDOW_MS), 0);
  assert.equal(observed.read(WINDOW_MS), undefined);
});

Deno.test("a clock that goes back forgets nothing", () => {
  const observed = new LatencyPercentile(0.5, WINDOW_MS);
  observed.record(10, 50_000);
  observed.record(10, 1_000);
  assert.equal(observed.size(1_000), 2);
});
