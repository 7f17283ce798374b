// Real sockets: that a port is free is known to the system alone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { freePort, freePorts } from "./free_port.ts";

Deno.test("free ports: each is handed out once, and can be listened on", () => {
  const ports = [...freePorts(20), freePort()];
  assert.equal(new Set(ports).size, 21);
  for (const port of ports) Deno.listen({ hostname: "127.0.0.1", port }).close();
});

Deno.test("free ports: none is one that the system gives to outgoing connections", async () => {
  const path = "/proc/sys/net/ipv4/ip_local_port_range";
  const range = await readFile(path, "utf8").catch(() => "32768 60999");
  const first = Math.max(parseInt(range, 10), 14_000);
  assert(freePorts(20).every((port) => port > 1_024 && port < first));
});

Deno.test("free ports: more than there are is an error, and holds none back", () => {
  assert.throws(() => freePorts(201), /Cannot find 201 free ports/);
});
