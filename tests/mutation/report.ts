import type { JudgedSurvivors } from "./equivalents.ts";
import { describeMutant } from "./mutant.ts";
import type { Result } from "./mutation_run.ts";

/** The least share of mutants that the tests must detect. */
export const LEAST_SCORE = 0.95;

/** How many mutants met which end. */
export interface Totals {
  readonly mutants: number;
  readonly killed: number;
  readonly timeouts: number;
  readonly survived: number;
  readonly uncovered: number;
  /** Those of the survived and uncovered that are listed as equivalent. */
  readonly equivalent: number;
  /** Detected among all. */
  readonly rawScore: number;
  /** Detected among all that are not listed as equivalent. */
  readonly score: number;
}

/** Adds up results, of which `listed` are the ones known as equivalent. */
export function totalsOf(results: readonly Result[], listed: readonly Result[]): Totals {
  const having = (status: Result["status"]): number =>
    results.filter((result) => result.status === status).length;
  const killed = having("killed");
  const timeouts = having("timeout");
  const equivalent = results.filter((result) => listed.includes(result)).length;
  const share = (of: number): number => of === 0 ? 1 : (killed + timeouts) / of;
  return {
    mutants: results.length,
    killed,
    timeouts,
    survived: having("survived"),
    uncovered: having("uncovered"),
    equivalent,
    rawScore: share(results.length),
    score: share(results.length - equivalent),
  };
}

/** The whole report: what to do first, the figures of each file and of all at its end. */
export function reportOf(results: readonly Result[], survivors: JudgedSurvivors): string {
  const { listed, unlisted, stale } = survivors;
  const lines: string[] = [];
  if (unlisted.length > 0) {
    lines.push("Survivors: kill each with a test, or list it in tests/mutation/equivalents.json");
    for (const { mutant, status } of unlisted) {
      const note = status === "uncovered" ? ", which no test reaches" : "";
      lines.push(`  mutant ${mutant.id}${note}: ${describeMutant(mutant)}`);
    }
    lines.push("");
  }
  if (stale.length > 0) {
    lines.push("Entries of tests/mutation/equivalents.json that match no survivor:");
    for (const { file, line, original, replacement } of stale) {
      lines.push(`  ${file}: ${original} -> ${replacement} in ${line}`);
    }
    lines.push("");
  }
  lines.push(...tableOf(results, listed), "", closingLine(totalsOf(results, listed)));
  return lines.join("\n");
}

function tableOf(results: readonly Result[], listed: readonly Result[]): string[] {
  const files = [...new Set(results.map(({ mutant }) => mutant.file))].sort();
  const rows = files.map((file) => {
    const ofFile = results.filter(({ mutant }) => mutant.file === file);
    return [file, ...cells(totalsOf(ofFile, listed))];
  });
  const head = ["file", "mutants", "killed", "timeouts", "survived", "equivalent", "raw", "score"];
  const all = [head, ...rows, ["all", ...cells(totalsOf(results, listed))]];
  const widths = head.map((_, i) => Math.max(...all.map((row) => (row[i] ?? "").length)));
  return all.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))
      .join("  ")
  );
}

function cells(totals: Totals): string[] {
  const { mutants, killed, timeouts, survived, uncovered, equivalent } = totals;
  const counts = [mutants, killed, timeouts, survived + uncovered, equivalent];
  return [...counts.map(String), percent(totals.rawScore), percent(totals.score)];
}

function closingLine(totals: Totals): string {
  const { mutants, killed, timeouts, survived, uncovered, equivalent } = totals;
  return `${mutants} mutants: ${killed} killed, ${timeouts} timed out, ${survived} survived, ` +
    `${uncovered} not reached; of these ${equivalent} equivalent; ` +
    `raw score ${percent(totals.rawScore)}, score ${percent(totals.score)}`;
}

/** A share in per cent, rounded down: 100 % means all. */
function percent(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}
