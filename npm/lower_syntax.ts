import ts from "npm:typescript@5.9.3";

/** A declaration with `using`, which Node cannot read before version 24. */
const USING = /^\s*(?:await )?using \w/m;

/** The module in ECMAScript 2022; one that needs nothing newer stays as it is, byte for byte. */
export function lowerSyntax(module: string): string {
  if (!USING.test(module)) return module;
  return ts.transpileModule(module, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    fileName: "module.js",
  }).outputText;
}
