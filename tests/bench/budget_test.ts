import assert from "node:assert/strict";
import { type Budget, judge } from "../../bench/report/budget.ts";
import { Figures } from "../../bench/report/figures.ts";
import { roundSample } from "./round_sample.ts";

const BUDGET: Budget = {
  what: "a call",
  unit: "ns",
  limit: 10,
  cases: { a: (get) => get("s", "g", "a") },
};

/** Rounds of each name's values. */
function roundsOf(values: Readonly<Record<string, readonly number[]>>): Figures {
  return new Figures(
    Object.entries(values).flatMap(([name, ofName]) =>
      ofName.map((value, round) => roundSample(round, `s/g/${name}`, value))
    ),
  );
}

const OUTCOMES: readonly (readonly [readonly number[], string])[] = [
  [[6, 7, 8, 9, 10], "met"],
  [[6, 7, 8, 9, 11], "undecided"],
  [[9, 11, 12, 13, 14], "undecided"],
  [[11, 12, 13, 14, 15], "missed"],
  // One round in eight may lie anywhere.
  [[1, 2, 3, 4, 5, 6, 7, 99], "met"],
  [[1, 11, 12, 13, 14, 15, 16, 17], "missed"],
  // Four rounds are not sure enough.
  [[1, 1, 1, 1], "undecided"],
  [[99, 99, 99, 99], "undecided"],
  [[], "not measured"],
];

for (const [values, outcome] of OUTCOMES) {
  Deno.test(`a budget of 10 is ${outcome} at ${values.join(", ") || "nothing"}`, () => {
    assert.equal(judge(BUDGET, roundsOf({ a: values })).outcome, outcome);
  });
}

const TWO_CASES: Budget = {
  ...BUDGET,
  cases: { a: (get) => get("s", "g", "a"), b: (get) => get("s", "g", "b") },
};

const CASES: readonly (readonly [string, readonly number[], string])[] = [
  ["met if all cases meet it", [9, 9, 9, 9, 9], "met"],
  ["undecided if one case is", [9, 9, 9, 9, 11], "undecided"],
  ["missed if one case misses it", [11, 11, 11, 11, 11], "missed"],
];

for (const [what, values, outcome] of CASES) {
  Deno.test(`a budget for several cases is ${what}, and shows the dearest`, () => {
    const verdict = judge(TWO_CASES, roundsOf({ a: [5, 6, 7, 8, 8], b: values }));
    assert.equal(verdict.outcome, outcome);
    assert.equal(verdict.dearest?.name, "b");
  });
}

Deno.test("a budget of several cases is not measured unless all of them are", () => {
  const figures = roundsOf({ a: [1, 1, 1, 1, 1] });
  assert.equal(judge(TWO_CASES, figures).outcome, "not measured");
});
