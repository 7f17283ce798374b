import assert from "node:assert/strict";
import process from "node:process";
import { denoCommand } from "../programs/deno_command.ts";
import { FaultServer } from "./fault_server.ts";
import { BODY, SERVER_FAULTS, type ServerFault } from "./server_faults.ts";

/** What a client sees of each fault: a status and whether the body came, or what its fetch failed with. */
const SEEN: Readonly<Record<ServerFault, RegExp>> = {
  answer: /^200 whole$/,
  fail: /^503 whole$/,
  hang: /^none TimeoutError$/,
  reset: /^none TypeError .*reset/,
  cut: /^200 TypeError /,
  slow: /^200 whole$/,
  trickle: /^200 whole$/,
};

async function see(url: string, client: Deno.HttpClient): Promise<string> {
  let status = "none";
  try {
    const response = await fetch(url, { client, signal: AbortSignal.timeout(1_000) });
    status = `${response.status}`;
    return `${status} ${await response.text() === BODY ? "whole" : "broken"}`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const cause = error.cause instanceof Error ? ` ${error.cause.message}` : "";
    return `${status} ${error.name}${error.name === "TypeError" ? cause || " " : ""}`;
  }
}

Deno.test("fault server: a client sees of each fault what it is, and the server counts it", async () => {
  const server = await FaultServer.start();
  const client = Deno.createHttpClient({});
  const seen: Partial<Record<ServerFault, string>> = {};
  for (const fault of SERVER_FAULTS) seen[fault] = await see(server.url(fault), client);
  client.close();
  const counts = await server.close();
  for (const fault of SERVER_FAULTS) {
    assert.match(seen[fault] ?? "", SEEN[fault], fault);
    // A client may send again what was reset on a connection that it had kept.
    assert(fault === "reset" ? (counts[fault] ?? 0) >= 1 : counts[fault] === 1, fault);
  }
});

/** A soak in small: it has a server, and asks it once more when it is interrupted. */
const INTERRUPTED = `
  import { FaultServer } from ${JSON.stringify(new URL("fault_server.ts", import.meta.url).href)};
  const interrupted = Promise.withResolvers();
  Deno.addSignalListener("SIGINT", interrupted.resolve);
  const server = await FaultServer.start();
  console.log("started");
  await interrupted.promise;
  const response = await fetch(server.url("answer"));
  await response.text();
  const { answer } = await server.close();
  console.log(response.status, answer);
  Deno.exit();
`;

Deno.test({
  name: "fault server: Ctrl-C, which reaches the whole process group, leaves its end to the soak",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const child = denoCommand({
      args: ["eval", INTERRUPTED],
      stdout: "piped",
      stderr: "piped",
      detached: true, // in a process group of its own, as a terminal starts it
    }).spawn();
    let said = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (said === "started\n") process.kill(-child.pid, "SIGINT");
    }
    assert.equal(await new Response(child.stderr).text(), "");
    assert.equal(said, "started\n200 1\n");
    assert.equal((await child.status).code, 0);
  },
});
