import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "npm:typescript@5.9.3";
import config from "../../deno.json" with { type: "json" };
import { CLIENTS, OLDEST_NODE } from "../../npm/package_json.ts";
import { Checklist } from "./checklist.ts";
import { npmInstall } from "./npm_project.ts";
import type { Platform, PlatformRun, PlatformTotals } from "./platform.ts";
import { runOrThrow, runProgram } from "./program.ts";
import { checkTypes } from "./type_checks.ts";

const INSTALLED = "node_modules/@switchgear/breaker";

/** What may be in the package, and nothing else. */
const FILES = [
  /^package\.json$/,
  /^LICENSE$/,
  /^[A-Z]+\.md$/,
  /^docs\/[\w/-]+\.(?:md|svg)$/,
  // The pictures of the README.
  /^bench\/\w+\.svg$/,
  /^bin\/switchgear\.js$/,
  /^cjs\/package\.json$/,
  /^(?:cjs\/)?(?:mod|(?:src|etcd|backends|integrations|cli)\/[\w/]+)\.(?:js|d\.ts)$/,
];

/** The paths of all files under a folder. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

async function checkContent(checklist: Checklist, folder: string): Promise<void> {
  const files = await filesIn(folder);
  await checklist.check("the package holds the modules, their types and the docs, no tests", () => {
    assert.deepEqual(files.filter((file) => !FILES.some((allowed) => allowed.test(file))), []);
    for (const file of ["README.md", "LICENSE", "mod.js", "mod.d.ts"]) assert(files.includes(file));
    assert(files.length > 600, `${files.length} files`);
    const common = files.filter((file) => file.startsWith("cjs/") && file.endsWith(".js"));
    const modules = files.filter((file) => file.endsWith(".js") && !/^(?:cjs|bin)\//.test(file));
    assert.deepEqual(common.map((file) => file.slice("cjs/".length)), modules);
  });
  await checklist.check(
    "no module leads out of the package, nor tells where it was made",
    async () => {
      for (const file of files.filter((name) => /\.(js|d\.ts)$/.test(name))) {
        const code = await readFile(join(folder, file), "utf8");
        assert.doesNotMatch(code, /file:\/\/\/|sourceMappingURL/, file);
        for (const { fileName: specifier } of ts.preProcessFile(code, true, true).importedFiles) {
          assert.match(specifier, /^(?:\.{1,2}\/.+\.js|node:.+)$/, `${file}: ${specifier}`);
          if (file.endsWith(".d.ts")) assert.match(specifier, /^\./, `${file}: ${specifier}`);
        }
      }
    },
  );
}

async function checkManifest(checklist: Checklist, folder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = await filesIn(folder);
  await checklist.check("package.json: what is said of it", () => {
    const { name, version, license } = config;
    const { type, sideEffects, engines, description, keywords } = manifest;
    assert.deepEqual({ name, version, license }, {
      name: manifest.name,
      version: manifest.version,
      license: manifest.license,
    });
    assert.deepEqual({ type, sideEffects, engines }, {
      type: "module",
      sideEffects: false,
      engines: { node: `>=${OLDEST_NODE}` },
    });
    assert(description.length > 20 && keywords.length > 5);
  });
  await checklist.check("package.json: every entry point in both forms, its types first", () => {
    const { "./package.json": own, ...entries } = manifest.exports;
    assert.equal(own, "./package.json");
    assert.deepEqual(Object.keys(entries), Object.keys(config.exports));
    for (const [entry, targets] of Object.entries<Record<string, unknown>>(entries)) {
      assert.deepEqual(Object.keys(targets), ["import", "require", "default"], entry);
      for (const form of [targets["import"], targets["require"]]) {
        assert(typeof form === "object" && form !== null, entry);
        assert.deepEqual(Object.keys(form), ["types", "default"], entry);
        for (const target of Object.values(form)) assert(files.includes(target.slice(2)), target);
      }
    }
    for (const field of ["main", "module", "types"]) {
      assert(files.includes(manifest[field].slice(2)), field);
    }
  });
  await checklist.check("package.json: depends on nothing; clients are optional peers", () => {
    for (const kind of ["dependencies", "optionalDependencies", "bundleDependencies", "scripts"]) {
      assert.equal(manifest[kind], undefined, kind);
    }
    const clients = Object.keys(CLIENTS);
    assert.deepEqual(Object.keys(manifest.peerDependencies), clients);
    for (const client of clients) {
      assert.match(manifest.peerDependencies[client], /^>=\d+\.\d+\.\d+ <=\d+\.\d+\.\d+$/);
      assert.deepEqual(manifest.peerDependenciesMeta[client], { optional: true });
    }
  });
}

async function checkInstall(checklist: Checklist, { folder, tarball }: PlatformRun): Promise<void> {
  await checklist.check("installed alone, nothing comes with it", async () => {
    const lock = JSON.parse(
      await readFile(join(folder, "alone/node_modules/.package-lock.json"), "utf8"),
    );
    assert.deepEqual(Object.keys(lock.packages), [INSTALLED]);
    assert.deepEqual(await readdir(join(folder, "alone/node_modules/@switchgear")), ["breaker"]);
  });
  await checklist.check(
    "beside a client of a version that was not tested, npm refuses",
    async () => {
      const beside = join(folder, "beside");
      await npmInstall(beside, { packages: ["etcd3@1.0.1"] });
      const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", await tarball()];
      const { status, stderr } = await runProgram("npm", { cwd: beside, args });
      assert.equal(status, 1);
      assert.match(stderr, /ERESOLVE/);
    },
  );
}

/** The npm form itself: what it holds, what it says, what comes with it, and its types. */
export const NPM_PACKAGE: Platform = {
  id: "npm",
  about: "what the npm form holds, what comes with it, and its types for TypeScript 5 and 7",
  run: async (run): Promise<PlatformTotals[]> => {
    const checklist = new Checklist("npm package", run.print);
    const alone = join(run.folder, "alone");
    await npmInstall(alone, { packages: [await run.tarball()], alone: true });
    await checkContent(checklist, join(alone, INSTALLED));
    await checkManifest(checklist, join(alone, INSTALLED));
    await checkInstall(checklist, run);
    await checkTypes(checklist, run);
    const version = await runOrThrow("npm", { cwd: run.folder, args: ["--version"] });
    return [checklist.totals("npm package, by npm", version.trim())];
  },
};
