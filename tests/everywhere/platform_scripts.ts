import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Checklist } from "./checklist.ts";
import { portableCases, portableRunner, withoutTypes } from "./portable_cases.ts";
import { runProgram } from "./program.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** The scripts for any project, and those for one with the clients that they use. */
const FOLDERS = ["on_platform", "with_clients", "with_fakes"];
/** Where the folders stand in a project, so that scripts find each other as they do here. */
const PLACE = "tests/everywhere";
/** A package, as Deno imports it; npm's name for it stands between. */
const NPM_SPECIFIER = /"npm:((?:@[\w-]+\/)?[\w-]+)@[\d.]+"/g;
const CLOSING_LINE = /^(\d+) passed, (\d+) failed$/m;
/** A program that ends by itself does so at once; its longest timer would hold it for an hour. */
const END_LIMIT_MS = 60_000;

/** What runs a script: a program, and the arguments before the script's path. */
export interface Runner {
  readonly program: string;
  /** @default none */
  readonly args?: readonly string[];
}

/** Writes the scripts, the runner of the cases and the cases into a project. */
export async function writeScripts(project: string): Promise<void> {
  const files = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const name of await readdir(join(HERE, folder))) {
      const source = await readFile(join(HERE, folder, name), "utf8");
      const module = withoutTypes(source).replaceAll(NPM_SPECIFIER, '"$1"');
      files.set(`${PLACE}/${folder}/${name.replace(/\.ts$/, ".js")}`, module);
    }
  }
  for (const [name, module] of await portableRunner()) {
    files.set(`tests/conformance/${name}`, module);
  }
  files.set("cases.json", JSON.stringify(await portableCases()));
  for (const [path, text] of files) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
}

/** Where a script is to run, and what is given to it. */
export interface ScriptRun {
  readonly runner: Runner;
  readonly project: string;
  /** @default none */
  readonly args?: readonly string[];
}

/**
 * Runs a script that makes checks of its own, and adds them to the list. Returns
 * what the script says that it ran on, such as `Node 20.4.0`.
 */
export async function countScript(
  checklist: Checklist,
  script: string,
  { runner, project, args = [] }: ScriptRun,
): Promise<string> {
  const { status, stdout, stderr } = await runProgram(runner.program, {
    cwd: project,
    args: [...runner.args ?? [], join(PLACE, script), ...args],
  });
  const closing = CLOSING_LINE.exec(stdout);
  const failures = /^FAILED (.*(?:\n {2,}.*)*)$/gm;
  const told = [...stdout.matchAll(failures)].map(([, line]) => line ?? "");
  for (const line of told) checklist.fail(script, line);
  const failed = Number(closing?.[2] ?? 0);
  if (status !== 0 || closing === null || failed !== told.length) {
    checklist.fail(script, `ended with ${status ?? "a signal"}\n${stdout}${stderr}`);
  }
  checklist.add({ passed: Number(closing?.[1] ?? 0), failed: 0 });
  return /^platform (.*)$/m.exec(stdout)?.[1] ?? "unknown";
}

/** Checks that a script prints `done`, nothing else, and then ends by itself. */
export async function checkScript(
  checklist: Checklist,
  script: string,
  { runner, project, args = [] }: ScriptRun,
): Promise<void> {
  await checklist.check(script, async () => {
    const end = await runProgram(runner.program, {
      cwd: project,
      args: [...runner.args ?? [], join(PLACE, script), ...args],
      limitMs: END_LIMIT_MS,
    });
    if (end.status === 0 && end.stdout === "done\n" && end.stderr === "") return;
    throw new Error(`ended with ${end.status ?? "a signal"}\n${end.stdout}${end.stderr}`);
  });
}
