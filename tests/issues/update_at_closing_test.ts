/**
 * An update can be on its way when the provider is closed. Whatever the order,
 * nothing is taken in after `close` was called, and the status says `closed`.
 */
import assert from "node:assert/strict";
import { createProvider, getDefaultConfig } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

Deno.test("a provider that was closed says so, whatever was on its way", async () => {
  for (let microtasks = 0; microtasks < 20; microtasks++) {
    const clock = new ManualClock();
    const backend = new ScriptedBackend();
    backend.snapshot(entry("a", { failureThreshold: 3 }, "1"));
    const provider = await createProvider(getDefaultConfig("s", "development"), {
      backend,
      clock,
      logger: new KeptLog(),
    });
    const breaker = provider.getBreaker("a");
    await clock.tick();
    backend.snapshot(entry("a", { failureThreshold: 4 }, "2"));
    for (let i = 0; i < microtasks; i++) await Promise.resolve();
    const closing = provider.close();
    const { failureThreshold } = breaker.policy;
    await clock.tick("2s");
    await closing;
    assert.equal(provider.configStatus().backend.state, "closed", `${microtasks} microtasks`);
    assert.equal(breaker.policy.failureThreshold, failureThreshold, `${microtasks} microtasks`);
    assert.equal(clock.pendingTimers, 0);
  }
});
