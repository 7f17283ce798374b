import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { denoCommand } from "../programs/deno_command.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What the exploration and the conformance runner are made of. */
const PARTS = [
  ...["deno.json", "mod.ts", "src", "backends", "cli"],
  ...["tests/conformance", "tests/explore", "tests/model", "tests/support"],
];

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program of the tree in `root`. */
async function run(root: string, program: string, ...args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await denoCommand({
    args: ["run", "-A", "--no-lock", join(root, program), ...args],
    cwd: root,
  }).output();
  const text = new TextDecoder();
  return { status: code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** A folder that is gone when the test ends. */
async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "explore-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Copies the tree and makes every deadline of an open breaker late by a nanosecond. */
async function plantFault(folder: string): Promise<void> {
  for (const part of PARTS) await cp(join(ROOT, part), join(folder, part), { recursive: true });
  const file = join(folder, "src/breaker/state/open.ts");
  const source = await readFile(file, "utf8");
  const planted = source.replace("return state.since + ", "return 1 + state.since + ");
  assert.notEqual(planted, source, "the line that the fault goes into is no more");
  await writeFile(file, planted);
}

Deno.test("an off-by-one in the source is printed as a case, which fails there and passes here", async () => {
  await using folder = await temporaryFolder();
  await plantFault(folder.path);
  const found = await run(folder.path, "tests/explore/main.ts", "--scope", "fractions");
  assert.equal(found.status, 1, found.err);
  assert.match(found.out, /, 1 differences\n$/);
  const [text] = /^\[\{"name"[^]*?^\]\}\]$/m.exec(found.out) ?? [];
  assert(text !== undefined, found.out);
  const file = join(folder.path, "case.json");
  await writeFile(file, text);
  const there = await run(folder.path, "tests/conformance/main.ts", file);
  assert.equal(there.status, 1, there.err);
  assert.match(
    there.out,
    /^FAILED[^]*state is "open", expected "half-open"[^]*^0 passed, 1 failed$/m,
  );
  const here = await run(ROOT, "tests/conformance/main.ts", file);
  assert.equal(here.out.trim(), "1 passed, 0 failed");
  assert.equal(here.status, 0);
});

Deno.test("the command says what it went through, and fails where that is less than demanded", async () => {
  const args = ["--scope", "probes", "--scope", "modes", "--depth", "5"];
  const closing = /^(\d+) distinct states, \d+ steps, depth 5 to 5, \d+ seconds, 0 differences$/m;
  const enough = await run(ROOT, "tests/explore/main.ts", ...args, "--states", "400");
  assert.equal(enough.status, 0, enough.err);
  const [, states] = closing.exec(enough.out) ?? [];
  assert(Number(states) >= 400, enough.out);
  assert.match(enough.err, /probes: \d+ distinct states, \d+ steps, every sequence of 4 events\n/);
  const tooFew = await run(ROOT, "tests/explore/main.ts", ...args, "--states", "1000000");
  assert.equal(tooFew.status, 1);
  assert.match(tooFew.err, /fewer than the 1000000 demanded/);
});

Deno.test("the command ends after the time it is given, though the scope has no end", async () => {
  const args = ["--scope", "everything", "--minutes", "0.01"];
  const ended = await run(ROOT, "tests/explore/main.ts", ...args);
  assert.equal(ended.status, 0, ended.err);
  assert.match(ended.out, /^\d+ distinct states, \d+ steps, depth \d+ to \d+, \d+ seconds, 0/m);
});

Deno.test({
  name: "an interrupted command says what it went through so far, and exits with 130",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const child = denoCommand({
      args: ["run", "-A", "--quiet", join(ROOT, "tests/explore/main.ts"), "--minutes", "60"],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const out = new Response(child.stdout).text();
    let err = "";
    let isInterrupted = false;
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      err += text;
      if (isInterrupted || !err.includes("every sequence of 3 events\n")) continue;
      isInterrupted = true;
      child.kill("SIGINT");
    }
    const [, states] = /^(\d+) distinct states, \d+ steps, depth .* 0 differences\n$/m
      .exec(await out) ?? [];
    assert(Number(states) > 0, `${await out}${err}`);
    assert.match(err, /\nInterrupted\n$/);
    assert.equal((await child.status).code, 130);
  },
});

const MISUSES: readonly (readonly [args: string[], says: RegExp])[] = [
  [["--scope", "nothing"], /There is no scope "nothing", only "everything in time", /],
  [["--depth", "0"], /--depth must be a positive number, received "0"/],
  [["--states", "1.5"], /--states must be a positive number, received "1.5"/],
  [["--fast"], /Unknown option '--fast'/],
];

for (const [args, says] of MISUSES) {
  Deno.test(`the command refuses ${args.join(" ")}`, async () => {
    const { status, err } = await run(ROOT, "tests/explore/main.ts", ...args);
    assert.match(err, says);
    assert.equal(status, 2);
  });
}

Deno.test("the command says how it is used", async () => {
  const { status, out } = await run(ROOT, "tests/explore/main.ts", "--help");
  assert.equal(status, 0);
  assert.match(out, /--minutes N[^]*\n {2}probes {15}all {2}R9 to R11/);
});
