// Real processes and signals, with waits of some milliseconds for the system to deliver them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { denoCommand } from "../programs/deno_command.ts";
import { until } from "../support/until.ts";
import { ServerProcess } from "./server_process.ts";

function shell(script: string): ServerProcess {
  return new ServerProcess({ path: "/bin/sh", args: ["-c", script] });
}

/** The system's letter for a process: S sleeping, T stopped; empty: it is gone. */
async function stateOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  return state === "Z" ? "" : state;
}

Deno.test("server process: both its outputs are drained, and the end of them is kept", async () => {
  await using server = shell("yes first | head -c 300000; echo oops >&2; exit 3");
  assert.equal((await server.ended).code, 3);
  assert.equal(server.running, false);
  assert.match(server.log, /oops/);
  assert(server.log.length <= 8_192);
});

Deno.test("server process: it is given its own environment only", async () => {
  await using server = new ServerProcess({
    path: "/bin/sh",
    args: ["-c", 'echo "[$SET$HOME]"'],
    env: { SET: "set" },
  });
  await server.ended;
  assert.equal(server.log, "[set]");
});

Deno.test("server process: stop asks, and a paused one hears it too", async () => {
  await using server = shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done");
  await until(() => server.log === "ready", "ready");
  await server.pause();
  assert.equal(await stateOf(server.pid), "T");
  await server.stop();
  assert.equal((await server.ended).code, 7);
});

Deno.test("server process: one that does not stop is killed, and that is an error", async () => {
  await using server = shell("trap '' TERM; echo stubborn; while :; do sleep 0.01; done");
  await until(() => server.log === "stubborn", "ready");
  await assert.rejects(server.stop(50), /did not stop within 50 ms: stubborn/);
  assert.equal((await server.ended).signal, "SIGKILL");
});

Deno.test("server process: a paused one does nothing until it is resumed", async () => {
  await using server = shell("while :; do echo tick; sleep 0.005; done");
  await until(() => server.log.length > 0, "ticking");
  await server.pause();
  assert.equal(await stateOf(server.pid), "T");
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { length } = server.log;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(server.log.length, length);
  server.resume();
  await until(() => server.log.length > length, "ticking again");
});

Deno.test("server process: what it has started is paused, resumed and killed with it", async () => {
  await using server = shell("sleep 60 & echo $!; wait");
  await until(() => server.log.length > 0, "started");
  const child = Number(server.log);
  await server.pause();
  assert.equal(await stateOf(child), "T");
  server.resume();
  await until(async () => await stateOf(child) === "S", "resumed");
  await server.kill();
  await until(async () => await stateOf(child) === "", "killed");
});

Deno.test("server process: what has ended can be killed and stopped again, not paused", async () => {
  await using server = shell("exit 0");
  await server.ended;
  await server.kill();
  await server.stop();
  await assert.rejects(server.pause(), /Cannot pause a server that has ended/);
});

Deno.test("server process: it does not outlive a parent that is killed", async () => {
  const url = new URL("./server_process.ts", import.meta.url).href;
  const script = `
    import { ServerProcess } from ${JSON.stringify(url)};
    const server = new ServerProcess({ path: "/bin/sleep", args: ["60"] });
    console.log(server.pid);
    await server.ended;
  `;
  const parent = denoCommand({
    args: ["run", "-A", "--no-check", `data:application/typescript,${encodeURIComponent(script)}`],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = parent.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const pid = Number((await output.read()).value);
  await output.cancel();
  assert.match(await stateOf(pid), /[SR]/);
  parent.kill("SIGKILL");
  await parent.status;
  await until(async () => await stateOf(pid) === "", "the server is gone");
});
