/**
 * A backend may hand over an update that is none. It is refused whole: what stands
 * in it beside the fault is neither taken for known nor lost, but comes into force with
 * the next update that can be read.
 */
import assert from "node:assert/strict";
import { type ConfigEntry, createProvider, getDefaultConfig } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

const BROKEN: Record<string, unknown> = {
  "without a text": { kind: "policy", name: "b", source: "b.json", revision: "1" },
  "whose text is a number": { ...entry("b", {}, "1"), text: 5 },
  "that is null": null,
};

for (const [what, broken] of Object.entries(BROKEN)) {
  Deno.test(`an entry ${what} does not hide what came with it`, async () => {
    const clock = new ManualClock();
    const backend = new ScriptedBackend();
    backend.snapshot(entry("a", { failureThreshold: 3 }, "1"));
    await using provider = await createProvider(getDefaultConfig("s", "development"), {
      backend,
      clock,
      logger: new KeptLog(),
    });
    const breaker = provider.getBreaker("a");
    backend.snapshot(entry("a", { failureThreshold: 9 }, "2"), broken as ConfigEntry);
    await clock.tick();
    const { backend: feed, documents } = provider.configStatus();
    assert.equal(feed.state, "stale");
    assert.deepEqual(documents.map(({ inForce }) => inForce?.revision), ["1"]);
    assert.equal(breaker.policy.failureThreshold, 3);
    backend.snapshot(entry("a", { failureThreshold: 9 }, "2"));
    await clock.tick("1s");
    assert.equal(provider.configStatus().backend.state, "fresh");
    assert.equal(breaker.policy.failureThreshold, 9);
  });
}

Deno.test("a backend that hands over nothing but what cannot be read is asked ever less often", async () => {
  const clock = new ManualClock();
  const backend = new ScriptedBackend();
  backend.snapshot();
  const log = new KeptLog();
  await using provider = await createProvider(getDefaultConfig("s", "development"), {
    backend,
    clock,
    logger: log,
    random: () => 0,
  });
  for (let i = 0; i < 100; i++) backend.snapshot(...[null as unknown as ConfigEntry]);
  await clock.tick("1m");
  assert(backend.begun > 10 && backend.begun < 25, `${backend.begun} watches in a minute`);
  assert.equal(log.lines.filter((line) => line.startsWith("warn")).length, 1);
  assert.equal(provider.configStatus().backend.state, "stale");
});
