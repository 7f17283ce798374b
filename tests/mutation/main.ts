/**
 * Mutation testing of `src/breaker` and `src/policy`: makes every small change
 * that Stryker knows to their code, one at a time, and sees whether the unit
 * tests notice.
 *
 *     deno task mutate --files "src/breaker/trip*.ts"
 *
 * The mutants are those of Stryker's own instrumenter, all kinds of them: it puts
 * each behind a switch in one copy of the tree. Stryker's command runner would
 * start a test process for each, which costs half a second before the first test
 * begins, and run all tests, because it cannot know which ones a mutant concerns:
 * hours for 3,600 mutants. Here a process loads the tests once and tries one
 * mutant after the other with those tests alone that pass by it, the quickest
 * first: minutes. What that could get wrong, and what is done about it, stands
 * at {@linkcode MutationRun}.
 *
 * @module
 */
import { rmSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Equivalent, judgeSurvivors, parseEquivalents } from "./equivalents.ts";
import { instrumentTree } from "./instrument.ts";
import { describeMutant, type Mutant } from "./mutant.ts";
import { isUndetected, MutationRun, type Result } from "./mutation_run.ts";
import { MutationWorker } from "./mutation_worker.ts";
import { Progress } from "./progress.ts";
import { LEAST_SCORE, reportOf, totalsOf } from "./report.ts";

const USAGE = `Usage: deno task mutate [options]

Changes the code of src/breaker and src/policy in every small way that Stryker
knows, one at a time, in a copy of the tree, and runs the unit tests on each.
Prints the changes that no test noticed and a table of scores.

      --files GLOB   only files that match, such as "src/breaker/*window*.ts"; can be repeated
      --mutant ID    only this mutant of the report; tells which test kills it
      --jobs N       processes at a time; 2 unless given
      --json FILE    writes every result to FILE
  -h, --help         shows this

Exits with 1 if the score is below ${LEAST_SCORE * 100} %, or if a change survived that
tests/mutation/equivalents.json does not list; with 2 if it cannot run.
`;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EQUIVALENTS = fileURLToPath(new URL("equivalents.json", import.meta.url));
/** What a copy of the tree does without. */
const LEFT_OUT = [".git", "node_modules", "coverage"];

/** What the command line asks for. */
interface Options {
  readonly files: readonly string[];
  readonly mutant?: string;
  readonly jobs: number;
  readonly json?: string;
}

async function main(args: string[]): Promise<number> {
  let options: Options | undefined;
  try {
    options = optionsOf(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  if (options === undefined) {
    console.log(USAGE);
    return 0;
  }
  const folder = await realpath(await mkdtemp(join(tmpdir(), "mutate-")));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      MutationWorker.killAll();
      rmSync(folder, { recursive: true, force: true });
      process.exit(130);
    });
  }
  try {
    return await mutate(folder, options);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function optionsOf(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      files: { type: "string", multiple: true, default: ["src/**"] },
      mutant: { type: "string" },
      jobs: { type: "string", default: "2" },
      json: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const jobs = Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1) {
    throw new RangeError(`Cannot mutate: --jobs must be a positive integer, not ${values.jobs}`);
  }
  const { files, mutant, json } = values;
  return {
    files,
    jobs,
    ...(mutant === undefined ? {} : { mutant }),
    ...(json === undefined ? {} : { json }),
  };
}

async function mutate(folder: string, options: Options): Promise<number> {
  const startedAt = performance.now();
  const equivalents = parseEquivalents(await readFile(EQUIVALENTS, "utf8"));
  for (const entry of await readdir(ROOT)) {
    if (LEFT_OUT.includes(entry)) continue;
    await cp(join(ROOT, entry), join(folder, entry), { recursive: true });
  }
  const all = await instrumentTree(folder);
  const mutants = all.filter(chooserOf(options));
  if (mutants.length === 0) throw new Error("Cannot mutate: no mutant matches");

  const results: Result[] = [];
  const progress = new Progress(mutants.length, console.error);
  const run = new MutationRun(folder, {
    jobs: Math.min(options.jobs, mutants.length),
    onResult: (result) => {
      results.push(result);
      progress.add(result);
    },
  });
  console.error(`${mutants.length} mutants; running the tests without any of them first`);
  const { tests, ms } = await run.cover(all);
  console.error(`${tests} tests pass, in ${(ms / 1_000).toFixed(1)} s`);
  await run.judge(mutants);
  results.sort((a, b) => Number(a.mutant.id) - Number(b.mutant.id));
  if (options.json !== undefined) {
    // A task runs in the project's folder; the path is meant from where it was called.
    const path = resolve(process.env["INIT_CWD"] ?? process.cwd(), options.json);
    await writeFile(path, `${JSON.stringify(results, null, 1)}\n`);
  }
  const isGood = options.mutant === undefined ? tell(results, equivalents) : tellOfOne(results);
  console.log(`It took ${Math.ceil((performance.now() - startedAt) / 1_000)} s`);
  return isGood ? 0 : 1;
}

/** Prints the report; tells whether all is well. */
function tell(results: readonly Result[], equivalents: readonly Equivalent[]): boolean {
  const survivors = judgeSurvivors(results.filter(isUndetected), {
    equivalents,
    files: new Set(results.map(({ mutant }) => mutant.file)),
  });
  console.log(reportOf(results, survivors));
  const { score } = totalsOf(results, survivors.listed);
  return score >= LEAST_SCORE && survivors.unlisted.length === 0 && survivors.stale.length === 0;
}

/** Prints what became of one mutant; tells whether it was detected. */
function tellOfOne(results: readonly Result[]): boolean {
  for (const { mutant, status, by, message } of results) {
    console.log(`${describeMutant(mutant)}\n${status}${by === undefined ? "" : ` by ${by}`}`);
    if (message !== undefined) console.log(message);
  }
  return !results.some(isUndetected);
}

function chooserOf({ files, mutant }: Options): (candidate: Mutant) => boolean {
  const expressions = files.map(expressionOf);
  return ({ file, id }) =>
    mutant === undefined ? expressions.some((expression) => expression.test(file)) : id === mutant;
}

function expressionOf(glob: string): RegExp {
  const pattern = glob.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("**", "\0").replaceAll("*", "[^/]*").replaceAll("\0", ".*");
  return new RegExp(`^${pattern}$`);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
