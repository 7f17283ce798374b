import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Checklist } from "./checklist.ts";
import { writeCommonScripts } from "./common_js_scripts.ts";
import { NEST_FILES, NEST_PACKAGES } from "./nest_app.ts";
import { npmInstall } from "./npm_project.ts";
import type { Platform, PlatformRun, PlatformTotals } from "./platform.ts";
import { checkScript, countScript } from "./platform_scripts.ts";
import { runOrThrow, runProgram } from "./program.ts";
import { provideRuntime } from "./runtime_binary.ts";
import { RUNTIMES } from "./runtimes.ts";

/** The last Node 20 whose `require` takes no ES module; others stand in `RUNTIMES`. */
const NODE_20_18 = { name: "Node", version: "20.18.3" } as const;
/** Those whose `require` finds the CommonJS form alone, and the newest, whose would take either. */
const NODES = [RUNTIMES.node20oldest, NODE_20_18, RUNTIMES.node26];
/** What the tests of applications run on: Jest 30 and Nest 11 ask for no newer one. */
const APPLICATIONS_NODE = NODE_20_18;

const JEST = "jest@30.5.2";
const JEST_TEST = `const { createBreaker, BreakerOpenError } = require("@switchgear/breaker");
const { guard } = require("@switchgear/breaker/guard");
const { ManualClock } = require("@switchgear/breaker/testing");

test("a breaker opens and recovers", async () => {
  const clock = new ManualClock();
  const policy = { failureThreshold: 1, openStateTimeout: "1m" };
  const breaker = createBreaker("users", policy, { clock });
  const fail = () => Promise.reject(new Error("down"));
  await expect(breaker.do(fail)).rejects.toThrow("down");
  await expect(breaker.do(fail)).rejects.toThrow(BreakerOpenError);
  clock.advance(60_000);
  const client = guard({ get: async () => "Ada" }, { getBreaker: () => breaker }, { name: "users" });
  await expect(client.get()).resolves.toBe("Ada");
});
`;

/** Checks of the conformance cases and of everything else, by scripts that `require`. */
async function runScripts(
  program: string,
  title: string,
  run: PlatformRun,
): Promise<PlatformTotals> {
  const project = join(run.folder, `common-${title}`);
  await npmInstall(project, { packages: [await run.tarball()], alone: true, type: "commonjs" });
  await writeCommonScripts(project);
  const checklist = new Checklist(`CommonJS on ${title}`, run.print);
  const scripts = { runner: { program }, project };
  const platform = await countScript(checklist, "on_platform/main.js", {
    ...scripts,
    args: ["cases.json"],
  });
  for (const name of ["ends_by_itself", "unawaited_failure", "without_etcd3"]) {
    await checkScript(checklist, `on_platform/${name}.js`, scripts);
  }
  return checklist.totals("CommonJS (npm)", `on ${platform}`);
}

/** Jest as it is without any configuration: it requires, and transforms no package. */
async function runJest(node: string, run: PlatformRun): Promise<PlatformTotals> {
  const checklist = new Checklist("Jest on its defaults", run.print);
  const project = join(run.folder, "jest");
  await npmInstall(project, { packages: [await run.tarball(), JEST], type: "commonjs" });
  await writeFile(join(project, "breaker.test.js"), JEST_TEST);
  await checklist.check("a test requires the package", async () => {
    const { status, stdout, stderr } = await runProgram(node, {
      cwd: project,
      args: ["node_modules/jest/bin/jest.js", "--rootDir=.", "--ci"],
    });
    assert.equal(status, 0, stdout + stderr);
    assert.match(stderr, /1 passed, 1 total/);
  });
  return checklist.totals("Jest on its defaults (npm)", JEST.slice("jest@".length));
}

/** An application as `nest new` makes one: built by TypeScript to CommonJS, tested by Jest. */
async function runNest(node: string, run: PlatformRun): Promise<PlatformTotals> {
  const checklist = new Checklist("Nest", run.print);
  const project = join(run.folder, "nest");
  await npmInstall(project, {
    packages: [await run.tarball(), ...NEST_PACKAGES],
    type: "commonjs",
  });
  for (const [path, text] of NEST_FILES) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
  const manifest = join(project, "package.json");
  await checklist.check("it builds with module: commonjs, and answers", async () => {
    await runOrThrow(node, { cwd: project, args: ["node_modules/typescript/bin/tsc"] });
    const stdout = await runOrThrow(node, { cwd: project, args: ["dist/main.js"] });
    assert.equal(stdout, "200 Ada\n503\ndone\n");
  });
  await checklist.check("its tests run by Jest as it is set up there", async () => {
    const { status, stdout, stderr } = await runProgram(node, {
      cwd: project,
      args: ["node_modules/jest/bin/jest.js", "--ci"],
    });
    assert.equal(status, 0, stdout + stderr);
    assert.match(stderr, /2 passed, 2 total/);
  });
  const { dependencies } = JSON.parse(await readFile(manifest, "utf8"));
  return checklist.totals("Nest (npm)", dependencies["@nestjs/core"]);
}

/** The form that is loaded by `require`. */
export const COMMON_JS_FORM: Platform = {
  id: "commonjs",
  about: "require() on Node 20.4, 20.18 and 26, Jest on its defaults, and a Nest application",
  run: async (run) => {
    const totals: PlatformTotals[] = [];
    for (const node of NODES) {
      const program = await provideRuntime(node, join(run.folder, node.version));
      totals.push(await runScripts(program, node.version, run));
    }
    const node = await provideRuntime(APPLICATIONS_NODE, join(run.folder, "applications"));
    return [...totals, await runJest(node, run), await runNest(node, run)];
  },
};
