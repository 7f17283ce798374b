/**
 * Runs conformance cases: `deno task conformance [files or folders …]`, by
 * default all beside this file. Prints each failing case with the step and what
 * was seen, then `N passed, N failed`; exits with 1 if any failed.
 *
 * @module
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseCases, type ParsedCase } from "./case.ts";
import { runCase } from "./run_case.ts";

const USAGE = `Usage: deno task conformance [files or folders …]

Runs the conformance cases in the given JSON files, or in all JSON files under
the given folders; without any, those that come with this package.

  -h, --help   shows this
`;

/** Every JSON file that the given paths stand for, in order. */
export async function caseFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) {
      files.push(path);
      continue;
    }
    const entries = await readdir(path, { recursive: true });
    files.push(
      ...entries.filter((entry) => entry.endsWith(".json")).sort()
        .map((entry) => join(path, entry)),
    );
  }
  return files;
}

/** The cases that come with this package. */
export const OWN_CASES: string = fileURLToPath(new URL(".", import.meta.url));

/** Runs the cases of all `paths`, prints what failed, and returns how many did. */
export async function runFiles(
  paths: readonly string[],
  print: (line: string) => void,
): Promise<{ passed: number; failed: number }> {
  let passed = 0;
  let failed = 0;
  for (const file of await caseFiles(paths)) {
    let cases: ParsedCase[];
    try {
      cases = parseCases(await readFile(file, "utf8"), file);
    } catch (error) {
      failed++;
      print(`FAILED ${error instanceof Error ? error.message : error}`);
      continue;
    }
    for (const subject of cases) {
      if ("fault" in subject) {
        failed++;
        print(`FAILED ${subject.fault} (${file})`);
        continue;
      }
      const failure = runCase(subject);
      if (failure === undefined) {
        passed++;
        continue;
      }
      failed++;
      const step = subject.steps[failure.step - 1];
      print(`FAILED ${subject.rule}: ${subject.name} (${file})`);
      print(`  step ${failure.step} ${step === undefined ? "" : JSON.stringify(step)}`);
      print(`  ${failure.seen}`);
    }
  }
  return { passed, failed };
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(USAGE);
    return 0;
  }
  const unknown = args.find((arg) => arg.startsWith("-"));
  if (unknown !== undefined) {
    console.error(`Unknown option ${unknown}\n\n${USAGE}`);
    return 2;
  }
  try {
    // A task runs in the project's folder; paths are meant from where it was called.
    const base = process.env["INIT_CWD"] ?? process.cwd();
    const paths = args.length > 0 ? args.map((path) => resolve(base, path)) : [OWN_CASES];
    const { passed, failed } = await runFiles(paths, console.log);
    if (passed + failed === 0) console.error("No conformance case found");
    console.log(`${passed} passed, ${failed} failed`);
    return failed > 0 || passed === 0 ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
