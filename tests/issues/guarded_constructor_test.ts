import assert from "node:assert/strict";
import { createProvider, getDefaultConfig } from "../../mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import { guard } from "../../integrations/guard/mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";

class Client {
  get(): Promise<string> {
    return Promise.resolve("value");
  }
}

Deno.test("a guarded client has the constructor of the client itself", async () => {
  await using provider = await createProvider(getDefaultConfig("s", "development"), {
    backend: memoryBackend(),
    clock: new ManualClock(),
  });
  const client = guard(new Client(), provider, { name: "client" });
  assert.equal(client.constructor, Client);
  assert(client instanceof Client);
  assert.equal(await client.get(), "value");
});
