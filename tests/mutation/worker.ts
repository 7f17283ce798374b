/**
 * Runs the unit tests of an instrumented tree, with one mutant after another.
 * Started by {@linkcode MutationWorker}; takes requests as lines of JSON and
 * answers likewise. With `--active ID` that mutant is active from the start, so
 * that it also acts in what runs once, when a module is loaded.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { type CollectedTest, collectTests } from "./collect_tests.ts";
import {
  type Answer,
  ANSWER_MARK,
  type Request,
  type TestOrder,
  type Verdict,
} from "./protocol.ts";
import { control, type Hits } from "./switch.ts";
import { runTest, strayFailure, type TestFailure, watchProcess } from "./test_run.ts";
import { NOT_FOR_MUTANTS, unitTestFiles } from "./unit_tests.ts";

const encoder = new TextEncoder();

function answer(message: Answer): void {
  const bytes = encoder.encode(`${ANSWER_MARK}${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}

interface Loaded {
  readonly tests: readonly CollectedTest[];
  /** The mutants passed by while the package itself is loaded. */
  readonly packageHits: Hits;
  /** The mutants passed by while a file of tests is loaded. */
  readonly fileHits: Record<string, Hits>;
}

async function load(root: string): Promise<Loaded> {
  const packageHits: Hits = {};
  const fileHits: Record<string, Hits> = {};
  control.coverage = packageHits;
  await import(`file://${root}/mod.ts`);
  const collect = collectTests();
  const tests: CollectedTest[] = [];
  for (const file of await unitTestFiles(root)) {
    control.coverage = fileHits[file] = {};
    const collected = await collect(`file://${root}/${file}`, file);
    tests.push(...collected.filter(({ name }) => !NOT_FOR_MUTANTS.includes(name)));
  }
  control.coverage = undefined;
  return { tests, packageHits, fileHits };
}

/** Long enough for any test without a mutant. */
const UNMUTATED_LIMIT_MS = 120_000;

async function cover(tests: readonly CollectedTest[]): Promise<void> {
  for (const [index, test] of tests.entries()) {
    const hits: Hits = {};
    answer({ kind: "begin", test: index });
    control.coverage = hits;
    // Counting takes time, which a test may have set limits to: only the second run must pass.
    await checked(test);
    control.coverage = undefined;
    const startedAt = performance.now();
    const failure = await checked(test);
    const ms = performance.now() - startedAt;
    const coverage = failure === undefined ? { ms, hits } : { ms, hits, failure: failure.message };
    answer({ kind: "covered", test: index, coverage });
  }
  answer({ kind: "coveredAll" });
}

async function checked(test: CollectedTest): Promise<TestFailure | undefined> {
  return await runTest(test, UNMUTATED_LIMIT_MS) ?? await strayFailure();
}

async function tryMutant(
  tests: readonly CollectedTest[],
  { mutant, orders }: { mutant: string; orders: readonly TestOrder[] },
): Promise<Verdict> {
  control.active = mutant;
  let last: TestOrder | undefined;
  let failure: TestFailure | undefined;
  for (const order of orders) {
    const test = tests[order.index];
    if (test === undefined) continue;
    last = order;
    answer({ kind: "begin", test: order.index });
    control.mostHits = order.mostHits;
    failure = await runTest(test, order.limitMs);
    if (failure !== undefined) break;
  }
  // An error that nobody catches comes a turn of the event loop later.
  failure ??= await strayFailure();
  control.active = undefined;
  control.mostHits = Infinity;
  const test = last === undefined ? undefined : tests[last.index];
  if (failure === undefined || last === undefined || test === undefined) {
    return { status: "survived" };
  }
  await strayFailure();
  answer({ kind: "begin", test: last.index });
  const isClean = !failure.isTimeout && await checked(test) === undefined;
  const status = failure.isTimeout ? "timeout" : "killed";
  return { status, test: last.index, message: failure.message.slice(0, 300), isClean };
}

async function main(): Promise<void> {
  const { values: { active }, positionals: [root = ""] } = parseArgs({
    allowPositionals: true,
    options: { active: { type: "string" } },
  });
  console.log =
    console.info =
    console.debug =
    console.warn =
    console.error =
      (): void => {};
  watchProcess();
  control.active = active;
  let loaded: Loaded;
  try {
    loaded = await load(root);
  } catch (error) {
    answer({ kind: "broken", message: String(error) });
    return;
  }
  const { tests, packageHits, fileHits } = loaded;
  const names = tests.map(({ file, name }) => ({ file, name }));
  answer({ kind: "ready", tests: names, packageHits, fileHits });
  for await (const line of createInterface({ input: process.stdin })) {
    const request: Request = JSON.parse(line);
    if (request.kind === "cover") await cover(tests);
    else {
      const verdict = await tryMutant(tests, { mutant: request.mutant, orders: request.tests });
      answer({ kind: "verdict", verdict });
    }
  }
}

await main();
process.exit(0);
