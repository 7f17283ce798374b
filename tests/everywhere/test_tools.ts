import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Checklist } from "./checklist.ts";
import { npmInstall } from "./npm_project.ts";
import type { Platform, PlatformRun, PlatformTotals } from "./platform.ts";
import { countScript, writeScripts } from "./platform_scripts.ts";
import { runProgram } from "./program.ts";
import { provideRuntime } from "./runtime_binary.ts";
import { RUNTIMES } from "./runtimes.ts";

/** What `with_fakes/sinon_fakes.ts` is written for; also what Jest 30 fakes by. */
const SINON = "@sinonjs/fake-timers@15.5.0";
/** The lines of Node whose mock timers are used; the oldest Node mocks no `Date` yet. */
const NODES = [RUNTIMES.node20, RUNTIMES.node22, RUNTIMES.node24, RUNTIMES.node26];
/** That which the test runners run on. */
const RUNNERS_NODE = RUNTIMES.node24;

/** How a test runner fakes time, in the words of its own tests. */
interface Fakes {
  /** Stands in the name of the file. */
  readonly name: string;
  /** Options of `useFakeTimers`, as code. @default none */
  readonly options?: string;
  readonly fakesPerformance: boolean;
}

/** A test runner, as npm installs it. */
interface TestRunner {
  readonly name: string;
  readonly version: string;
  /** What its tests import. */
  readonly imports: string;
  /** The object with the fakes. */
  readonly object: string;
  readonly fakes: readonly Fakes[];
  /** From the project's folder: how its tests are run and the report is written. */
  readonly args: readonly string[];
}

/** Where the runners write what came of the tests; all in the form of Jest. */
const REPORT = "report.json";
/** All that one may have Vitest fake; without `nextTick`, which it refuses to. */
const EVERYTHING = `{ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval",
  "setImmediate", "clearImmediate", "Date", "performance", "queueMicrotask"] }`;

function vitest(version: string, fakesPerformance: boolean): TestRunner {
  return {
    name: "Vitest",
    version,
    imports: `import { test, vi } from "vitest";`,
    object: "vi",
    fakes: [
      { name: "default", fakesPerformance },
      { name: "everything", options: EVERYTHING, fakesPerformance: true },
    ],
    args: ["node_modules/vitest/vitest.mjs", "run", "--reporter=json", `--outputFile=${REPORT}`],
  };
}

const RUNNERS: readonly TestRunner[] = [
  {
    name: "Jest",
    version: "30.5.2",
    imports: `import { jest, test } from "@jest/globals";`,
    object: "jest",
    fakes: [{ name: "default", fakesPerformance: true }],
    args: [
      "--experimental-vm-modules",
      "node_modules/jest/bin/jest.js",
      "--rootDir=.",
      "--json",
      `--outputFile=${REPORT}`,
    ],
  },
  vitest("2.1.9", false),
  vitest("3.2.7", true),
  vitest("5.1.2", true),
];

/** A file of tests for a runner: all checks under its fakes. */
function testFile(runner: TestRunner, fakes: Fakes, loaded: "before" | "under"): string {
  const { imports, object } = runner;
  return `${imports}
import { makeCheck } from "./tests/everywhere/with_fakes/faked_check.js";

const fakes = {
  fakesPerformance: ${fakes.fakesPerformance},
  install: () => void ${object}.useFakeTimers(${fakes.options ?? ""}),
  restore: () => void ${object}.useRealTimers(),
  advance: async (ms) => void await ${object}.advanceTimersByTimeAsync(ms),
};
${loaded === "under" ? "fakes.install();" : ""}
const { fakedChecks } = await import("./tests/everywhere/with_fakes/faked_checks.js");
fakes.restore();
for (const check of fakedChecks("${loaded}")) {
  test("${fakes.name} fakes, loaded ${loaded} them: " + check.name, () => makeCheck(check, fakes), 30_000);
}
`;
}

/** What a runner says of its tests, in the form of Jest. */
interface TestReport {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

function count(checklist: Checklist, report: TestReport): void {
  checklist.add({ passed: report.numPassedTests, failed: 0 });
  for (const { name, status, message, assertionResults } of report.testResults) {
    const failed = assertionResults.filter((each) => each.status !== "passed");
    for (const { title, failureMessages = [] } of failed) {
      checklist.fail(title, failureMessages.join("\n"));
    }
    if (failed.length === 0 && status !== "passed") checklist.fail(name, message ?? status);
  }
}

async function runTests(
  runner: TestRunner,
  node: string,
  { print, folder, tarball }: PlatformRun,
): Promise<PlatformTotals> {
  const { name, version, args } = runner;
  const checklist = new Checklist(`${name} ${version}`, print);
  const project = join(folder, `${name}-${version}`);
  const packages = [await tarball(), `${name.toLowerCase()}@${version}`];
  await npmInstall(project, { packages });
  await writeScripts(project);
  for (const fakes of runner.fakes) {
    for (const loaded of ["before", "under"] as const) {
      const file = join(project, `${fakes.name}_${loaded}.test.js`);
      await writeFile(file, testFile(runner, fakes, loaded));
    }
  }
  const { status, stdout, stderr } = await runProgram(node, { cwd: project, args });
  await checklist.check("its tests run, and it ends by itself", async () => {
    const report: TestReport = JSON.parse(await readFile(join(project, REPORT), "utf8"));
    count(checklist, report);
    assert.equal(report.testResults.length, 2 * runner.fakes.length);
    assert.equal(status, 0, `ended with ${status ?? "a signal"}\n${stdout}${stderr}`);
  });
  return checklist.totals(`${name} (npm)`, version);
}

/** The checks under Sinon's fake timers and under Node's own, each on every line of Node. */
async function runScripts(
  { print, folder, tarball }: PlatformRun,
  programs: readonly string[],
): Promise<PlatformTotals[]> {
  const project = join(folder, "sinon");
  await npmInstall(project, { packages: [await tarball(), SINON] });
  await writeScripts(project);
  const totals: PlatformTotals[] = [];
  for (const [tool, name] of [["node", "node:test"], ["sinon", "Sinon's fake timers"]] as const) {
    for (const program of programs) {
      const checklist = new Checklist(name, print);
      let platform = "";
      for (const loaded of ["before", "under"]) {
        const run = { runner: { program }, project, args: [tool, loaded] };
        platform = await countScript(checklist, "with_fakes/main.js", run);
      }
      totals.push(checklist.totals(name, `on ${platform}`));
    }
  }
  return totals;
}

/** Calls under the fake timers of test tools. */
export const TEST_TOOLS: Platform = {
  id: "fakes",
  about: "calls under the fake timers of node:test, Sinon, Jest and Vitest",
  run: async (run) => {
    const programs = new Map<string, string>();
    for (const node of NODES) {
      programs.set(node.version, await provideRuntime(node, join(run.folder, node.version)));
    }
    const totals = await runScripts(run, [...programs.values()]);
    const node = programs.get(RUNNERS_NODE.version);
    assert(node !== undefined);
    for (const runner of RUNNERS) totals.push(await runTests(runner, node, run));
    return totals;
  },
};
