import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { OLDEST_NODE } from "../../npm/package_json.ts";
import { Checklist } from "./checklist.ts";
import { npmInstall } from "./npm_project.ts";
import type { Platform, PlatformRun, PlatformTotals } from "./platform.ts";
import { checkScript, countScript, type Runner, writeScripts } from "./platform_scripts.ts";
import { runOrThrow, runProgram } from "./program.ts";
import { portableCases } from "./portable_cases.ts";
import { provideRuntime, type RuntimeRequest } from "./runtime_binary.ts";

/** The runtimes that the npm form is run on: the oldest Node, the newest of each line, and Bun. */
export const RUNTIMES = {
  node20oldest: { name: "Node", version: OLDEST_NODE },
  node20: { name: "Node", version: "20.20.2" },
  node22: { name: "Node", version: "22.23.3" },
  node24: { name: "Node", version: "24.21.0" },
  node26: { name: "Node", version: "26.10.0" },
  bun: { name: "Bun", version: "1.4.5" },
} as const satisfies Record<string, RuntimeRequest>;

/** All scripts, in a project into which the tarball was installed. */
async function runScripts(
  runner: Runner,
  { print, folder, tarball }: PlatformRun,
  title: string,
): Promise<PlatformTotals> {
  const project = join(folder, "project");
  await npmInstall(project, { packages: [await tarball()], alone: true });
  await writeScripts(project);
  const checklist = new Checklist(title, print);
  const run = { runner, project };
  const platform = await countScript(checklist, "on_platform/main.js", {
    ...run,
    args: ["cases.json"],
  });
  for (
    const script of [
      "on_platform/modules.js",
      "on_platform/both_forms.js",
      "on_platform/ends_by_itself.js",
      "on_platform/unawaited_failure.js",
      "on_platform/without_etcd3.js",
    ]
  ) await checkScript(checklist, script, run);
  const tool = join(project, "node_modules", ".bin", "switchgear");
  await checklist.check("the command line tool", async () => {
    const { version } = JSON.parse(
      await readFile(join(project, "node_modules/@switchgear/breaker/package.json"), "utf8"),
    );
    const args = [...runner.args ?? [], tool, "--version"];
    const stdout = await runOrThrow(runner.program, { cwd: project, args });
    assert.equal(stdout.trim(), `switchgear ${version}`);
  });
  if (process.platform === "linux") {
    await checklist.check("the command line tool says that a full disk took nothing", async () => {
      const command = [runner.program, ...runner.args ?? [], tool, "schema"];
      const args = ["-c", 'exec "$0" "$@" >/dev/full', ...command];
      const { status, stderr } = await runProgram("sh", { cwd: project, args });
      assert.match(stderr, /^switchgear: Cannot write the output: no space is left/m);
      assert.equal(status, 1);
    });
  }
  const [name = "", version = ""] = platform.split(" ");
  return checklist.totals(`${name} (npm)`, version);
}

function runtimePlatform(id: string, request: RuntimeRequest): Platform {
  const title = `${request.name} ${request.version}`;
  return {
    id,
    about: `${title}, with the package as npm installs it`,
    run: async (run) => {
      const program = await provideRuntime(request, join(run.folder, "runtime"));
      const totals = await runScripts({ program }, run, title);
      assert.equal(totals.version, request.version, `${title} says that it is ${totals.version}`);
      return [totals];
    },
  };
}

/** Node and Bun, one platform for each version. */
export const NODE_AND_BUN: readonly Platform[] = Object.entries(RUNTIMES).map(([id, request]) =>
  runtimePlatform(id, request)
);

/** The scripts on the modules of this repository. */
async function runHere(
  runner: Runner,
  { print, folder }: PlatformRun,
): Promise<PlatformTotals> {
  const cases = join(folder, "cases.json");
  await writeFile(cases, JSON.stringify(await portableCases()));
  const checklist = new Checklist("Deno", print);
  const run = { runner, project: fileURLToPath(new URL("../..", import.meta.url)) };
  const platform = await countScript(checklist, "on_platform/main.ts", { ...run, args: [cases] });
  await checkScript(checklist, "on_platform/ends_by_itself.ts", run);
  await checkScript(checklist, "on_platform/unawaited_failure.ts", run);
  return checklist.totals("Deno", platform.replace("Deno ", ""));
}

/** Deno, with the modules of this repository and with the npm form. */
export const DENO: Platform = {
  id: "deno",
  about: "Deno, with the modules as they are and with the package as npm installs it",
  run: async (run) => {
    const runner = { program: Deno.execPath(), args: ["run", "-A"] };
    return [await runHere(runner, run), await runScripts(runner, run, "Deno (npm)")];
  },
};
