import { createInstrumenter } from "npm:@stryker-mutator/instrumenter@9.6.1";
import { createInjector } from "npm:typed-inject@5.0.0";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { type Mutant, onOneLine } from "./mutant.ts";

/** The folders whose code is mutated. */
const MUTATED_FOLDERS = ["src/breaker", "src/policy"];

/** The module that the instrumented code asks which mutant is active. */
const SWITCH = "tests/mutation/switch.ts";

const ignore = (): void => {};
const ask = (): boolean => false;

/** The instrumenter says nothing that matters to a reader of the report. */
const SILENT = {
  ...{ isTraceEnabled: ask, isDebugEnabled: ask, isInfoEnabled: ask },
  ...{ isWarnEnabled: ask, isErrorEnabled: ask, isFatalEnabled: ask },
  ...{ trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore },
};

/**
 * Replaces the modules under test in the tree at `root` by ones that hold all
 * mutants at once, each behind a switch.
 *
 * @returns Every mutant, in the order of the files.
 */
export async function instrumentTree(root: string): Promise<Mutant[]> {
  const files: { name: string; mutate: true; content: string }[] = [];
  for (const folder of MUTATED_FOLDERS) {
    for (const entry of (await readdir(join(root, folder), { recursive: true })).sort()) {
      if (!entry.endsWith(".ts")) continue;
      const name = join(root, folder, entry);
      files.push({ name, mutate: true, content: await readFile(name, "utf8") });
    }
  }
  const instrumenter = createInjector().provideValue("logger", SILENT)
    .provideValue("getLogger", () => SILENT)
    .injectFunction(createInstrumenter);
  const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: true };
  const instrumented = await instrumenter.instrument(files, options);
  for (const { name, content } of instrumented.files) {
    const from = relative(dirname(name), join(root, SWITCH));
    const header = `import { stryCov_9fa48, stryMutAct_9fa48 } from ${JSON.stringify(from)};\n`;
    await writeFile(name, header + content);
  }
  const texts = new Map(files.map(({ name, content }) => [name, content.split("\n")]));
  return instrumented.mutants.map(({ id, fileName, location, mutatorName, replacement }) => {
    const lines = texts.get(fileName) ?? [];
    return {
      id,
      file: relative(root, fileName),
      line: location.start.line + 1,
      column: location.start.column + 1,
      mutator: mutatorName,
      lineText: (lines[location.start.line] ?? "").trim(),
      original: onOneLine(textBetween(lines, location.start, location.end)),
      replacement: onOneLine(replacement),
    };
  });
}

interface Position {
  readonly line: number;
  readonly column: number;
}

function textBetween(lines: readonly string[], start: Position, end: Position): string {
  const text = lines.slice(start.line, end.line + 1);
  const last = text.length - 1;
  text[last] = text[last]?.slice(0, end.column) ?? "";
  text[0] = text[0]?.slice(start.column) ?? "";
  return text.join("\n");
}
