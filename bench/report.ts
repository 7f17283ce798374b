/**
 * Runs every suite, several rounds of them in turn, and writes `RESULTS.md` and
 * `comparison.svg` beside this file:
 *
 *     deno run -A bench/report.ts [--quick] [--rounds N]
 *
 * A full run takes about fifteen minutes, wants a quiet machine, and reports its
 * progress on stderr.
 */
import { cpus, release, type } from "node:os";
import { parseArgs } from "node:util";
import { denoCommand } from "../tests/programs/deno_command.ts";
import { BUDGETS, judge } from "./report/budgets.ts";
import { comparisonPanels, renderComparison } from "./report/comparison_svg.ts";
import { Figures } from "./report/figures.ts";
import { type Circumstances, renderResults } from "./report/markdown.ts";
import {
  parseBenchJson,
  parseSampleLines,
  type RoundSample,
  type Sample,
} from "./report/sample.ts";

const HERE = new URL("./", import.meta.url);
const BENCHES = ["hot_path", "peers", "scale", "patterns", "integrations"];
const SCRIPTS = ["stall", "memory", "throughput"];

const USAGE = `Usage: deno task bench:report [--quick] [--rounds N]

Runs every bench, several rounds of them in turn, and writes bench/RESULTS.md and
bench/comparison.svg. A full run takes about fifteen minutes and wants a quiet machine.

  --quick      one short round, for a look: its figures mean little
  --rounds N   so many rounds in place of 5
  -h, --help   shows this

Exit status: 0 written; 1 a bench failed; 2 wrong usage.`;

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

/** One of the rounds. */
interface Turn {
  readonly quick: boolean;
  readonly round: number;
}

/** Runs Deno in a process of its own, its complaints going where ours go, and returns what it printed. */
async function deno(args: readonly string[], { quick, round }: Turn): Promise<string> {
  const { code, stdout } = await denoCommand({
    args,
    env: { BENCH_ROUND: `${round}`, NO_COLOR: "1", ...(quick && { BENCH_QUICK: "1" }) },
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`deno ${args.join(" ")} ended with status ${code}`);
  return new TextDecoder().decode(stdout);
}

function path(file: string): string {
  return new URL(file, HERE).pathname;
}

async function runBench(suite: string, turn: Turn): Promise<Sample[]> {
  const args = ["bench", "-A", "--no-check", "--json", path(`${suite}_bench.ts`)];
  return parseBenchJson(suite, await deno(args, turn));
}

async function runScript(suite: string, turn: Turn): Promise<Sample[]> {
  const args = ["run", "-A", "--no-check", path(`${suite}.ts`), ...(turn.quick ? ["--quick"] : [])];
  return parseSampleLines(await deno(args, turn));
}

async function runAll({ quick, rounds }: Plan): Promise<RoundSample[]> {
  const samples: RoundSample[] = [];
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    for (const suite of [...BENCHES, ...SCRIPTS]) {
      const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
      console.error(`round ${round + 1} of ${rounds}, ${suite} (${minutes} min so far)`);
      const run = BENCHES.includes(suite) ? runBench : runScript;
      samples.push(...(await run(suite, { quick, round })).map((sample) => ({ ...sample, round })));
    }
  }
  return samples;
}

function circumstances(): Circumstances {
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

async function report(plan: Plan): Promise<void> {
  const figures = new Figures(await runAll(plan));
  const verdicts = judge(BUDGETS, figures);
  await Deno.writeTextFile(path("RESULTS.md"), renderResults(circumstances(), figures, verdicts));
  await Deno.writeTextFile(path("comparison.svg"), renderComparison(comparisonPanels(figures)));
  const written = ["fmt", "--quiet", path("RESULTS.md"), path("comparison.svg")];
  await deno(written, { quick: false, round: 0 });
  for (const { budget, outcome } of verdicts) {
    console.log(`${outcome}: ${budget.what} (${budget.how})`);
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
  if (plan === "help") console.log(USAGE);
  else await report(plan);
  return 0;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
