// Real processes, with the milliseconds that a shell takes to start.
import assert from "node:assert/strict";
import { mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalServer, startNew } from "./local_server.ts";
import type { ServerCommand } from "./server_process.ts";

/** A server that runs a script of the shell, and is ready once that has written `ready`. */
class ShellServer extends LocalServer {
  readonly folder: string;
  script: string;

  private constructor(script: string, folder: string, startDeadlineMs: number) {
    super({ title: "Shell", folder, startDeadlineMs });
    this.folder = folder;
    this.script = script;
  }

  static async create(script: string, startDeadlineMs = 10_000): Promise<ShellServer> {
    const folder = await mkdtemp(join(tmpdir(), "switchgear-shell-"));
    return new ShellServer(script, folder, startDeadlineMs);
  }

  protected override command(): ServerCommand {
    return { path: "/bin/sh", args: ["-c", this.script] };
  }

  protected override isReady(): Promise<boolean> {
    return Promise.resolve(this.log.includes("ready"));
  }
}

const READY = "echo ready; while :; do sleep 0.01; done";

Deno.test("local server: it is ready when it is started, and can be started again once it ended", async () => {
  await using server = await startNew(await ShellServer.create(READY));
  assert.equal(server.running, true);
  await assert.rejects(server.start(), /This Shell is running already/);
  await server.kill();
  assert.equal(server.running, false);
  await server.start();
  await server.stop();
  assert.equal(server.running, false);
});

Deno.test("local server: each start asks what to run", async () => {
  await using server = await startNew(await ShellServer.create(READY));
  await server.kill();
  server.script = `echo again; ${READY}`;
  await server.start();
  assert.match(server.log, /^again/);
});

for (
  const { script, deadlineMs, message } of [
    {
      script: "echo no room; exit 1",
      deadlineMs: 10_000,
      message: /^Shell ended while it started: no room$/,
    },
    {
      script: "while :; do sleep 0.01; done",
      deadlineMs: 50,
      message: /^Shell was not ready within 50 ms: $/,
    },
  ]
) {
  Deno.test(`local server: a new one that fails to start leaves nothing behind (${script})`, async () => {
    const server = await ShellServer.create(script, deadlineMs);
    await assert.rejects(startNew(server), { message });
    assert.equal(server.running, false);
    await assert.rejects(stat(server.folder), { code: "ENOENT" });
  });
}

Deno.test("local server: its folder stays from start to start, and goes with it", async () => {
  const server = await startNew(await ShellServer.create(READY));
  await writeFile(join(server.folder, "data"), "");
  await server.kill();
  await server.start();
  assert.deepEqual(await readdir(server.folder), ["data"]);
  await server[Symbol.asyncDispose]();
  assert.equal(server.running, false);
  await assert.rejects(stat(server.folder), { code: "ENOENT" });
});

Deno.test("local server: one that was never started cannot be paused", async () => {
  await using server = await ShellServer.create(READY);
  await assert.rejects(server.pause(), /Cannot pause this Shell: it was never started/);
});
