/** A store of last known good policies on a disk that hangs must not keep a process from ending. */
import assert from "node:assert/strict";
import { createProvider, getDefaultConfig } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

Deno.test("closing waits 5 s for a last known good store that hangs, and no longer", async () => {
  const clock = new ManualClock();
  const backend = new ScriptedBackend();
  backend.snapshot(entry("a", { failureThreshold: 3 }, "1"));
  const store = new MemoryStore();
  store.save = () => new Promise(() => {});
  const log = new KeptLog();
  const provider = await createProvider(getDefaultConfig("s", "development"), {
    backend,
    clock,
    logger: log,
    lastKnownGood: store,
  });
  let isClosed = false;
  const closing = provider.close().then(() => isClosed = true);
  await clock.tick("4999ms");
  assert.equal(isClosed, false);
  await clock.tick("1ms");
  assert.equal(isClosed, true);
  await closing;
  assert.equal(clock.pendingTimers, 0);
  assert(log.lines.some((line) => line.startsWith("warn: Last known good state: No answer")));
});
