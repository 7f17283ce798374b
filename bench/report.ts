/**
 * Runs every suite, several rounds of them in turn, and writes `RESULTS.md` and
 * `comparison.svg` beside this file:
 *
 *     deno run -A bench/report.ts [--quick] [--rounds=N]
 *
 * A full run takes about fifteen minutes, wants a quiet machine, and reports its
 * progress on stderr.
 */
import { cpus, release, type } from "node:os";
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

const quick = Deno.args.includes("--quick");
const given = Deno.args.find((arg) => arg.startsWith("--rounds="))?.split("=")[1];
const rounds = Number(given ?? (quick ? 1 : 5));
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`Cannot make the report: --rounds must be a positive integer, received ${given}`);
  Deno.exit(2);
}

/** Runs Deno in a process of its own, its complaints going where ours go, and returns what it printed. */
async function deno(args: readonly string[], round: number): Promise<string> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
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

async function runBench(suite: string, round: number): Promise<Sample[]> {
  const args = ["bench", "-A", "--no-check", "--json", path(`${suite}_bench.ts`)];
  return parseBenchJson(suite, await deno(args, round));
}

async function runScript(suite: string, round: number): Promise<Sample[]> {
  const args = ["run", "-A", "--no-check", path(`${suite}.ts`), ...(quick ? ["--quick"] : [])];
  return parseSampleLines(await deno(args, round));
}

async function runAll(): Promise<RoundSample[]> {
  const samples: RoundSample[] = [];
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    for (const suite of [...BENCHES, ...SCRIPTS]) {
      const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
      console.error(`round ${round + 1} of ${rounds}, ${suite} (${minutes} min so far)`);
      const run = BENCHES.includes(suite) ? runBench : runScript;
      samples.push(...(await run(suite, round)).map((sample) => ({ ...sample, round })));
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

const figures = new Figures(await runAll());
const verdicts = judge(BUDGETS, figures);
await Deno.writeTextFile(path("RESULTS.md"), renderResults(circumstances(), figures, verdicts));
await Deno.writeTextFile(path("comparison.svg"), renderComparison(comparisonPanels(figures)));
await deno(["fmt", "--quiet", path("RESULTS.md"), path("comparison.svg")], 0);
for (const { budget, outcome } of verdicts) {
  console.log(`${outcome}: ${budget.what} (${budget.how})`);
}
