import type { DemoRun } from "./parse_demo.ts";

const WIDTH = 760;
const LEFT = 8;
const BARS_TOP = 52;
const PER_CALL = 1.5;
const STRIP = 14;
const GAP = 40;

/** What a bar is made of, bottom up. */
type Part = readonly [kind: string, calls: number];

/** Draws a run of the demo, for light and for dark pages. */
export function renderDemo(run: DemoRun): string {
  const step = (WIDTH - 2 * LEFT) / run.rows.length;
  const x = (row: number): number => LEFT + row * step;
  const stacks = [
    run.rows.map(({ guarded: { ok, failed, refused } }): Part[] => [
      ["ok", ok],
      ["failed", failed],
      ["refused", refused],
    ]),
    run.rows.map(({ bare: { ok, failed, waiting } }): Part[] => [
      ["ok", ok],
      ["failed", failed],
      ["waiting", waiting],
    ]),
  ];
  const [guardedPanel = 0, barePanel = 0] = stacks.map(heightOf);
  const guardedFoot = BARS_TOP + guardedPanel;
  const bareFoot = guardedFoot + STRIP + GAP + barePanel;
  const parts: string[] = [];
  for (const { name, row } of run.phases) {
    parts.push(
      `<line class="grid" x1="${r(x(row))}" x2="${r(x(row))}" y1="4" y2="${r(bareFoot)}"/>`,
      text(x(row) + 4, 14, "title", name === "recovered" ? "healthy again" : name),
    );
  }
  parts.push(
    text(LEFT, BARS_TOP - 10, "note", "Calls in each second, through the breaker, and its state"),
    ...stacks[0]?.flatMap((stack, row) => bar(stack, x(row), step, guardedFoot)) ?? [],
    ...run.rows.map(({ state }, row) =>
      `<rect class="${state}" x="${r(x(row))}" y="${r(guardedFoot + 3)}" width="${
        r(step)
      }" height="${STRIP - 4}"/>`
    ),
    text(LEFT, bareFoot - barePanel - 10, "note", "The same calls without one"),
    ...stacks[1]?.flatMap((stack, row) => bar(stack, x(row), step, bareFoot)) ?? [],
  );
  const legend = ["ok", "failed", "refused", "waiting", "closed", "open", "half-open"];
  const legendTop = bareFoot + 24;
  parts.push(...legend.flatMap((kind, i) => [
    `<rect class="${kind}" x="${LEFT + i * 106}" y="${r(legendTop - 10)}" width="12" height="12"/>`,
    text(LEFT + i * 106 + 17, legendTop, "note", LEGEND[kind] ?? kind),
  ]));
  const closing = closingLines(run);
  closing.forEach((line, i) => parts.push(text(LEFT, legendTop + 26 + i * 18, "", line)));
  const height = Math.ceil(legendTop + 26 + closing.length * 18);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="A run of the demo: calls with a breaker and without">`,
    STYLE,
    ...parts,
    "</svg>",
  ].join("\n");
}

/** What the tallest of the bars needs. */
function heightOf(stacks: readonly (readonly Part[])[]): number {
  const calls = stacks.map((stack) => stack.reduce((sum, [, calls]) => sum + calls, 0));
  return Math.max(...calls) * PER_CALL;
}

const LEGEND: Record<string, string> = { refused: "refused", waiting: "still waiting" };

function closingLines({ totals, spared }: DemoRun): string[] {
  const waited = totals.get("time spent waiting, all calls");
  const p99 = totals.get("latency p99");
  return [
    `While it failed or hung, the service was spared ${spared}.`,
    ...(waited === undefined || p99 === undefined ? [] : [
      `All callers together waited ${waited[0]} rather than ${waited[1]}; 99th percentile ${
        p99[0]
      } rather than ${p99[1]}.`,
    ]),
  ];
}

function bar(stack: readonly Part[], x: number, step: number, foot: number): string[] {
  let top = foot;
  return stack.filter(([, calls]) => calls > 0).map(([kind, calls]) => {
    const height = calls * PER_CALL;
    top -= height;
    return `<rect class="${kind}" x="${r(x + 1)}" y="${r(top)}" width="${r(step - 2)}" height="${
      r(height)
    }"/>`;
  });
}

function text(x: number, y: number, kind: string, content: string): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text class="${kind}" x="${r(x)}" y="${r(y)}">${escaped}</text>`;
}

function r(value: number): number {
  return Math.round(value * 10) / 10;
}

const STYLE = `<style>
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; }
.note { font-size: 11px; fill: #57606a; }
.ok, .closed { fill: #1a7f64; }
.failed { fill: #cf222e; }
.refused { fill: #d4a72c; }
.waiting { fill: #8c959f; }
.open { fill: #bc4c00; }
.half-open { fill: #eac54f; }
.grid { stroke: #d0d7de; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.note { fill: #9198a1; }
.ok, .closed { fill: #3fb68b; }
.failed { fill: #f85149; }
.grid { stroke: #30363d; }
}
</style>`;
