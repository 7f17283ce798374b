import type { Paint } from "../paint.ts";
import { wrap } from "../wrap.ts";
import { happeningLines } from "./frame.ts";
import type { CallersReport, Report } from "./report.ts";
import { seconds } from "./seconds.ts";

const NAME_WIDTH = 36;
const FIGURE_WIDTH = 14;

/** What a row of the comparison shows of each side. */
const ROWS: readonly (readonly [string, (callers: CallersReport) => string])[] = [
  ["calls made", ({ calls }) => count(calls)],
  ["succeeded", ({ succeeded }) => count(succeeded)],
  ["failed", ({ failed }) => count(failed)],
  ["refused at once", ({ refused }) => count(refused)],
  ["latency p50, from asking to answer", ({ p50Ms }) => milliseconds(p50Ms)],
  ["latency p99", ({ p99Ms }) => milliseconds(p99Ms)],
  ["latency p99 without refused calls", ({ sentP99Ms }) => milliseconds(sentP99Ms)],
  ["time spent waiting, all calls", ({ waitedMs }) => seconds(waitedMs)],
];

/**
 * The closing report as lines: the comparison, every transition with its
 * reason, and whether the demo has shown what it must.
 */
export function reportLines(report: Report, columns: number, paint: Paint): readonly string[] {
  const { callers, inTrouble, transitions, others, checks } = report;
  const mishaps = others.filter(({ kind }) => kind === "mishap");
  const share = inTrouble.bare === 0 ? 0 : Math.round(100 * inTrouble.spared / inTrouble.bare);
  return [
    comparison(["What callers saw", "with breaker", "without"], paint),
    ...ROWS.map(([name, figure]) =>
      comparison([`  ${name}`, figure(callers.guarded), figure(callers.bare)])
    ),
    "",
    comparison(["What the service counted", "with breaker", "without"], paint),
    comparison(["  calls while it failed", ...bySide(report, "failing")]),
    comparison(["  calls while it hung", ...bySide(report, "hanging")]),
    paint(
      "bold",
      `  spared: ${count(inTrouble.spared)} of ${count(inTrouble.bare)} calls (${share} %)`,
    ),
    "",
    paint("bold", "Transitions"),
    ...[...transitions, ...mishaps].flatMap((happening) =>
      happeningLines(happening, columns, paint)
    ),
    "",
    paint("bold", "Shown"),
    ...checks.flatMap(({ name, passed, detail }) => {
      const mark = passed ? paint("green", "yes") : paint("red", "NO ");
      const [first = "", ...rest] = wrap(`${name}: ${detail}`, Math.max(20, columns - 7));
      return [`  ${mark}  ${first}`, ...rest.map((line) => `       ${line}`)];
    }),
  ];
}

function comparison([name = "", ...figures]: readonly string[], paint?: Paint): string {
  const head = name.padEnd(NAME_WIDTH);
  const rest = figures.map((figure) => figure.padStart(FIGURE_WIDTH)).join("");
  return paint === undefined ? head + rest : paint("bold", head) + paint("dim", rest);
}

function bySide({ received }: Report, behaviour: "failing" | "hanging"): [string, string] {
  return [count(received.guarded[behaviour]), count(received.bare[behaviour])];
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString("en-US")} ms`;
}
