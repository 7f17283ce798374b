import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "npm:typescript@5.9.3";
import { toCommonJs } from "../../npm/common_js.ts";
import { writeScripts } from "./platform_scripts.ts";

/** Writes the scripts into a project of CommonJS, where they `require` what they import. */
export async function writeCommonScripts(project: string): Promise<void> {
  const staging = join(project, "modules");
  await writeScripts(staging);
  for (const entry of await readdir(join(staging, "tests"), { recursive: true })) {
    if (!entry.endsWith(".js")) continue;
    const file = join(staging, "tests", entry);
    const module = await readFile(file, "utf8");
    const script = toCommonJs(module);
    await writeFile(file, waitsAtTop(module) ? asynchronous(script) : script);
  }
  for (const name of await readdir(staging)) await rename(join(staging, name), join(project, name));
}

/** Whether a module awaits outside of any function, as CommonJS cannot. */
function waitsAtTop(module: string): boolean {
  const waits = (node: ts.Node): boolean =>
    ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined) ||
    (!ts.isFunctionLike(node) && (ts.forEachChild(node, waits) ?? false));
  return waits(ts.createSourceFile("module.js", module, ts.ScriptTarget.ES2022));
}

/** What waits at its top is put into a function that may. */
function asynchronous(script: string): string {
  return `(async () => {\n${script}\n})();\n`;
}
