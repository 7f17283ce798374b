import assert from "node:assert/strict";
import { medianInterval } from "../../bench/report/median_interval.ts";

/** Ranks of the sign test's interval at 90 %, and its confidence, as tables of it have them. */
const RANKS: readonly (readonly [n: number, low: number, high: number, percent: number])[] = [
  [1, 1, 1, 0],
  [4, 1, 4, 87.5],
  [5, 1, 5, 93.75],
  [7, 1, 7, 98.44],
  [8, 2, 7, 92.97],
  [10, 2, 9, 97.85],
  [11, 3, 9, 93.46],
  [20, 6, 15, 95.86],
];

for (const [n, low, high, percent] of RANKS) {
  Deno.test(`of ${n} values the median lies from number ${low} to ${high} with ${percent} %`, () => {
    // In an order that is not theirs.
    const values = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? i / 2 : n - (i + 1) / 2) + 1);
    assert.deepEqual(values.toSorted((a, b) => a - b), Array.from({ length: n }, (_, i) => i + 1));
    const { confidence, ...interval } = medianInterval(values, 0.9);
    assert.deepEqual(interval, { low, high });
    assert.equal(Math.round(confidence * 10_000) / 100, percent);
  });
}

Deno.test("the interval holds the median as often as its confidence says", () => {
  // Each way that five values can lie about the median: a bit is a value above it.
  const held = Array.from({ length: 32 }, (_, bits) => {
    const values = Array.from({ length: 5 }, (_, i) => (bits >> i) & 1 ? 1 + i : -1 - i);
    const { low, high } = medianInterval(values, 0.9);
    return low <= 0 && high >= 0;
  }).filter(Boolean);
  assert.equal(held.length / 32, 0.9375);
});
