import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Budget, BUDGETS, judge } from "../bench/report/budgets.ts";
import { comparisonPanels, renderComparison } from "../bench/report/comparison_svg.ts";
import { Figures, formatQuantity, spreadOf } from "../bench/report/figures.ts";
import { renderResults } from "../bench/report/markdown.ts";
import {
  parseBenchJson,
  parseSampleLines,
  type RoundSample,
  type Unit,
} from "../bench/report/sample.ts";
import { denoCommand } from "./programs/deno_command.ts";

function sample(
  round: number,
  path: string,
  value: number,
  more: { unit?: Unit; baseline?: boolean } = {},
): RoundSample {
  const [suite = "", group = "", name = ""] = path.split("/");
  return { round, suite, group, name, value, unit: "ns", baseline: false, ...more };
}

function benchJson(group: string | null, name: string, result: object): string {
  const bench = { origin: "file:///b.ts", group, name, baseline: false, results: [result] };
  return JSON.stringify({ version: 1, runtime: "Deno", cpu: "CPU", benches: [bench] });
}

Deno.test("the output of deno bench becomes a sample per bench", () => {
  assert.deepEqual(parseBenchJson("hot_path", benchJson("do", "bare", { ok: { avg: 12.5 } })), [
    { suite: "hot_path", group: "do", name: "bare", unit: "ns", value: 12.5, baseline: false },
  ]);
});

Deno.test("a bench that makes many calls is divided by their number", () => {
  const text = benchJson("do, in flight: 100 calls", "bare", { ok: { avg: 5_000 } });
  assert.equal(parseBenchJson("hot_path", text)[0]?.value, 50);
});

Deno.test("a short bench whose calls were timed one by one is left out, a long one is not", () => {
  const parse = (avg: number): number =>
    parseBenchJson("s", benchJson("g", "n", { ok: { avg, highPrecision: true } })).length;
  assert.deepEqual([parse(40), parse(9_000)], [0, 1]);
});

Deno.test("a bench that failed fails the report", () => {
  const text = benchJson(null, "bare", { failed: { message: "no" } });
  assert.throws(() => parseBenchJson("peers", text), /"bare" of peers failed/);
});

Deno.test("what a script printed becomes samples, other lines are left out", () => {
  const line = { suite: "s", group: "g", name: "n", unit: "B", value: 1, baseline: false };
  assert.deepEqual(parseSampleLines(`warming up\n${JSON.stringify(line)}\n\n`), [line]);
});

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
    sample(0, "s/g/b", 1),
    sample(0, "s/g/a", 5, { baseline: true }),
    sample(1, "s/g/b", 3),
    sample(1, "s/g/a", 7, { baseline: true }),
  ]);
  assert.equal(figures.rounds, 2);
  const shown = figures.all().map(({ name, median, baseline }) => [name, median, baseline]);
  assert.deepEqual(shown, [["b", 2, false], ["a", 6, true]]);
});

