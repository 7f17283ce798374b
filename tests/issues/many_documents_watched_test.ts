import assert from "node:assert/strict";
import { configCentre } from "../../mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import { ManualClock } from "../../src/testing/mod.ts";

Deno.test("a config centre watches more documents than a call takes arguments", async () => {
  const documents = 150_000;
  const policies = Object.fromEntries(Array.from({ length: documents }, (_, i) => [`b${i}`, {}]));
  const centre = configCentre(memoryBackend(policies), "/config/");
  let events = 0;
  for await (const _event of centre.watch({ clock: new ManualClock() })) {
    if (++events === documents) break;
  }
  assert.equal(events, documents);
});
