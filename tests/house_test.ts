import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import config from "../deno.json" with { type: "json" };
import { denoCommand } from "./programs/deno_command.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What Deno prints. Not by `node:child_process`, which hands the child all of the parent's permissions. */
async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await denoCommand({ args, cwd: ROOT })
    .output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** The floors of the house, the top one first: a file imports from its own floor and those below it. */
const FLOORS = [
  ["cli/", "examples/"],
  ["integrations/"],
  ["backends/"],
  ["src/testing/"],
  ["src/provider/"],
  ["src/patterns/"],
  ["src/breaker/"],
  ["src/policy/"],
  [
    "src/abort_watch.ts",
    "src/clock.ts",
    "src/deferred.ts",
    "src/log.ts",
    "src/platform_promise.ts",
    "src/emitter.ts",
    "src/errors.ts",
    "src/waiting.ts",
  ],
];

/** Files that a lower floor may import from a higher one, for their types alone. */
const TYPES_ONLY = /import type [^;]*$/;

async function modules(...folders: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const entries = await readdir(join(ROOT, folder), { recursive: true }).catch(() => []);
    found.push(
      ...entries.filter((entry) => entry.endsWith(".ts")).map((entry) => join(folder, entry)),
    );
  }
  return found.sort();
}

function floorOf(path: string): number {
  return FLOORS.findIndex((floor) => floor.some((start) => path.startsWith(start)));
}

interface Import {
  readonly statement: string;
  readonly specifier: string;
}

/** What a module imports, comments left out. */
function importsOf(text: string): Import[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
  const statements = code.matchAll(/^(?:import|export)\b([^;"']*?)from\s*["']([^"']+)["']/gm);
  return [...statements].map(([statement, , specifier]) => ({
    statement,
    specifier: specifier ?? "",
  }));
}

Deno.test("the house: imports point down, never up", async () => {
  const wrong: string[] = [];
  let seen = 0;
  for (const file of await modules("src", "backends", "integrations", "cli", "examples")) {
    for (const { statement, specifier } of importsOf(await readFile(join(ROOT, file), "utf8"))) {
      if (!specifier.startsWith(".")) continue;
      seen++;
      const target = relative(ROOT, join(ROOT, dirname(file), specifier));
      const isFromTop = target === "mod.ts" || target === "deno.json";
      if (isFromTop && floorOf(file) === 0) continue;
      // Examples are run from a clone, and start the servers that the tests start.
      if (file.startsWith("examples/") && target.startsWith("tests/servers/")) continue;
      const up = isFromTop || floorOf(target) < floorOf(file);
      if (up && !TYPES_ONLY.test(statement.split("from")[0] ?? "")) {
        wrong.push(`${file} imports ${target}`);
      }
    }
  }
  assert(seen > 100);
  assert.deepEqual(wrong, []);
});

Deno.test("the house: every module of it stands on a floor", async () => {
  const files = await modules("src", "backends", "integrations", "cli", "examples");
  assert.deepEqual(files.filter((file) => floorOf(file) < 0), []);
});

Deno.test("src/ is pure: no npm, no node:, no Deno, no I/O", async () => {
  for (const file of await modules("src")) {
    const text = await readFile(join(ROOT, file), "utf8");
    const foreign = importsOf(text).filter(({ specifier }) => !specifier.startsWith("."));
    assert.deepEqual(foreign, [], file);
    const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\/\/.*$/gm, "");
    assert.doesNotMatch(code, /\bDeno\.|\bprocess\.|\bfetch\(|\bBuffer\b/, file);
  }
});

Deno.test("backends/ and integrations/ run on Deno, Node and Bun alike, and bring no client: no Deno, no npm", async () => {
  for (const file of await modules("backends", "integrations")) {
    const text = await readFile(join(ROOT, file), "utf8");
    const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\/\/.*$/gm, "");
    assert.doesNotMatch(code, /\bDeno\.\w/, file);
    const npm = importsOf(text).filter(({ specifier }) => /^(npm|jsr|https?):/.test(specifier));
    assert.deepEqual(npm, [], file);
  }
});

Deno.test("every module can be imported", async () => {
  for (const file of await modules("src", "backends", "integrations", "cli")) {
    const module: unknown = await import(pathToFileURL(join(ROOT, file)).href);
    assert(module, file);
  }
});

Deno.test("no file holds more than 300 lines", async () => {
  const files = ["mod.ts", ...await modules("src", "backends", "integrations", "cli", "examples")];
  for (const file of files) {
    const lines = (await readFile(join(ROOT, file), "utf8")).split("\n").length - 1;
    assert(lines <= 300, `${file} holds ${lines} lines`);
  }
});

Deno.test("no entry point downloads anything: all else is the caller's, or loaded when it is used", async () => {
  for (const entry of Object.values(config.exports)) {
    const info: { modules: { specifier: string }[]; npmPackages?: object } = JSON.parse(
      await deno("info", "--no-lock", "--json", join(ROOT, entry)),
    );
    assert(info.modules.length > 0, entry);
    const foreign = info.modules.filter(({ specifier }) => !/^(file|node):/.test(specifier));
    assert.deepEqual(foreign, [], entry);
    assert.deepEqual(Object.keys(info.npmPackages ?? {}), [], entry);
  }
});

Deno.test("mod.ts needs no permission", async () => {
  const script = `
    import { createBreaker } from ${JSON.stringify(pathToFileURL(join(ROOT, "mod.ts")).href)};
    console.log(await createBreaker("b", { timeout: "1s" }).do(() => Promise.resolve("ran")));
  `;
  const url = `data:application/typescript,${encodeURIComponent(script)}`;
  assert.equal(await deno("run", "--no-prompt", "--no-remote", "--no-npm", url), "ran\n");
});

Deno.test("each entry point of deno.json is there, and what is published is named", async () => {
  for (const path of Object.values(config.exports)) {
    assert((await readFile(join(ROOT, path), "utf8")).length > 0, path);
  }
  assert(config.publish.include.every((path) => !/^(tests|bench)(?!.*\.svg$)/.test(path)));
  assert.deepEqual(
    Object.values(config.tasks).filter(({ description }) => description.length < 10),
    [],
  );
});

Deno.test("tests start Deno by denoCommand, which leaves it the caches that the tests use", async () => {
  const byHand = /\bexecPath\b|(?:Command|execFile|spawn)\(\s*(?:"deno"|DENO\b)/;
  // Where other platforms are run, each has a cache of its own.
  const others = /^tests\/(?:programs|everywhere)\//;
  const found: string[] = [];
  for (const file of await modules("tests", "bench")) {
    if (file === "tests/house_test.ts" || others.test(file)) continue;
    if (byHand.test(await readFile(join(ROOT, file), "utf8"))) found.push(file);
  }
  assert.deepEqual(found, []);
});
