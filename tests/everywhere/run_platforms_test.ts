import assert from "node:assert/strict";
import { access, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { denoCommand } from "../programs/deno_command.ts";
import { Checklist } from "./checklist.ts";
import { type Platform, PlatformMissingError, type PlatformRun } from "./platform.ts";
import { checkScript, countScript } from "./platform_scripts.ts";
import { runProgram } from "./program.ts";
import { runPlatforms } from "./run_platforms.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

function platform(id: string, run: Platform["run"]): Platform {
  return { id, about: `about ${id}`, run };
}

Deno.test("platforms: one that throws fails, one that is missing is named, the others run on, in order", async () => {
  const folders: string[] = [];
  const totals = (name: string) => async ({ folder }: PlatformRun) => {
    await access(folder);
    folders.push(folder);
    return [{ name, version: "1", passed: 2, failed: 0 }];
  };
  const lines: string[] = [];
  const outcome = await runPlatforms([
    platform("a", totals("A")),
    platform("broken", () => Promise.reject(new Error("it broke"))),
    platform("missing", () => Promise.reject(new PlatformMissingError("not for this machine"))),
    platform("b", totals("B")),
  ], { jobs: 2, print: (line) => lines.push(line) });

  assert.equal(outcome.missing, 1);
  assert.deepEqual(outcome.totals.map(({ name, failed }) => [name, failed]), [
    ["A", 0],
    ["broken", 1],
    ["B", 0],
  ]);
  assert(lines.includes("FAILED broken: it broke"));
  assert(lines.includes("MISSING missing: not for this machine"));
  assert.equal(folders.length, 2);
  for (const folder of folders) await assert.rejects(access(folder), { code: "ENOENT" });
});

Deno.test("platforms: once aborted, no other begins, and the folders go when those that run have ended", async () => {
  const interruption = new AbortController();
  const begun: string[] = [];
  const lines: string[] = [];
  let parent = "";
  const running = runPlatforms([
    platform("a", async ({ folder }) => {
      begun.push("a");
      parent = dirname(folder);
      interruption.abort(new Error("enough"));
      await writeFile(join(folder, "left behind"), "");
      return [{ name: "A", version: "1", passed: 1, failed: 0 }];
    }),
    platform("b", () => {
      begun.push("b");
      return Promise.resolve([]);
    }),
  ], { jobs: 1, print: (line) => lines.push(line), signal: interruption.signal });
  await assert.rejects(running, { message: "enough" });
  assert.deepEqual(begun, ["a"]);
  assert.deepEqual(lines, ["a: about a …"]);
  await assert.rejects(access(parent), { code: "ENOENT" });
});

Deno.test({
  name: "everywhere: Ctrl-C ends it with status 130 and an empty temporary folder",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const temporary = await Deno.makeTempDir();
    const child = denoCommand({
      args: ["run", "-A", "--quiet", MAIN, "--only", "deno"],
      env: { TMPDIR: temporary },
      stdout: "piped",
      stderr: "piped",
      detached: true, // in a process group of its own, as a terminal starts it
    }).spawn();
    let said = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      if (said === "") process.kill(-child.pid, "SIGINT");
      said += text;
    }
    assert.match(said, /^deno: .* …\n$/);
    assert.equal(
      await new Response(child.stderr).text(),
      "Interrupted; the programs and all folders are gone.\n",
    );
    assert.equal((await child.status).code, 130);
    assert.deepEqual(await readdir(temporary), []);
    await Deno.remove(temporary);
  },
});

Deno.test("a script counts what its closing line says, and what it prints as failed", async (t) => {
  const project = await Deno.makeTempDir();
  const script = join(project, "tests/everywhere/on_platform/script.js");
  await Deno.mkdir(join(project, "tests/everywhere/on_platform"), { recursive: true });
  for (
    const { what, source, passed, failed } of [
      { what: "all pass", source: 'console.log("3 passed, 0 failed")', passed: 3, failed: 0 },
      {
        what: "one fails",
        source: 'console.log("FAILED x: y\\n  at z\\n2 passed, 1 failed")',
        passed: 2,
        failed: 1,
      },
      { what: "no closing line", source: "", passed: 0, failed: 1 },
      {
        what: "a failure that is not told",
        source: 'console.log("1 passed, 1 failed")',
        passed: 1,
        failed: 1,
      },
      {
        what: "it crashes",
        source: 'console.log("5 passed, 0 failed"); throw 1',
        passed: 5,
        failed: 1,
      },
    ]
  ) {
    await t.step(what, async () => {
      await writeFile(script, source);
      const list = new Checklist("t", () => {});
      const runner = { program: Deno.execPath(), args: ["run", "-A"] };
      await countScript(list, "on_platform/script.js", { runner, project });
      const totals = list.totals("t", "1");
      assert.deepEqual([totals.passed, totals.failed], [passed, failed]);
    });
  }
  for (
    const { what, source, failed } of [
      { what: "done and nothing else", source: 'console.log("done")', failed: 0 },
      { what: "more than done", source: 'console.log("done"); console.error("!")', failed: 1 },
      { what: "not done", source: "", failed: 1 },
    ]
  ) {
    await t.step(what, async () => {
      await writeFile(script, source);
      const list = new Checklist("t", () => {});
      const runner = { program: Deno.execPath(), args: ["run", "-A"] };
      await checkScript(list, "on_platform/script.js", { runner, project });
      assert.equal(list.totals("t", "1").failed, failed);
    });
  }
  await Deno.remove(project, { recursive: true });
});

Deno.test("a program that does not end is killed, and says so", async () => {
  const args = ["eval", "setInterval(() => {}, 1000); console.log('started')"];
  const { status, stderr } = await runProgram(Deno.execPath(), {
    cwd: tmpdir(),
    args,
    limitMs: 1_000,
  });
  assert.equal(status, null);
  assert.match(stderr, /Command failed/);
});

Deno.test("what npm told us of its own run does not reach the npm that we call", async () => {
  process.env["npm_config_local_prefix"] = "/nowhere";
  try {
    const args = ["eval", "console.log(Deno.env.get('npm_config_local_prefix'))"];
    const { stdout } = await runProgram(Deno.execPath(), { cwd: tmpdir(), args });
    assert.equal(stdout, "undefined\n");
  } finally {
    delete process.env["npm_config_local_prefix"];
  }
});
