import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { provideBinary } from "../servers/debian_package.ts";
import { ETCD, EtcdServer } from "../servers/etcd.ts";
import { Checklist } from "./checklist.ts";
import { JsrConsumer } from "./jsr_consumer.ts";
import type { EntryPointDocs } from "./jsr_docs.ts";
import { checkLock } from "./jsr_lock.ts";
import { type Publication, publication } from "./jsr_package.ts";
import { type JsrProgram, jsrPrograms, PROGRAM_ENV, PROGRAM_FILES } from "./jsr_programs.ts";
import { JsrRegistry } from "./jsr_registry.ts";
import { checkScore, specifierOf } from "./jsr_score.ts";
import { checkModules } from "./jsr_modules.ts";
import type { Platform, PlatformRun, PlatformTotals } from "./platform.ts";
import { portableCases, portableRunner } from "./portable_cases.ts";

const TITLE = "JSR consumer";
/** How many programs run at a time. */
const AT_ONCE = 3;

/** Runs the cases where the package was installed from JSR. */
const CASES_PROGRAM = `
import * as breaker from "@switchgear/breaker";
import { ManualClock } from "@switchgear/breaker/testing";
import { runCases } from "./runner/run_cases.js";

const files = JSON.parse(await new Response(Deno.stdin.readable).text());
const lines = [];
const library = { ...breaker, ManualClock };
const totals = runCases(files, { library, print: (line) => lines.push(line) });
console.log(JSON.stringify({ ...totals, lines }));
`;

/** A project that installs the package from a JSR, its entry points and documented examples, and JSR's score. */
export const JSR: Platform = {
  id: "jsr",
  about: "a Deno project that imports jsr:@switchgear/breaker from a registry on loopback",
  run,
};

async function run({ print, folder }: PlatformRun): Promise<PlatformTotals[]> {
  const checks = new Checklist(TITLE, print);
  let published: Publication | undefined;
  print(`${TITLE}: asking deno publish what it would upload …`);
  await checks.check("deno publish would take the package as it is", async () => {
    published = await publication();
  });
  if (published !== undefined) {
    await using registry = JsrRegistry.serve(published.package);
    const { scope, name, version } = published.package;
    const consumer = await JsrConsumer.create({
      folder,
      registry: registry.url,
      name: `@${scope}/${name}`,
      dependency: `jsr:@${scope}/${name}@^${version.split(".").slice(0, 2).join(".")}`,
    });
    await checkConsumer(checks, { published, registry, consumer, run: { print, folder } });
  }
  return [checks.totals(TITLE, `Deno ${Deno.version.deno}`)];
}

interface Scene {
  readonly published: Publication;
  readonly registry: JsrRegistry;
  readonly consumer: JsrConsumer;
  readonly run: Pick<PlatformRun, "print" | "folder">;
}

async function checkConsumer(checks: Checklist, scene: Scene): Promise<void> {
  const { published, registry, consumer, run: { print, folder } } = scene;
  const { exports, files } = published.package;
  for (const [path, text] of Object.entries(PROGRAM_FILES)) await consumer.write(path, text);
  await mkdir(join(folder, "written"));

  print(`${TITLE}: installing and type-checking …`);
  await checks.check("all entry points install and type-check", async () => {
    await consumer.mustRun(["check", ...await consumer.programs()]);
  });
  await checkPrograms(checks, scene);
  await checkCommand(checks, scene);
  await checkModules(checks, { subject: published.package, registry, consumer });
  const docs = await checkScore(checks, { publication: published, consumer });
  await checkExamples(checks, docs, scene);
  await checkCases(checks, scene);
  await checkLock(checks, { registry, consumer, lockPath: join(folder, "deno.lock") });
  await checks.check("nothing was asked for that is not published", () => {
    // What is installed as a command may bring a lock file; ours need not.
    assert.deepEqual(registry.missed.filter((path) => !path.endsWith("/deno.lock")), []);
    assert(registry.served.length > files.size, "the registry was hardly used");
    assert(Object.keys(exports).length > 0);
  });
}

