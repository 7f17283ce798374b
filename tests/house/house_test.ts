import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { denoCommand } from "../programs/deno_command.ts";
import crowded from "./crowded_house.json" with { type: "json" };
import { floorOf, FLOORS, TOP_ROOMS } from "./floors.ts";
import { type HouseReport, inspectHouse } from "./house.ts";
import { type Import, modulesIn, readImportGraph, statementsOf } from "./import_graph.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What Deno prints. Not by `node:child_process`, which hands the child all of the parent's permissions. */
async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await denoCommand({ args, cwd: ROOT }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

const HOUSE = await readImportGraph(ROOT, ["src", ...TOP_ROOMS]);

/** The house with one more import in it. */
function planting(file: string, imported: Partial<Import> & { target: string }): HouseReport {
  const planted = { typesOnly: false, reexport: false, ...imported };
  return inspectHouse(new Map([...HOUSE, [file, [...HOUSE.get(file) ?? [], planted]]]));
}

Deno.test("the house: imports point down, those of types too", () => {
  const { files, imports, upward } = inspectHouse(HOUSE);
  assert(files > 100 && imports > 500);
  assert.deepEqual(upward, []);
});

Deno.test("the house: no file stands in a circle of imports, those of types too", () => {
  assert.deepEqual(inspectHouse(HOUSE).circles, []);
});

Deno.test("the house: every module of it stands on a floor", () => {
  assert.deepEqual(inspectHouse(HOUSE).homeless, []);
});

Deno.test("the house: what a file has is exported again by a mod.ts alone", () => {
  assert.deepEqual(inspectHouse(HOUSE).reexports, []);
});

Deno.test("the house: a planted upward import is found, one of a type too", () => {
  const file = "src/time/clock.ts";
  const target = "src/breaker/core.ts";
  for (const typesOnly of [false, true]) {
    const { upward } = planting(file, { target, typesOnly });
    assert.deepEqual(upward.map((wrong) => [wrong.file, wrong.target]), [[file, target]]);
  }
});

Deno.test("the house: a planted import from a higher room of the breaker is found", () => {
  const { upward } = planting("src/breaker/window/counts.ts", {
    target: "src/breaker/trip/trip.ts",
    typesOnly: true,
  });
  assert.equal(upward.length, 1);
});

Deno.test("the house: a planted circle is found, one of types too", () => {
  for (const typesOnly of [false, true]) {
    const { circles, valueCircles } = planting("src/breaker/window/outcome.ts", {
      target: "src/breaker/window/count_window.ts",
      typesOnly,
    });
    assert.equal(circles.length, 1);
    assert(circles[0]?.includes("src/breaker/window/outcome_ring.ts"));
    assert.equal(valueCircles.length, typesOnly ? 0 : 1);
  }
});

Deno.test("the house: a planted re-export and a planted file without a floor are found", () => {
  const reexport = planting("src/log.ts", { target: "src/errors.ts", reexport: true });
  assert.equal(reexport.reexports.length, 1);
  const homeless = planting("src/utils.ts", { target: "src/errors.ts" });
  assert.deepEqual(homeless.homeless, ["src/utils.ts"]);
});

Deno.test("the house: in one where time and the document lay in other rooms, upward imports and two circles of types are found", () => {
  const graph = Object.entries(crowded).map(([file, imports]): [string, Import[]] => {
    const targets = imports === "" ? [] : imports.split(" ");
    return [
      file,
      targets.map((target) => ({
        target: target.replace(/\?$/, ""),
        typesOnly: target.endsWith("?"),
        reexport: false,
      })),
    ];
  });
  const { upward, circles, valueCircles, homeless } = inspectHouse(new Map(graph));
  assert(upward.length > 0 && homeless.length > 0);
  assert.deepEqual(circles.map(({ length }) => length).sort(), [22, 4]);
  assert.deepEqual(valueCircles, []);
});

for (
  const { statement, typesOnly, reexport } of [
    { statement: 'import { a } from "./a.ts";', typesOnly: false, reexport: false },
    { statement: 'import { type A, a } from "./a.ts";', typesOnly: false, reexport: false },
    {
      statement: 'import {\n  type A,\n  type B,\n} from "./a.ts";',
      typesOnly: true,
      reexport: false,
    },
    { statement: 'import type { A } from "./a.ts";', typesOnly: true, reexport: false },
    { statement: 'import "./a.ts";', typesOnly: false, reexport: false },
    { statement: 'const a = await import("./a.ts");', typesOnly: false, reexport: false },
    { statement: 'export { a } from "./a.ts";', typesOnly: false, reexport: true },
    { statement: 'export type { A } from "./a.ts";', typesOnly: true, reexport: true },
  ]
) {
  Deno.test(`the house reads ${statement}`, () => {
    assert.deepEqual(statementsOf(statement), [{
      specifier: "./a.ts",
      typesOnly,
      reexport,
      late: statement.includes("import("),
    }]);
  });
}

Deno.test("the house does not read what stands in a comment", () => {
  const text = '/**\n * import { a } from "./a.ts";\n */\n// import { b } from "./b.ts";\n';
  assert.deepEqual(statementsOf(text), []);
});

Deno.test("src/ is pure: no npm, no node:, no Deno, no I/O", async () => {
  for (const file of await modulesIn(ROOT, ["src"])) {
    const text = await readFile(join(ROOT, file), "utf8");
    const foreign = statementsOf(text).filter(({ specifier }) => !specifier.startsWith("."));
    assert.deepEqual(foreign, [], file);
    const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\/\/.*$/gm, "");
    assert.doesNotMatch(code, /\bDeno\.|\bprocess\.|\bfetch\(|\bBuffer\b/, file);
  }
});

Deno.test("etcd/, backends/ and integrations/ run on Deno, Node and Bun alike, and bring no client: no Deno, no npm", async () => {
  for (const file of await modulesIn(ROOT, ["etcd", "backends", "coord", "integrations"])) {
    const text = await readFile(join(ROOT, file), "utf8");
    const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\/\/.*$/gm, "");
    assert.doesNotMatch(code, /\bDeno\.\w/, file);
    const npm = statementsOf(text).filter(({ specifier, late }) =>
      !late && /^(npm|jsr|https?):/.test(specifier)
    );
    assert.deepEqual(npm, [], file);
  }
});

