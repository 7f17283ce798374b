import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CLIENTS } from "../../npm/package_json.ts";
import type { Checklist } from "./checklist.ts";
import { npmInstall } from "./npm_project.ts";
import type { PlatformRun } from "./platform.ts";
import { runOrThrow } from "./program.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** TypeScript's versions, by the names that they are installed under. */
const COMPILERS = { typescript5: "5.9.3", typescript7: "7.0.2" } as const;
/** Node's types of the line that the oldest Node belongs to. */
const NODE_TYPES = "@types/node@20.19.43";

/** What compiles in any setting. */
const STRICT = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: "ES2022",
  skipLibCheck: false,
  allowImportingTsExtensions: true,
};

/** How users compile: on Node with its types, or for the web with those of a browser, the least or all of them. */
const SETTINGS = {
  nodenext: {
    module: "nodenext",
    moduleResolution: "nodenext",
    lib: ["ES2023"],
    types: ["node"],
  },
  bundler: {
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["ES2023", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    types: [],
  },
  plain: { module: "esnext", moduleResolution: "bundler", lib: ["ES2022", "DOM"], types: [] },
};

/** How users of CommonJS compile; TypeScript 7 has neither `node10` nor another name for it. */
const COMMON_SETTINGS = {
  node16: { module: "node16", moduleResolution: "node16", lib: ["ES2023"], types: ["node"] },
  node10: { module: "commonjs", moduleResolution: "node10", lib: ["ES2023"], types: ["node"] },
};

/** Compiles what `settings` includes, with a configuration of that name. */
async function compile(
  { project, compiler, name }: { project: string; compiler: string; name: string },
  settings: object,
): Promise<void> {
  const file = join(project, `tsconfig.${name}.json`);
  await writeFile(file, JSON.stringify(settings));
  const tsc = join(project, "node_modules", compiler, "bin", "tsc");
  await runOrThrow("node", { cwd: project, args: [tsc, "-p", file] });
}

/** The scripts that use every entry point, and what they import. */
const SCRIPTS = [
  "tests/everywhere/on_platform",
  ...["case", "library", "run_case", "run_cases"].map((name) => `tests/conformance/${name}.ts`),
];

/** Copies the scripts, which then import the installed package, and the program without any platform. */
async function writeConsumers(project: string): Promise<void> {
  for (const path of SCRIPTS) await cp(join(ROOT, path), join(project, path), { recursive: true });
  await cp(join(ROOT, "tests/everywhere/types"), join(project, "types"), { recursive: true });
  await cp(join(ROOT, "tests/everywhere/common_types"), join(project, "common"), {
    recursive: true,
  });
  await writeFile(join(project, "common/package.json"), '{ "type": "commonjs" }');
  await mkdir(join(project, "src/testing"), { recursive: true });
  await writeFile(join(project, "mod.ts"), 'export * from "@switchgear/breaker";');
  await writeFile(
    join(project, "src/testing/mod.ts"),
    'export * from "@switchgear/breaker/testing";',
  );
}

/** What the command line tool asks where there is no more than Node 20: undefined there, as it should be. */
const IMPORT_META = "interface ImportMeta { readonly main?: boolean }";

/** Copies the sources. */
async function writeSources(project: string): Promise<void> {
  await mkdir(join(project, "source"));
  await writeFile(join(project, "source/import_meta.d.ts"), IMPORT_META);
  for (const name of ["mod.ts", "src", "etcd", "backends", "integrations", "cli"]) {
    await cp(join(ROOT, name), join(project, "source", name), { recursive: true });
  }
}

/** Checks the types of the installed package as users do, and the sources against Node 20. */
export async function checkTypes(
  checklist: Checklist,
  { folder, tarball }: PlatformRun,
): Promise<void> {
  const project = join(folder, "types");
  const compilers = Object.entries(COMPILERS);
  await npmInstall(project, {
    packages: [
      await tarball(),
      NODE_TYPES,
      `etcd3@${CLIENTS["etcd3"]?.newest}`,
      ...compilers.map(([name, version]) => `${name}@npm:typescript@${version}`),
    ],
  });
  await writeConsumers(project);
  await writeSources(project);
  const compilations: Promise<void>[] = [];
  for (const [compiler, version] of compilers) {
    for (const [name, setting] of Object.entries(SETTINGS)) {
      const include = name === "nodenext" ? ["types", "tests"] : ["types"];
      const compilation = { project, compiler, name: `${compiler}.${name}` };
      const settings = { compilerOptions: { ...STRICT, ...setting }, include };
      const check = (): Promise<void> => compile(compilation, settings);
      compilations.push(checklist.check(`types: TypeScript ${version}, strict, ${name}`, check));
    }
  }
  for (const [compiler, version] of compilers) {
    for (const [name, setting] of Object.entries(COMMON_SETTINGS)) {
      if (name === "node10" && compiler !== "typescript5") continue;
      const compilation = { project, compiler, name: `${compiler}.common.${name}` };
      const settings = { compilerOptions: { ...STRICT, ...setting }, include: ["common"] };
      const check = (): Promise<void> => compile(compilation, settings);
      compilations.push(
        checklist.check(`types: TypeScript ${version}, CommonJS, ${name}`, check),
      );
    }
  }
  compilations.push(
    checklist.check(
      "nothing in the sources is newer than Node 20 and ECMAScript 2023",
      () =>
        compile({ project, compiler: "typescript5", name: "source" }, {
          compilerOptions: {
            ...STRICT,
            ...SETTINGS.nodenext,
            // The browser's own types are only for what fetch takes and gives.
            lib: ["ES2023", "ES2024.String", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
            skipLibCheck: true,
          },
          include: ["source"],
        }),
    ),
  );
  await Promise.all(compilations);
}
