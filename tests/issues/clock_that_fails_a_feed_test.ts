/** A clock that throws for a while stops time; it must not end the feed, nor make the status throw. */
import assert from "node:assert/strict";
import { createProvider, getDefaultConfig } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

class FailingClock extends ManualClock {
  fails = false;
  override now(): number {
    if (this.fails) throw new Error("no time");
    return super.now();
  }
}

Deno.test("a feed outlives a clock that throws while the backend is lost", async () => {
  const clock = new FailingClock();
  const backend = new ScriptedBackend();
  backend.snapshot(entry("a", { failureThreshold: 3 }, "1"));
  await using provider = await createProvider(getDefaultConfig("s", "development"), {
    backend,
    clock,
    logger: new KeptLog(),
  });
  clock.fails = true;
  backend.fail("gone");
  await clock.tick();
  assert.equal(provider.status().backend.state, "stale");
  clock.fails = false;
  backend.snapshot(entry("a", { failureThreshold: 7 }, "2"));
  await clock.tick("1s");
  assert.equal(provider.status().backend.state, "fresh");
  assert.equal(provider.getBreaker("a").policy.failureThreshold, 7);
});

Deno.test("a feed whose clock gives no timers any more ends, and the status says why", async () => {
  const clock = new ManualClock();
  const backend = new ScriptedBackend();
  backend.snapshot();
  await using provider = await createProvider(getDefaultConfig("s", "development"), {
    backend,
    clock,
    logger: new KeptLog(),
  });
  clock.setTimeout = () => {
    throw new Error("no timers");
  };
  backend.fail("gone");
  await clock.tick();
  const { state, lastError } = provider.status().backend;
  assert.deepEqual([state, lastError], ["stale", "no timers"]);
});
