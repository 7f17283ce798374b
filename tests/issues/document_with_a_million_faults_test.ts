import assert from "node:assert/strict";
import { createProvider, getDefaultConfig, InvalidPolicyError, parsePolicy } from "../../mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

const FAULTS = 200_000;

function hostileDocument(): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: FAULTS }, (_, i) => [`unknown${i}`, 1]));
}

Deno.test("an error about a document with many faults lists all, and spells out a hundred", () => {
  const result = parsePolicy(hostileDocument());
  assert(!result.ok);
  const error = new InvalidPolicyError("of b", result.faults);
  assert.equal(error.faults.length, FAULTS);
  assert.match(error.message, /; and 199900 more$/);
  assert(error.message.length < 100_000, `${error.message.length} characters`);
});

Deno.test("the log of a document with many faults stays short, the status has all of them", async () => {
  const backend = new ScriptedBackend();
  const logger = new KeptLog();
  backend.snapshot(entry("b", hostileDocument(), "1"), entry("good", { failureThreshold: 9 }, "1"));
  await using provider = await createProvider(getDefaultConfig("s", "production"), {
    backend,
    logger,
  });
  const line = logger.lines.find((text) => text.includes("refused"));
  assert(line !== undefined && line.length < 100_000, `${line?.length} characters`);
  assert(logger.fields.every((fields) => JSON.stringify(fields ?? {}).length < 200_000));
  assert.equal(provider.status().documents[0]?.refused?.faults.length, FAULTS);
  assert.equal(provider.getBreaker("good").policy.failureThreshold, 9);
});
