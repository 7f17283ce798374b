/** `guard` took `holdAfter` by its type, and refused it as an unknown option. */
import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { guard } from "../../integrations/guard/mod.ts";
import { createProvider, getDefaultConfig } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { SILENT } from "../support/silent_logger.ts";

Deno.test("guard asks holdAfter for how long a failure wants the dependency left alone", async () => {
  const clock = new ManualClock();
  await using provider = await createProvider(getDefaultConfig("shop", "development"), {
    backend: memoryBackend({ db: { failureThreshold: 1, openStateTimeout: "1s" } }),
    clock,
    logger: SILENT,
  });
  const client = { find: () => Promise.reject(new Error("busy")) };
  const guarded = guard(client, provider, { name: "db", methods: ["find"], holdAfter: () => "1m" });
  await assert.rejects(guarded.find(), /busy/);
  await clock.tick("2s");
  await assert.rejects(guarded.find(), { code: "BREAKER_OPEN", reason: "held" });
});

Deno.test("guard refuses a holdAfter that is no function", async () => {
  await using provider = await createProvider(getDefaultConfig("shop", "development"), {
    backend: memoryBackend(),
  });
  const holdAfter: unknown = "1m";
  const options = { name: "db", holdAfter: holdAfter as undefined };
  assert.throws(() => guard({}, provider, options), /"holdAfter" must be a function/);
});
