import { type Budget, CONFIDENCE, type JudgedSection } from "./budget.ts";
import { type Figure, type Figures, formatQuantity, formatRange } from "./figures.ts";
import { medianInterval } from "./median_interval.ts";

/** Where and how a report was made. */
export interface Circumstances {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly deno: string;
  readonly v8: string;
  /** The Node of the suite that runs on it, and its V8; absent: it could not be had. */
  readonly node?: { readonly version: string; readonly v8: string };
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
  sections: readonly JudgedSection[],
): string {
  return [
    ...head(circumstances, figures.rounds),
    ...budgets(sections, figures.rounds),
    ...everyGroup(figures.all()),
  ].join("\n") + "\n";
}

function head(circumstances: Circumstances, rounds: number): string[] {
  const { cpu, cores, system, deno, v8, node, date, command } = circumstances;
  const runtimes = [
    `Deno ${deno} (V8 ${v8})`,
    ...(node === undefined ? [] : [`Node ${node.version} (V8 ${node.v8})`]),
  ];
  return [
    "# Results",
    "",
    `Made by \`${command}\` on ${date}.`,
    "",
    `- Machine: ${cpu}, ${cores} cores, ${system}.`,
    `- Runtimes: ${runtimes.join(", ")}.`,
    `- Rounds: ${rounds}. The suites take turns round by round, each in a process of its own.`,
    "- A figure is the median of the rounds, with the lowest and the highest. A round's figure is the mean over",
    "  its calls, with what collecting their garbage cost.",
    "- Times of the hot path and of time limits are the processor's, the others are the clock's.",
    "- Overhead is the time over the bare call of the same group. So what the bench and the call cost is not in it.",
    "- Differences and ratios are computed within each round.",
    "",
    "[NOTES.md](NOTES.md) says how this is measured and what was found.",
    "",
    "![Switchgear beside its peers](comparison.svg)",
    "",
  ];
}

function budgets(sections: readonly JudgedSection[], rounds: number): string[] {
  const ranks = Array.from({ length: rounds }, (_, i) => i);
  const { low, confidence } = medianInterval(rounds === 0 ? [0] : ranks, CONFIDENCE);
  const percent = Math.round(100 * confidence);
  const span = low === 0
    ? "It goes from the lowest round to the highest."
    : `It leaves out the ${low} lowest rounds and the ${low} highest.`;
  return [
    "## Budgets",
    "",
    `The interval holds the median that more and more rounds would come to, with ${percent} % confidence (the sign test).`,
    span,
    "",
    "- **met**: the whole interval is within the budget.",
    "- **missed**: the whole interval is beyond the budget.",
    "- **undecided**: the budget is inside of the interval, or there were fewer than five rounds.",
    "",
    "A budget for several cases is met if each case meets it, and missed if one misses it. The figures are those of",
    "the dearest case.",
    "",
    ...sections.flatMap(budgetSection),
  ];
}

function budgetSection({ title, about, verdicts }: JudgedSection): string[] {
  const ofSeveral = verdicts.some(({ budget }) => Object.keys(budget.cases).length > 1);
  const withFloor = verdicts.some(({ budget }) => budget.floor !== undefined);
  const header = [
    "",
    "budget",
    "measured",
    "interval",
    ...(withFloor ? ["floor"] : []),
    ...(ofSeveral ? ["dearest case"] : []),
    "verdict",
  ];
  const rows = verdicts.map(({ budget, outcome, dearest, floor }) => {
    const { unit } = budget;
    return [
      budget.what,
      formatLimit(budget),
      dearest === undefined ? "" : formatQuantity(dearest.median, unit),
      dearest === undefined ? "" : formatRange(dearest.interval.low, dearest.interval.high, unit),
      ...(withFloor ? [floor === undefined ? "" : formatQuantity(floor, unit)] : []),
      ...(ofSeveral ? [dearest?.name ?? ""] : []),
      outcome === "missed" ? "**missed**" : outcome,
    ];
  });
  return [`### ${title}`, "", about, "", ...table(header, rows), ""];
}

/** A limit for people: a share of something that is one part of so many as such. */
function formatLimit({ limit, unit }: Budget): string {
  if (limit === Infinity) return "";
  const parts = Math.round(1 / limit);
  const isPart = unit === "ratio" && parts > 1 && Math.abs(parts * limit - 1) < 1e-9;
  return `<= ${isPart ? `1/${parts}` : formatQuantity(limit, unit)}`;
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
      formatRange(figure.low, figure.high, figure.unit),
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

/** A Markdown table; the first column is text, the others are figures. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = header.map((_, i) => i === 0 ? "---" : "---:");
  return [line(header), line(rule), ...rows.map(line)];
}
