import assert from "node:assert/strict";
import { createContext, runInContext } from "node:vm";
import { toCommonJs } from "../npm/common_js.ts";
import { completePackageJson } from "../npm/package_json.ts";

const PACKED = {
  name: "p",
  version: "1.0.0",
  exports: {
    ".": { types: "./mod.d.ts", import: "./mod.js", default: "./mod.js" },
    "./fetch": {
      types: "./integrations/fetch/mod.d.ts",
      import: "./integrations/fetch/mod.js",
      default: "./integrations/fetch/mod.js",
    },
  },
};

/** What a module exports as CommonJS, given what it may require. */
function load(module: string, required: Readonly<Record<string, unknown>> = {}): object {
  const exports = {};
  const require = Object.assign((name: string) => required[name], { main: undefined });
  runInContext(toCommonJs(module), createContext({ exports, require, module: { exports } }));
  return exports;
}

Deno.test("a module becomes CommonJS with the same exports", () => {
  const source = `import { two } from "./two.js"; export { three } from "./three.js";
    /** Explained. */ export const four = two * 2; export class Five {}`;
  const exports = load(source, { "./two.js": { two: 2 }, "./three.js": { three: 3 } });
  assert.deepEqual(Object.keys(exports).sort(), ["Five", "four", "three"]);
  assert.deepEqual([Reflect.get(exports, "four"), Reflect.get(exports, "three")], [4, 3]);
  assert.doesNotMatch(toCommonJs(source), /Explained/);
});

Deno.test("what is assigned to an export later is seen", () => {
  const exports = load(
    "export let last; class A { #core = 7; static { last = (a) => a.#core } } last(new A());",
  );
  assert.equal(typeof Reflect.get(exports, "last"), "function");
});

Deno.test("a program asks whether it is the main module; anything else of import.meta is refused", () => {
  const exports = load(
    "export const isMain = import.meta.main; export const text = 'import.meta';",
  );
  assert.deepEqual({ ...exports }, { isMain: false, text: "import.meta" });
  assert.throws(() => toCommonJs("export const url = import.meta.url;"), /import\.meta/);
});

Deno.test("package.json: each entry point has both forms, each with its types", () => {
  const manifest = completePackageJson(PACKED);
  assert.deepEqual(manifest.exports["./fetch"], {
    import: {
      types: "./integrations/fetch/mod.d.ts",
      default: "./integrations/fetch/mod.js",
    },
    require: {
      types: "./cjs/integrations/fetch/mod.d.ts",
      default: "./cjs/integrations/fetch/mod.js",
    },
    default: "./integrations/fetch/mod.js",
  });
  assert.equal(manifest.exports["./package.json"], "./package.json");
});

Deno.test("package.json: tools that do not know exports find the main module, and TypeScript the types", () => {
  const { main, module, types, typesVersions } = completePackageJson(PACKED);
  assert.deepEqual({ main, module, types }, {
    main: "./cjs/mod.js",
    module: "./mod.js",
    types: "./cjs/mod.d.ts",
  });
  assert.deepEqual(typesVersions, { "*": { fetch: ["./cjs/integrations/fetch/mod.d.ts"] } });
});
