/**
 * Runs conformance cases: `deno task conformance [files or folders …]`, by
 * default all beside this file. Prints each failing case with the step and what
 * was seen, then `N passed, N failed`; exits with 1 if any failed.
 *
 * @module
 */
import type { Stats } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type CaseTotals, runCases } from "./run_cases.ts";
import { THIS_LIBRARY } from "./this_library.ts";

const USAGE = `Usage: deno task conformance [files or folders …]

Runs the conformance cases in the given JSON files, or in all JSON files under
the given folders; without any, those that come with this package.

  -h, --help   shows this
`;

/** Every JSON file that the given paths stand for, in order. */
export async function caseFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (!(await infoOf(path)).isDirectory()) {
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

async function infoOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw isMissing ? new Error(`There is no file or folder ${path}`, { cause: error }) : error;
  }
}

/** The cases that come with this package. */
export const OWN_CASES: string = fileURLToPath(new URL(".", import.meta.url));

/** Runs the cases of all `paths`, prints what failed, and returns how many did. */
export async function runFiles(
  paths: readonly string[],
  print: (line: string) => void,
): Promise<CaseTotals> {
  const files = await Promise.all(
    (await caseFiles(paths)).map(async (file) => ({ file, text: await readFile(file, "utf8") })),
  );
  return runCases(files, { library: THIS_LIBRARY, print });
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
