// Real processes and a real etcd: this test takes the seconds that the demo takes.
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { denoCommand } from "../programs/deno_command.ts";
import { ETCD } from "../servers/etcd.ts";
import { serverTests } from "../servers/server_tests.ts";

const DEMO = fileURLToPath(new URL("../../examples/etcd/demo.ts", import.meta.url));
const LIMIT_MS = 20_000;

const test = await serverTests(ETCD);

test("demo:etcd: --fast shows that the outage disturbs nothing and the edit after it is obeyed", async () => {
  const root = await mkdtemp(join(tmpdir(), "switchgear-root-"));
  try {
    const startedMs = performance.now();
    const { code, stdout, stderr } = await denoCommand({
      args: ["run", "-A", "--quiet", DEMO, "--fast"],
      env: { TMPDIR: root },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const tookMs = performance.now() - startedMs;
    const text = new TextDecoder().decode(stdout);
    assert.equal(new TextDecoder().decode(stderr), "", text);
    assert.equal(code, 0, text);
    assert.ok(tookMs < LIMIT_MS, `took ${tookMs.toFixed(0)} ms`);
    assert.match(text, /policy in force: failureThreshold 10 -> 5\n/);
    assert.match(text, /with breaker, etcd down +[1-9]\d* /);
    assert.match(text, /provider\.status\(\): stale, unreachable for \d+\.\d s: /);
    assert.match(
      text,
      /0 changes while etcd was down; failureThreshold 5 reached 5, last failure Error: The service answered with status 500; open for 600ms/,
    );
    assert.match(text, /policy in force: openStateTimeout 600ms -> 300ms\n/);
    assert.match(text, /in force \d+ ms after the command was given; open for 300ms/);
    assert.equal(text.match(/^ {2}yes {2}/gm)?.length, 4, text);
    assert.deepEqual(await readdir(root), []);
    const pid = /as process (\d+)\n/.exec(text)?.[1];
    assert.ok(pid !== undefined);
    assert.throws(() => process.kill(Number(pid), 0), { code: "ESRCH" });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

for (
  const { args, status, said } of [
    { args: ["--help"], status: 0, said: /^Usage: deno task demo:etcd [^]*--fast[^]*--transport/ },
    { args: ["-h"], status: 0, said: /^Usage: / },
    { args: ["--fsat"], status: 2, said: /^Unknown option '--fsat'[^]*\nUsage: / },
    { args: ["--transport", "smoke"], status: 2, said: /^Unknown transport "smoke"\n/ },
  ]
) {
  Deno.test(`demo:etcd: ${args.join(" ")} runs nothing and exits with ${status}`, async () => {
    const { code, stdout, stderr } = await denoCommand({
      args: ["run", "-A", "--quiet", DEMO, ...args],
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.match((status === 0 ? out : err) ?? "", said);
    assert.equal(status === 0 ? err : out, "");
    assert.equal(code, status);
  });
}
