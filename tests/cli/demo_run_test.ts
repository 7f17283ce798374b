import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { denoCommand } from "../programs/deno_command.ts";
import { run } from "./captured_io.ts";

// These tests take real time: what they test is real processes, ports, files and signals.

const MAIN = fileURLToPath(new URL("../../cli/mod.ts", import.meta.url));
const LIMIT_MS = 10_000;

/** A folder that a demo takes for the system's folder of temporary files. */
async function temporaryRoot(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "switchgear-root-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function startDemo(root: string, args: readonly string[]): Deno.ChildProcess {
  return denoCommand({
    args: ["run", "-A", MAIN, "demo", "--fast", ...args],
    env: { TMPDIR: root },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("demo: --fast shows the transitions and the comparison, and leaves nothing behind", async () => {
  await using root = await temporaryRoot();
  const startedAt = performance.now();
  const { code, stdout, stderr } = await startDemo(root.path, []).output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(code, 0, text);
  assert.ok(performance.now() - startedAt < LIMIT_MS);
  assert.match(text, /file edited +failureThreshold 10 -> 5\n/);
  assert.match(text, /policy in force +failureThreshold 10 -> 5, \d+ ms later\n/);
  assert.match(
    text,
    /closed -> open +failureThreshold 5 reached 5, last failure Error: The service answered with status 500\n/,
  );
  assert.match(text, /policy in force +openStateTimeout 1\.2s -> 300ms, \d+ ms later\n/);
  assert.match(text, /half-open -> open +the probe ran into its time limit\n/);
  assert.match(text, /half-open -> closed +enough probes succeeded\n/);
  assert.match(text, /latency p99 +\d+ ms +\d+ ms\n/);
  assert.match(text, /spared: \d+ of \d+ calls/);
  assert.equal(text.match(/^ {2}yes {2}/gm)?.length, 4);
  assert.ok(!text.includes("\x1b"), "no escape sequences where the output is no terminal");
  assert.deepEqual(await readdir(root.path), []);
});

// In this process, so that the sanitizers see what it would leave behind.
Deno.test("demo: --json prints the closing report and nothing else", async () => {
  const { status, stdout, stderr } = await run(["demo", "--fast", "--json"]);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  const report = JSON.parse(stdout);
  assert.equal(report.passed, true);
  assert.ok(report.inTrouble.spared > report.inTrouble.guarded);
  assert.ok(report.callers.guarded.waitedMs < report.callers.bare.waitedMs);
  assert.equal(
    report.transitions[0].reason,
    "failureThreshold 5 reached 5, last failure Error: The service answered with status 500",
  );
});

const SIGNALS = [
  { signal: "SIGINT", status: 130 },
  { signal: "SIGTERM", status: 143 },
] as const;

for (const { signal, status } of SIGNALS) {
  Deno.test({
    name:
      `demo: ${signal} in mid-run ends it with status ${status}, its folder gone, its port closed`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await using root = await temporaryRoot();
      const demo = startDemo(root.path, []);
      const output = demo.stdout.pipeThrough(new TextDecoderStream());
      let text = "";
      for await (const chunk of output) {
        const wasRunning = text.includes(" s  closed");
        text += chunk;
        if (wasRunning || !text.includes(" s  closed")) continue;
        assert.equal((await readdir(root.path)).length, 1);
        const answer = await fetch(urlIn(text));
        assert.equal(await answer.text(), "in stock\n");
        demo.kill(signal);
      }
      const stderr = await new Response(demo.stderr).text();
      assert.equal((await demo.status).code, status);
      assert.match(stderr, /^Interrupted; /);
      assert.doesNotMatch(text, /What callers saw/);
      assert.deepEqual(await readdir(root.path), []);
      await assert.rejects(fetch(urlIn(text)), TypeError);
    },
  });
}

function urlIn(text: string): string {
  return /http:\/\/127\.0\.0\.1:\d+\//.exec(text)?.[0] ?? assert.fail(`no address in ${text}`);
}
