import assert from "node:assert/strict";
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
