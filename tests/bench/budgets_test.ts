import assert from "node:assert/strict";
import { judge, judgeSections } from "../../bench/report/budget.ts";
import { BUDGETS } from "../../bench/report/budgets.ts";
import { Figures } from "../../bench/report/figures.ts";
import { renderResults } from "../../bench/report/markdown.ts";
import type { RoundSample } from "../../bench/report/sample.ts";
import { CIRCUMSTANCES } from "./circumstances.ts";
import { roundSample } from "./round_sample.ts";

const ALL_BUDGETS = BUDGETS.flatMap(({ budgets }) => budgets);

/** Five rounds, all alike, of whatever the budgets ask for. */
function everythingAsked(valueOf: (name: string) => number): Figures {
  const samples = new Map<string, RoundSample>();
  const take = (suite: string, group: string, name: string): number => {
    const value = valueOf(name);
    for (let round = 0; round < 5; round++) {
      const path = `${suite}/${group}/${name}`;
      samples.set(`${round} ${path}`, roundSample(round, path, value));
    }
    return value;
  };
  for (const { cases, floor } of ALL_BUDGETS) {
    for (const measure of Object.values(cases)) measure(take);
    floor?.(take);
  }
  return new Figures([...samples.values()]);
}

function isOurs(name: string): boolean {
  return /^(switchgear|do|doSync|permit|1,000,000)\b/.test(name);
}

Deno.test("every budget is met where a breaker costs nothing, and missed where it costs most", () => {
  assert(ALL_BUDGETS.length >= 18);
  const peer = (name: string): number => /^(bare|empty)/.test(name) ? 1 : 2;

  const free = everythingAsked((name) => isOurs(name) ? 0 : peer(name));
  const unmet = ALL_BUDGETS.filter((budget) => judge(budget, free).outcome !== "met");
  assert.deepEqual(unmet.map(({ what }) => what), []);

  const dear = everythingAsked((name) => isOurs(name) ? 1e6 : peer(name));
  const unmissed = ALL_BUDGETS.filter((budget) => judge(budget, dear).outcome !== "missed");
  assert.deepEqual(unmissed.filter(({ limit }) => limit < Infinity).map(({ what }) => what), []);
});

Deno.test("no table of budgets is wider than 120 columns", () => {
  const figures = everythingAsked((name) => isOurs(name) ? 123.4 : 1.23);
  const text = renderResults(CIRCUMSTANCES, figures, judgeSections(BUDGETS, figures));
  const [, budgets = ""] = text.split("## Budgets");
  const tables = budgets.split("\n## ")[0]?.match(/(?:^\|.*\n)+/gm) ?? [];
  assert.equal(tables.length, BUDGETS.length);
  for (const table of tables) {
    // As `deno fmt` widens each column to its widest cell.
    const rows = table.trimEnd().split("\n").map((row) => row.split(" | "));
    const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ??
      [];
    const width = widths.reduce((sum, each) => sum + each + 3, 0);
    assert(width <= 120, `${width} columns:\n${table}`);
  }
});
