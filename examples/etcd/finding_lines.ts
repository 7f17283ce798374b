import type { Findings } from "./stage.ts";

const NAME_WIDTH = 26;
const FIGURE_WIDTH = 9;

/** What the demo has shown, as lines: what callers saw, and whether all was as it must be. */
export function findingLines({ stretches, checks }: Findings): readonly string[] {
  return [
    "",
    row("What callers saw", ["calls", "errors", "p50", "p99"]),
    ...stretches.map(({ name, calls, errors, p50Ms, p99Ms }) =>
      row(`  ${name}`, [`${calls}`, `${errors}`, `${p50Ms.toFixed(1)}ms`, `${p99Ms.toFixed(1)}ms`])
    ),
    "",
    "Shown",
    ...checks.map(({ name, passed, detail }) => `  ${passed ? "yes" : "NO "}  ${name}: ${detail}`),
  ];
}

function row(name: string, figures: readonly string[]): string {
  const cells = figures.map((figure) => figure.padStart(FIGURE_WIDTH));
  return name.padEnd(NAME_WIDTH) + cells.join("");
}