Deno.test("etcd/ knows nothing of policies: besides its own it imports the lowest floor alone", () => {
  const imports = [...HOUSE].filter(([file]) => file.startsWith("etcd/")).flatMap(([, to]) => to);
  const foreign = imports.map(({ target }) => target).filter((target) =>
    !target.startsWith("etcd/") && floorOf(target) !== FLOORS.length - 1
  );
  assert(imports.length > 20);
  assert.deepEqual(foreign, []);
});

Deno.test("every module can be imported", async () => {
  for (
    const file of await modulesIn(ROOT, [
      "src",
      ...TOP_ROOMS.filter((room) => room !== "examples"),
    ])
  ) {
    const module: unknown = await import(pathToFileURL(join(ROOT, file)).href);
    assert(module, file);
  }
});

Deno.test("no file holds more than 300 lines", async () => {
  const files = ["mod.ts", ...await modulesIn(ROOT, ["src", ...TOP_ROOMS])];
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
  for (const file of await modulesIn(ROOT, ["tests", "bench"])) {
    if (file === "tests/house/house_test.ts" || others.test(file)) continue;
    if (byHand.test(await readFile(join(ROOT, file), "utf8"))) found.push(file);
  }
  assert.deepEqual(found, []);
});

/** The top rooms that are there, without the programs. */
const PUBLISHED = TOP_ROOMS.filter((room) => room !== "examples" && existsSync(join(ROOT, room)));

Deno.test("every list of deno.json that names rooms names those that are there", () => {
  const { test, coverage, check } = config.tasks;
  for (const room of ["src", ...PUBLISHED]) {
    assert(config.publish.include.includes(`${room}/**/*.ts`), `publish.include lacks ${room}`);
    assert(new RegExp(`--doc .*\\s${room}\\b`).test(test.command), `task test lacks ${room}`);
    if (["cli", "integrations"].includes(room)) continue;
    assert(
      new RegExp(`include='/\\(.*\\b${room}\\b`).test(coverage.command),
      `task coverage lacks ${room}`,
    );
  }
  for (const entry of Object.values(config.exports)) {
    const path = entry.replace(/^\.\//, "").replace(/^integrations\/\w+\//, "integrations/*/");
    assert(check.command.includes(` ${path}`), `task check lacks ${path}`);
  }
});
