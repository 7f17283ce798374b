/**
 * A document for a group of names, such as `tenant-*`, was taken for the policy
 * of a breaker that is called so. It was valid, "in force", and in force for
 * nobody. So was such an entry of a collection, and a name with two stars.
 */
import assert from "node:assert/strict";
import { createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { type MemoryBackend, memoryBackend } from "../../backends/memory.ts";
import { KeptLog } from "../support/kept_log.ts";

const CONFIG = getDefaultConfig("im-gateway", "development");

function create(backend: MemoryBackend, logger = new KeptLog()): Promise<Provider> {
  return createProvider(CONFIG, { backend, logger });
}

Deno.test("R28: the document tenant-* is in force for the breaker tenant-7", async () => {
  await using provider = await create(memoryBackend({ "tenant-*": { failureThreshold: 3 } }));
  assert.equal(provider.getBreaker("tenant-7").policy.failureThreshold, 3);
  assert.equal(provider.getBreaker("other").policy.failureThreshold, 5);
});

Deno.test("R28: an entry tenant-* of breakers.json is in force for the breaker tenant-7", async () => {
  const backend = memoryBackend();
  backend.setCollection(CONFIG.policiesPath, { "tenant-*": { failureThreshold: 3 } });
  await using provider = await create(backend);
  assert.equal(provider.getBreaker("tenant-7").policy.failureThreshold, 3);
});

Deno.test("R28: a document that can be in force for nobody is refused, and says so", async () => {
  const log = new KeptLog();
  await using provider = await create(memoryBackend({ "*-tenant-*": { timeout: "2s" } }), log);
  const [document] = provider.status().documents;
  assert.equal(document?.inForce, null);
  assert.equal(document?.refused?.faults[0]?.found, 'the name "*-tenant-*"');
  assert(log.lines.some((line) => /"\*-tenant-\*"/.test(line)));
});

Deno.test("R28: a breaker that is called tenant-* can have a document of its own", async () => {
  const backend = memoryBackend({
    "tenant-*": { failureThreshold: 3 },
    "tenant-**": { failureThreshold: 4 },
  });
  await using provider = await create(backend);
  const thresholds = ["tenant-7", "tenant-*", "tenant-**"].map((name) =>
    provider.getBreaker(name).policy.failureThreshold
  );
  assert.deepEqual(thresholds, [3, 4, 3]);
});
