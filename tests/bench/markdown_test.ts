import assert from "node:assert/strict";
import { type Budget, judge } from "../../bench/report/budget.ts";
import { Figures } from "../../bench/report/figures.ts";
import { renderResults } from "../../bench/report/markdown.ts";
import { CIRCUMSTANCES } from "./circumstances.ts";
import { roundSample } from "./round_sample.ts";

Deno.test("the report holds its circumstances, every budget and every figure", () => {
  const rounds = [35, 36, 37, 38, 45];
  const figures = new Figures(rounds.flatMap((value, round) => [
    roundSample(round, "s/g/bare", 10, { baseline: true }),
    roundSample(round, "s/g/a | b", value),
  ]));
  const budget: Budget = {
    what: "a call",
    unit: "ns",
    limit: 10,
    cases: { "a | b": (get) => get("s", "g", "a | b") },
    floor: () => 11,
  };
  const half: Budget = { what: "half", unit: "ratio", limit: 1 / 2, cases: { it: () => 0.3 } };
  const sections = [{
    title: "Calls",
    about: "What they take.",
    verdicts: [judge(budget, figures), judge(half, figures)],
  }];
  const text = renderResults(CIRCUMSTANCES, figures, sections);
  assert.match(text, /Some CPU, 2 cores, Linux 6/);
  assert.match(text, /Deno 2\.9\.6 \(V8 15\.0\), Node 24\.21\.0 \(V8 13\.6\)/);
  assert.match(text, /Rounds: 5/);
  assert.match(text, /94 % confidence/);
  assert.match(text, /### Calls\n\nWhat they take\.\n\n/);
  assert.match(
    text,
    /^\| a call \| <= 10\.0 ns \| 37\.0 ns \| 35\.0 … 45\.0 ns \| 11\.0 ns \| \*\*missed/m,
  );
  assert.match(text, /^\| half \| <= 1\/2 \| 0\.30 \| 0\.30 … 0\.30 \| {2}\| met \|$/m);
  assert.match(text, /^\| a \\\| b \| 37\.0 ns \| 35\.0 … 45\.0 ns \| 27\.0 ns \|$/m);
});

Deno.test("beside peers the report gives each one's overhead as a multiple of ours, the least first", () => {
  const figures = new Figures([
    roundSample(0, "s/g/bare call", 10, { baseline: true }),
    roundSample(0, "s/g/peer", 130),
    roundSample(0, "s/g/switchgear, consecutive", 40),
  ]);
  const text = renderResults(CIRCUMSTANCES, figures, []);
  assert.match(text, /\| peer \| 130 ns \| 130 … 130 ns \| 120 ns \| 4\.00 \|/);
  assert(text.indexOf("| switchgear, consecutive") < text.indexOf("| peer"));
});
