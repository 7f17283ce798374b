import { dirname, join, relative } from "node:path";
import ts from "npm:typescript@5.9.3";

/** An import of a module beside; the declarations name the sources, which are not there. */
const SOURCE_IMPORT = /((?:\bfrom|\bimport\()\s*"\.{1,2}\/[^"]+)\.ts"/g;

/** A name of what `using` needs, which programs compiled for ECMAScript 2022 to 2024 do not have. */
const DISPOSABLE = /\b(?:Async)?Disposable\b|\bSymbol\.(?:d|asyncD)ispose\b/;
const DISPOSABLE_LIBRARY = '/// <reference lib="esnext.disposable" />\n';

/**
 * The declarations of `entries` and of all that they name, by their paths under
 * `root`. `deno pack` makes some too, but its lack every member with a computed
 * name, `[Symbol.dispose]` among them.
 *
 * @throws {Error} If TypeScript cannot make them.
 */
export function declarations(root: string, entries: readonly string[]): Map<string, string> {
  const program = ts.createProgram(entries.map((entry) => join(root, entry)), {
    strict: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    declaration: true,
    emitDeclarationOnly: true,
    types: [],
    lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts", "lib.dom.asynciterable.d.ts"],
    rootDir: root,
    outDir: root,
  });
  const made = new Map<string, string>();
  const emitted = program.emit(
    undefined,
    (path, text) => made.set(relative(root, path), text),
    undefined,
    true,
  );
  const [fault] = emitted.diagnostics;
  if (fault !== undefined) {
    throw new Error(`No declarations: ${ts.flattenDiagnosticMessageText(fault.messageText, "\n")}`);
  }
  return reachable(made, entries);
}

/** Those of `made` that the declarations of `entries` lead to, importing what stands in the package. */
function reachable(
  made: ReadonlyMap<string, string>,
  entries: readonly string[],
): Map<string, string> {
  const found = new Map<string, string>();
  const open = entries.map((entry) => entry.replace(/^\.\//, ""));
  for (const source of open) {
    const path = source.replace(/\.ts$/, ".d.ts");
    if (found.has(path)) continue;
    const text = made.get(path);
    if (text === undefined) throw new Error(`No declarations for ${source}`);
    const library = DISPOSABLE.test(text) ? DISPOSABLE_LIBRARY : "";
    found.set(path, library + text.replaceAll(SOURCE_IMPORT, '$1.js"'));
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (fileName.startsWith(".")) open.push(join(dirname(source), fileName));
    }
  }
  return found;
}
