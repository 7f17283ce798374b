import { type Figure, type Figures, formatQuantity } from "./figures.ts";
import type { Verdict } from "./budgets.ts";

/** Where and how a report was made. */
export interface Circumstances {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly deno: string;
  readonly v8: string;
  /** An ISO date. */
  readonly date: string;
  /** What makes the report again. */
  readonly command: string;
}

const OURS = "switchgear, consecutive";

/** The whole report. */
export function renderResults(
  circumstances: Circumstances,
  figures: Figures,
  verdicts: readonly Verdict[],
): string {
  return [
    ...head(circumstances, figures.rounds),
    ...budgetTable(verdicts),
    ...everyGroup(figures.all()),
  ].join("\n") + "\n";
}

function head(circumstances: Circumstances, rounds: number): string[] {
  const { cpu, cores, system, deno, v8, date, command } = circumstances;
  return [
    "# Results",
    "",
    `Made by \`${command}\` on ${date}: ${cpu}, ${cores} cores, ${system}; Deno ${deno}, V8 ${v8}.`,
    "",
    `Each figure is the median of ${rounds} ${
      rounds === 1 ? "round" : "rounds"
    }, with the lowest and the highest of them. The suites`,
    "take turns round by round. A round's figure is the mean over its calls, so that it holds",
    "what collecting their garbage cost. Ratios and differences are computed within each round. What is",
    'called "overhead" is the time over the bare call of the same group, so that what `deno bench` and the',
    "call itself cost is in neither. [NOTES.md](NOTES.md) says how this is measured and what was found.",
    "",
    "![Switchgear beside its peers](comparison.svg)",
    "",
  ];
}

function budgetTable(verdicts: readonly Verdict[]): string[] {
  const rows = verdicts.map(({ budget, measured, floor, outcome }) => [
    budget.what,
    budget.how,
    budget.limit === Infinity ? "" : `<= ${formatQuantity(budget.limit, budget.unit)}`,
    measured === undefined ? "" : formatQuantity(measured.median, budget.unit),
    measured === undefined ? "" : range(measured, budget.unit),
    floor === undefined ? "" : formatQuantity(floor.median, budget.unit),
    outcome.startsWith("missed") ? `**${outcome}**` : outcome,
  ]);
  return [
    "## Budgets",
    "",
    ...table(["what", "how", "budget", "measured", "rounds", "floor", ""], rows),
    "",
    "That a refused `do` with a fallback makes no error object with a stack, and that nothing else is made that",
    "the call does not ask for, is no matter of time: `tests/structure_test.ts` checks it.",
    "",
    ...reasons(verdicts),
  ];
}

/** What stands in the way where a budget was missed. */
function reasons(verdicts: readonly Verdict[]): string[] {
  const missed = verdicts.filter(({ outcome }) => outcome.startsWith("missed"));
  const byReason = Map.groupBy(missed, ({ budget }) => budget.floor?.why);
  const lines = [...byReason].flatMap(([why, of]) =>
    why === undefined
      ? []
      : [`- Floor of ${of.map(({ budget }) => budget.what).join("; ")}: ${why}`]
  );
  return lines.length === 0 ? [] : ["Where a budget was missed:", "", ...lines, ""];
}

function everyGroup(figures: readonly Figure[]): string[] {
  const suites = Map.groupBy(figures, ({ suite }) => suite);
  return [...suites].flatMap(([suite, ofSuite]) => [
    `## ${suite.replaceAll("_", " ")}`,
    "",
    ...[...Map.groupBy(ofSuite, ({ group }) => group)].flatMap(([group, ofGroup]) => [
      `### ${group}`,
      "",
      ...groupTable(ofGroup),
      "",
    ]),
  ]);
}

/** A table of one group: overheads where it has a baseline, and ratios to ours where we stand beside peers. */
function groupTable(group: readonly Figure[]): string[] {
  const bare = group.find(({ baseline }) => baseline);
  const ours = group.find(({ name }) => name === OURS);
  const sorted = ours === undefined ? group : group.toSorted((a, b) => a.median - b.median);
  const header = ["", "median", "rounds"];
  if (bare !== undefined) header.push("overhead");
  if (ours !== undefined) header.push("overhead / ours");
  const rows = sorted.map((figure) => {
    const row = [
      figure.name,
      formatQuantity(figure.median, figure.unit),
      range(figure, figure.unit),
    ];
    if (bare !== undefined) {
      row.push(figure === bare ? "" : formatQuantity(figure.median - bare.median, figure.unit));
    }
    if (ours !== undefined) {
      const from = bare?.median ?? 0;
      const ratio = (figure.median - from) / (ours.median - from);
      row.push(figure === bare ? "" : formatQuantity(ratio, "ratio"));
    }
    return row;
  });
  return table(header, rows);
}

function range(
  spread: { low: number; high: number },
  unit: Parameters<typeof formatQuantity>[1],
): string {
  return `${formatQuantity(spread.low, unit)} … ${formatQuantity(spread.high, unit)}`;
}

/** A Markdown table; the first column is text, the others are figures. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = header.map((_, i) => i === 0 ? "---" : "---:");
  return [line(header), line(rule), ...rows.map(line)];
}
