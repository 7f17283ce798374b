/**
 * Runs every suite, several rounds of them in turn, and writes `RESULTS.md` and
 * `comparison.svg` beside this file:
 *
 *     deno run -A bench/report.ts [--quick] [--rounds N]
 *
 * A full run takes about twenty minutes, wants a quiet machine, and reports its
 * progress on stderr.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, release, tmpdir, type } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Interruption } from "../cli/interruption.ts";
import { endPrograms } from "../tests/everywhere/program.ts";
import { denoCommand } from "../tests/programs/deno_command.ts";
import { judgeSections } from "./report/budget.ts";
import { BUDGETS } from "./report/budgets.ts";
import { comparisonPanels, renderComparison } from "./report/comparison_svg.ts";
import { Figures } from "./report/figures.ts";
import { type Circumstances, renderResults } from "./report/markdown.ts";
import type { RoundSample } from "./report/sample.ts";
import { allSuites, type Suite } from "./report/suites.ts";

const HERE = new URL("./", import.meta.url);

const USAGE = `Usage: deno task bench:report [--quick] [--rounds N]

Runs every bench, several rounds of them in turn, and writes bench/RESULTS.md and
bench/comparison.svg. A full run takes about twenty minutes and wants a quiet machine.

  --quick      one short round, for a look: its figures mean little
  --rounds N   so many rounds in place of 5; with fewer, no budget is decided
  -h, --help   shows this

Exit status: 0 written; 1 a bench failed; 2 wrong usage; 128 and more interrupted.`;

/** How the suites are run. */
interface Plan {
  readonly quick: boolean;
  readonly rounds: number;
}

function planOf(args: string[]): Plan | "help" {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return "help";
  const { quick, rounds = quick ? "1" : "5" } = values;
  if (/^[1-9]\d*$/.test(rounds)) return { quick, rounds: Number(rounds) };
  throw new RangeError(`--rounds must be a positive integer, received "${rounds}"`);
}

function path(file: string): string {
  return new URL(file, HERE).pathname;
}

async function runAll(suites: readonly Suite[], { quick, rounds }: Plan): Promise<RoundSample[]> {
  const samples: RoundSample[] = [];
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of suites) {
      const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
      console.error(`round ${round + 1} of ${rounds}, ${name} (${minutes} min so far)`);
      samples.push(...(await run({ quick, round })).map((sample) => ({ ...sample, round })));
    }
  }
  return samples;
}

function circumstances(): Omit<Circumstances, "node"> {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? "unknown CPU",
    cores: cpus().length,
    system: `${type()} ${release()}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    date: new Date().toISOString().slice(0, 10),
    command: ["deno task bench:report", ...Deno.args].join(" "),
  };
}

/** Measures, writes the report, and says how each budget came out. */
async function report(plan: Plan, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "switchgear-bench-"));
  try {
    console.error("packing for Node");
    const { suites, node } = await allSuites({ folder, signal });
    const figures = new Figures(await runAll(suites, plan));
    const sections = judgeSections(BUDGETS, figures);
    const made = { ...circumstances(), ...(node !== undefined && { node }) };
    signal.throwIfAborted();
    await Deno.writeTextFile(path("RESULTS.md"), renderResults(made, figures, sections));
    await Deno.writeTextFile(path("comparison.svg"), renderComparison(comparisonPanels(figures)));
    const files = [path("RESULTS.md"), path("comparison.svg")];
    await denoCommand({ args: ["fmt", "--quiet", ...files] }).output();
    for (const { title, verdicts } of sections) {
      for (const { budget, outcome } of verdicts) {
        console.log(`${outcome}: ${title}: ${budget.what}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(args: string[]): Promise<number> {
  let plan;
  try {
    plan = planOf(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  if (plan === "help") {
    console.log(USAGE);
    return 0;
  }
  using interruption = new Interruption();
  const { signal } = interruption;
  signal.addEventListener("abort", endPrograms);
  try {
    await report(plan, signal);
    return 0;
  } catch (error) {
    if (interruption.status !== undefined) {
      console.error("Interrupted; nothing was written.");
      return interruption.status;
    }
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
