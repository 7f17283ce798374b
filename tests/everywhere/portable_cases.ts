import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import ts from "npm:typescript@5.9.3";
import { caseFiles, OWN_CASES } from "../conformance/main.ts";
import type { CaseFile } from "../conformance/run_cases.ts";

const MODULES = ["case", "run_case", "run_cases"] as const;

/**
 * The runner of the conformance cases as plain ECMAScript modules, by file name:
 * `run_cases.js` and what it imports. They belong in one folder, import nothing
 * else, and are given the package: `runCases(files, { library, print })`.
 */
export async function portableRunner(): Promise<Map<string, string>> {
  const modules = new Map<string, string>();
  for (const name of MODULES) {
    const source = await readFile(new URL(`../conformance/${name}.ts`, import.meta.url), "utf8");
    modules.set(`${name}.js`, withoutTypes(source));
  }
  return modules;
}

/** The module without its types; what it imports from `./x.ts` it now imports from `./x.js`. */
export function withoutTypes(source: string): string {
  return ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  }).outputText;
}

/** The texts of this package's conformance cases, to be handed over as JSON. */
export async function portableCases(): Promise<CaseFile[]> {
  const files = await caseFiles([OWN_CASES]);
  return await Promise.all(
    files.map(async (file) => ({ file: basename(file), text: await readFile(file, "utf8") })),
  );
}
