import ts from "npm:typescript@5.9.3";

/**
 * An ES module as CommonJS, in ECMAScript 2022 and without its comments, which
 * the declarations have. It is made file by file, so that both forms have the same
 * modules and stack traces of either lead to them, and by TypeScript, which makes the
 * declarations anyway and has done this since its first version.
 *
 * @throws {Error} If the module asks for `import.meta` otherwise than for `import.meta.main`.
 */
export function toCommonJs(module: string): string {
  return ts.transpileModule(module, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      removeComments: true,
    },
    fileName: "module.js",
    transformers: { before: [withoutImportMeta] },
  }).outputText;
}

/** Asks for `require.main === module` in place of `import.meta.main`. */
function withoutImportMeta({ factory }: ts.TransformationContext): ts.Transformer<ts.SourceFile> {
  const isMain = (): ts.Expression =>
    factory.createStrictEquality(
      factory.createPropertyAccessExpression(factory.createIdentifier("require"), "main"),
      factory.createIdentifier("module"),
    );
  const visit = (node: ts.Node): ts.Node => {
    const isAsked = ts.isPropertyAccessExpression(node) && ts.isMetaProperty(node.expression);
    if (isAsked && node.name.text === "main") return isMain();
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
      throw new Error("Cannot make CommonJS of import.meta");
    }
    return ts.visitEachChild(node, visit, undefined);
  };
  return (file) => ts.visitEachChild(file, visit, undefined);
}