Deno.test("a ratio is computed within each round", () => {
  const figures = new Figures([
    sample(0, "s/g/a", 10),
    sample(0, "s/g/b", 20),
    sample(1, "s/g/a", 100),
    sample(1, "s/g/b", 400),
    sample(2, "s/g/a", 1),
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

const BUDGET: Budget = {
  what: "a call",
  how: "time",
  unit: "ns",
  limit: 10,
  measure: (get) => get("s", "g", "a"),
};

const OUTCOMES: readonly [number[], string][] = [
  [[8, 9, 10], "met"],
  [[8, 9, 11], "met, not in every round"],
  [[9, 11, 12], "missed, not in every round"],
  [[11, 12, 13], "missed"],
  [[], "not measured"],
];

for (const [values, outcome] of OUTCOMES) {
  Deno.test(`a budget of 10 is ${outcome} at ${values.join(", ") || "nothing"}`, () => {
    const figures = new Figures(values.map((value, round) => sample(round, "s/g/a", value)));
    assert.equal(judge([BUDGET], figures)[0]?.outcome, outcome);
  });
}

/** Samples of one round, of whatever the budgets ask for. */
function everythingAsked(valueOf: (group: string, name: string) => number): RoundSample[] {
  const samples = new Map<string, RoundSample>();
  const take = (suite: string, group: string, name: string): number => {
    const value = valueOf(group, name);
    samples.set(`${suite}/${group}/${name}`, sample(0, `${suite}/${group}/${name}`, value));
    return value;
  };
  for (const { measure, floor } of BUDGETS) {
    measure(take);
    floor?.measure(take);
  }
  return [...samples.values()];
}

Deno.test("every budget is met where a breaker costs nothing, and missed where it costs most", () => {
  const isOurs = (name: string): boolean =>
    /^(switchgear|do|doSync|permit|getBreaker|1,000,000|until)/.test(name);
  // That the cost is flat says nothing of what it is.
  const budgets = BUDGETS.filter(({ what }) => !what.endsWith("flat"));
  assert(budgets.length > 20);

  const free = judge(budgets, new Figures(everythingAsked((_, name) => isOurs(name) ? 0 : 1)));
  const unmet = free.filter(({ outcome }) => outcome !== "met");
  assert.deepEqual(unmet.map(({ budget }) => budget.what), []);

  const dear = judge(budgets, new Figures(everythingAsked((_, name) => isOurs(name) ? 1e6 : 1e3)));
  const met = dear.filter(({ budget, outcome }) => outcome === "met" && budget.limit !== Infinity);
  assert.deepEqual(met.map(({ budget }) => budget.what), []);
});

Deno.test("a cost that grows by more than a quarter is not flat", () => {
  const flat = BUDGETS.filter(({ what }) => what.endsWith("flat"));
  assert.equal(flat.length, 2);
  const judged = (factor: number): string[] => {
    const grows = (_: string, name: string): number => name.startsWith("1,000") ? factor : 1;
    return judge(flat, new Figures(everythingAsked(grows))).map(({ outcome }) => outcome);
  };
  assert.deepEqual([judged(1.2), judged(1.3)], [["met", "met"], ["missed", "missed"]]);
});

const CIRCUMSTANCES = {
  cpu: "Some CPU",
  cores: 2,
  system: "Linux 6",
  deno: "2.9.5",
  v8: "15.0",
  date: "2026-11-21",
  command: "deno task bench:report",
};

Deno.test("the report holds its circumstances, every budget and every figure", () => {
  const figures = new Figures([
    sample(0, "s/g/bare", 10, { baseline: true }),
    sample(0, "s/g/a | b", 35),
    sample(1, "s/g/bare", 10, { baseline: true }),
    sample(1, "s/g/a | b", 45),
  ]);
  const floor = { measure: (): number => 11, why: "the walls are near" };
  const missed = { ...BUDGET, measure: (): number => 12, floor };
  const text = renderResults(CIRCUMSTANCES, figures, judge([missed], figures));
  assert.match(text, /Some CPU, 2 cores, Linux 6; Deno 2\.9\.5, V8 15\.0/);
  assert.match(text, /median of 2 rounds/);
  assert.match(
    text,
    /\| a call \| time \| <= 10\.0 ns \| 12\.0 ns \| .* \| 11\.0 ns \| \*\*missed\*\* \|/,
  );
  assert.match(text, /- Floor of a call: the walls are near/);
  assert.match(text, /\| a \\\| b \| 40\.0 ns \| 35\.0 ns … 45\.0 ns \| 30\.0 ns \|/);
});

Deno.test("beside peers the report gives each one's overhead as a multiple of ours, the least first", () => {
  const figures = new Figures([
    sample(0, "s/g/bare call", 10, { baseline: true }),
    sample(0, "s/g/peer", 130),
    sample(0, "s/g/switchgear, consecutive", 40),
  ]);
  const text = renderResults(CIRCUMSTANCES, figures, []);
  assert.match(text, /\| peer \| 130 ns \| 130 ns … 130 ns \| 120 ns \| 4\.00 \|/);
  assert(text.indexOf("| switchgear, consecutive") < text.indexOf("| peer"));
});

Deno.test("the comparison draws what was measured, and no panel of what was not", () => {
  const panels = comparisonPanels(
    new Figures([
      sample(0, "peers/closed, success/bare call", 10),
      sample(0, "peers/closed, success/switchgear, consecutive", 60),
      sample(0, "peers/closed, success/opossum", 1_710),
    ]),
  );
  assert.deepEqual(panels.map(({ bars }) => bars), [[
    { label: "Switchgear", value: 50 },
    { label: "opossum, timeout (default)", value: 1_700 },
  ]]);
  const svg = renderComparison(panels);
  assert.match(svg, /^<svg [^>]*viewBox="0 0 760 \d+"/);
  assert.match(svg, /prefers-color-scheme: dark/);
  assert.equal(svg.match(/<rect class="ours"/g)?.length, 1);
  assert.match(svg, />1\.70 µs</);
});

Deno.test("bars are longer the more they stand for, and stay inside", () => {
  const bars = [1, 10, 100, 1_000].map((value) => ({ label: `${value} < & >`, value }));
  const svg = renderComparison([{ title: "t", unit: "ns", bars }]);
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) =>
    Number(width)
  );
  assert.deepEqual(widths, widths.toSorted((a, b) => a - b));
  assert.equal(new Set(widths).size, 4);
  assert(Math.max(...widths) <= 480);
  assert.match(svg, /1 &lt; &amp; >/);
});

const REPORT = fileURLToPath(new URL("../bench/report.ts", import.meta.url));
const RESULTS = fileURLToPath(new URL("../bench/RESULTS.md", import.meta.url));

const CALLS: readonly (readonly [args: string[], status: number, said: RegExp])[] = [
  [["--help"], 0, /^Usage: deno task bench:report [^]*--quick[^]*--rounds N/],
  [["-h"], 0, /^Usage: /],
  [["--bogus"], 2, /^Unknown option '--bogus'[^]*\nUsage: /],
  [["hot_path"], 2, /^Unexpected argument 'hot_path'[^]*\nUsage: /],
  [["--quick=yes"], 2, /'--quick'[^]*\nUsage: /],
  [["--rounds=0"], 2, /^--rounds must be a positive integer, received "0"[^]*\nUsage: /],
  [["--rounds", ""], 2, /^--rounds must be a positive integer, received ""/],
];

for (const [args, status, said] of CALLS) {
  Deno.test(`bench:report ${args.join(" ")} measures nothing and exits with ${status}`, async () => {
    const before = await Deno.stat(RESULTS);
    const { code, stdout, stderr } = await denoCommand({
      args: ["run", "-A", "--quiet", "--no-check", REPORT, ...args],
      signal: AbortSignal.timeout(60_000),
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.match((status === 0 ? out : err) ?? "", said);
    assert.equal(status === 0 ? err : out, "");
    assert.equal(code, status);
    assert.deepEqual((await Deno.stat(RESULTS)).mtime, before.mtime);
  });
}
