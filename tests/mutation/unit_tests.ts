import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The folders and files whose tests judge the mutants: those that test
 * `src/breaker` and `src/policy` by themselves, without a server or a process.
 * The conformance cases and the histories of the model are registered one by
 * one, so that each mutant meets only those that reach it.
 */
const UNIT_TESTS = [
  "tests/policy",
  "tests/breaker",
  "tests/issues",
  "tests/structure_test.ts",
  "tests/mutation/conformance_cases.ts",
  "tests/mutation/model_histories.ts",
];

/** What tests of the house's upper floors, of all floors and of runtimes import, and those that start processes; memory is no process. */
const IMPORTS_FROM_ABOVE =
  /from "(?:(?:\.\.\/)+(?:src\/)?(?:provider|patterns|etcd|backends\/(?!memory\.ts)|integrations|cli|servers|everywhere|programs|support\/package_copy)|node:child_process)/;

/**
 * Tests that say how long something may take, of code that the switches make
 * several times slower.
 */
export const NOT_FOR_MUTANTS: readonly string[] = [
  "ten megabytes of hostile text take little time",
];

/** Every file of unit tests in the tree at `root`, in order. */
export async function unitTestFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  for (const path of UNIT_TESTS) {
    if (path.endsWith(".ts")) files.push(path);
    else {
      const entries = (await readdir(join(root, path), { recursive: true })).sort();
      for (const entry of entries) {
        const file = `${path}/${entry}`;
        if (!entry.endsWith("_test.ts")) continue;
        if (!IMPORTS_FROM_ABOVE.test(await readFile(join(root, file), "utf8"))) files.push(file);
      }
    }
  }
  return files;
}