/** Runs every program with the permissions that it needs, and without each of these in turn. */
async function checkPrograms(checks: Checklist, scene: Scene): Promise<void> {
  const { consumer, run: { print } } = scene;
  const etcd = await provideBinary(ETCD);
  await using server = etcd.available ? await EtcdServer.start() : undefined;
  if (!etcd.available) checks.fail("programs with etcd", etcd.reason);
  const programs = jsrPrograms({ etcd: server?.endpoint });
  await checks.check("there is a program for every entry point", async () => {
    const sources = await Promise.all((await consumer.programs()).map((f) => consumer.read(f)));
    const missing = Object.keys(scene.published.package.exports).filter((path) => {
      const name = specifierOf(scene.published.package, path).slice("jsr:".length);
      return !sources.some((source) => source.includes(`from "${name}"`));
    });
    assert.deepEqual(missing, []);
    const unused = (await consumer.programs()).filter((f) => !programs.some((p) => p.file === f));
    assert.deepEqual(etcd.available ? unused : [], []);
  });
  print(`${TITLE}: running ${programs.length} programs with and without their permissions …`);
  const queue = programs.values();
  const worker = async (): Promise<void> => {
    for (const program of queue) await checkProgram(checks, program, consumer);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function checkProgram(
  checks: Checklist,
  { file, args = [], permissions, prints }: JsrProgram,
  consumer: JsrConsumer,
): Promise<void> {
  const title = [file, ...args.slice(1)].join(" ");
  const start = (granted: readonly string[]): string[] => [
    ...["run", "--quiet", "--no-prompt", ...granted],
    file,
    ...args,
  ];
  const needs = permissions.join(" ") || "no permission";
  await checks.check(`${title} runs with ${needs}`, async () => {
    assert.equal(await consumer.mustRun(start(permissions), { env: PROGRAM_ENV }), prints);
  });
  for (const permission of permissions) {
    await checks.check(`${title} needs ${permission}`, async () => {
      const fewer = permissions.filter((other) => other !== permission);
      const { success, stderr } = await consumer.deno(start(fewer), { env: PROGRAM_ENV });
      assert(!success, "it runs without");
      assert.match(stderr, /NotCapable|Requires \w+ access/);
    });
  }
}

/** Installs the command as the README says, and runs it. */
async function checkCommand(checks: Checklist, scene: Scene): Promise<void> {
  const { consumer, published, run: { folder } } = scene;
  await checks.check("the command can be installed, and validates a folder", async () => {
    const bin = join(folder, "installed", "bin");
    await mkdir(bin, { recursive: true });
    // What is installed calls `deno` by name.
    await symlink(Deno.execPath(), join(bin, "deno"));
    const specifier = specifierOf(published.package, "./cli");
    const root = ["--root", join(folder, "installed")];
    await consumer.mustRun(["install", "-g", "-A", "-n", "switchgear", ...root, specifier]);
    const { success, stdout, stderr } = await new Deno.Command(join(bin, "switchgear"), {
      args: ["validate", "policies/"],
      cwd: folder,
      env: { ...consumer.env, PATH: `${bin}:${Deno.env.get("PATH") ?? ""}` },
      stdin: "null",
    }).output();
    const said = new TextDecoder().decode(success ? stdout : stderr);
    assert(success, said);
    assert.match(said, /1 document with 1 valid policy checked: 0 faults/);
  });
}

/** Runs the examples of the README, the guides and the module docs. */
async function checkExamples(
  checks: Checklist,
  docs: readonly EntryPointDocs[],
  { consumer, published, run: { print } }: Scene,
): Promise<void> {
  print(`${TITLE}: running the documented examples …`);
  const texts: string[] = [];
  for (const [path, bytes] of published.package.files) {
    if (!path.endsWith(".md")) continue;
    texts.push(path.slice(1));
    await consumer.write(path.slice(1), new TextDecoder().decode(bytes));
  }
  for (const { entryPoint, examples } of docs) {
    const path = `module_docs/${entryPoint.split("/").slice(1).join("_")}.md`;
    texts.push(path);
    await consumer.write(path, examples.join("\n\n"));
  }
  await checks.check("the examples of the README, the guides and the module docs run", async () => {
    const stdout = await consumer.mustRun(["test", "-A", "--parallel", "--doc", ...texts.sort()]);
    const passed = Number(stdout.match(/\| (\d+) passed \| 0 failed/)?.[1] ?? 0);
    assert(passed > docs.length / 2, `${passed} examples passed: ${stdout.slice(-500)}`);
  });
}

async function checkCases(checks: Checklist, { consumer, run: { print } }: Scene): Promise<void> {
  for (const [file, text] of await portableRunner()) await consumer.write(`runner/${file}`, text);
  await consumer.write("cases.js", CASES_PROGRAM);
  await checks.check("the conformance cases run", async () => {
    const input = JSON.stringify(await portableCases());
    const output = await consumer.mustRun(["run", "--no-prompt", "cases.js"], { input });
    const seen: { passed: number; failed: number; lines: string[] } = JSON.parse(output);
    for (const line of seen.lines) print(line);
    checks.add(seen);
    assert(seen.passed + seen.failed > 100, "these are not the cases");
  });
}
