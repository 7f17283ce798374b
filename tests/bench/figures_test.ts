import assert from "node:assert/strict";
import { Figures, formatQuantity, formatRange, spreadOf } from "../../bench/report/figures.ts";
import { roundSample } from "./round_sample.ts";

const SPREADS: readonly [number[], object][] = [
  [[3], { median: 3, low: 3, high: 3 }],
  [[10, 2, 3], { median: 3, low: 2, high: 10 }],
  [[4, 1, 2, 3], { median: 2.5, low: 1, high: 4 }],
];

for (const [values, spread] of SPREADS) {
  Deno.test(`the spread of ${values}`, () => assert.deepEqual(spreadOf(values), spread));
}

Deno.test("figures of one name are gathered over the rounds, in the order of the first", () => {
  const figures = new Figures([
    roundSample(0, "s/g/b", 1),
    roundSample(0, "s/g/a", 5, { baseline: true }),
    roundSample(1, "s/g/b", 3),
    roundSample(1, "s/g/a", 7, { baseline: true }),
  ]);
  assert.equal(figures.rounds, 2);
  const shown = figures.all().map(({ name, median, baseline }) => [name, median, baseline]);
  assert.deepEqual(shown, [["b", 2, false], ["a", 6, true]]);
});

Deno.test("a ratio is computed within each round", () => {
  const figures = new Figures([
    roundSample(0, "s/g/a", 10),
    roundSample(0, "s/g/b", 20),
    roundSample(1, "s/g/a", 100),
    roundSample(1, "s/g/b", 400),
    roundSample(2, "s/g/a", 1),
  ]);
  const ratio = figures.derive((get) => get("s", "g", "a") / get("s", "g", "b"));
  assert.deepEqual(ratio, { median: 0.375, low: 0.25, high: 0.5 });
});

Deno.test("what no round has measured is undefined", () => {
  assert.equal(new Figures([]).derive((get) => get("s", "g", "a")), undefined);
});

const QUANTITIES: readonly [number, Parameters<typeof formatQuantity>[1], string][] = [
  [0, "ns", "0 ns"],
  [7.126, "ns", "7.13 ns"],
  [52.34, "ns", "52.3 ns"],
  [1_749, "ns", "1.75 µs"],
  [7_100_000, "ns", "7.10 ms"],
  [-3.2, "ns", "-3.20 ns"],
  [0.271_8, "ratio", "0.27"],
  [564.19, "B", "564 B"],
  [41_333.4, "1/s", "41,333 /s"],
];

for (const [value, unit, expected] of QUANTITIES) {
  Deno.test(`${value} ${unit} is shown as ${expected}`, () => {
    assert.equal(formatQuantity(value, unit), expected);
  });
}

Deno.test("a range names its unit once, unless it changes", () => {
  assert.equal(formatRange(12.1, 15, "ns"), "12.1 … 15.0 ns");
  assert.equal(formatRange(950, 1_050, "ns"), "950 ns … 1.05 µs");
  assert.equal(formatRange(0.1, 0.2, "ratio"), "0.10 … 0.20");
});
