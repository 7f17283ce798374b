import assert from "node:assert/strict";
import { createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import type { CallWatcher } from "../../src/breaker/events/call_watcher.ts";
import { outcomeOf } from "../../src/breaker/window/outcome.ts";
import { watchBreakers } from "../../src/provider/provider.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

interface Made extends AsyncDisposable {
  readonly provider: Provider;
  readonly backend: ScriptedBackend;
  readonly clock: ManualClock;
  readonly logger: KeptLog;
}

async function make(maxBreakers: number = 10): Promise<Made> {
  const backend = new ScriptedBackend();
  const clock = new ManualClock();
  const logger = new KeptLog();
  backend.snapshot(entry("default", { failureThreshold: 1 }, "1"));
  const config = getDefaultConfig("s", "development");
  const provider = await createProvider(config, { backend, clock, logger, maxBreakers });
  return {
    provider,
    backend,
    clock,
    logger,
    [Symbol.asyncDispose]: async () => {
      const closed = provider.close();
      await clock.tick("1s");
      await closed;
    },
  };
}

/** Notes the breaker and what was told of it. */
function noting(lines: string[]): (core: { readonly name: string }) => CallWatcher {
  return ({ name }) => ({
    settled: ({ bits }) => lines.push(`${name}: ${outcomeOf(bits)}`),
    happened: ({ kind }) => lines.push(`${name}: ${kind}`),
  });
}

Deno.test("each breaker of a provider is watched, also one that is made later, each by a watcher of its own", async () => {
  await using made = await make();
  const { provider, backend, clock } = made;
  const lines: string[] = [];
  provider.getBreaker("early");
  const end = watchBreakers(provider, noting(lines));
  for (const name of ["early", "late"]) provider.getBreaker(name).tryAcquire()?.success();
  provider.getBreaker("late").tryAcquire()?.failure();
  backend.changes([entry("default", { failureThreshold: 2 }, "2")]);
  await clock.tick();
  assert.equal(provider.getBreaker("early").policy.failureThreshold, 2);
  assert.deepEqual(lines, [
    "early: success",
    "late: success",
    "late: failure",
    "late: draw",
    "early: policy",
  ]);
  end();
  lines.length = 0;
  provider.getBreaker("early").reset();
  provider.getBreaker("later").reset();
  assert.deepEqual(lines, []);
  assert.equal(coreOf(provider.getBreaker("early")).watch, undefined);
});

Deno.test("a breaker that is restored is watched from before the snapshot on", async () => {
  await using made = await make();
  const { provider } = made;
  const lines: string[] = [];
  provider.getBreaker("source").tryAcquire()?.failure();
  const snapshot = { ...provider.getBreaker("source").snapshot(), name: "restored" };
  watchBreakers(provider, noting(lines));
  assert.equal(provider.restore(snapshot).state, "open");
  assert.deepEqual(lines, ["restored: restore"]);
});

Deno.test("watching keeps no breaker: an idle one makes room, and is watched again when it comes back", async () => {
  await using made = await make(1);
  const { provider } = made;
  let watchers = 0;
  watchBreakers(provider, () => {
    watchers++;
    return {};
  });
  const first = provider.getBreaker("first");
  provider.getBreaker("second");
  assert.equal(provider.heldBreakers, 1);
  assert.equal(provider.getBreaker("first"), first); // it is held here
  assert.equal(watchers, 2);
});

Deno.test("what makes watchers may fail: that is reported, and the breaker is there", async () => {
  await using made = await make();
  const { provider, logger } = made;
  provider.getBreaker("early");
  watchBreakers(provider, () => {
    throw new Error("no watcher");
  });
  for (const name of ["early", "late"]) {
    assert.equal(provider.getBreaker(name).doSync(() => "done"), "done");
  }
  assert.deepEqual(logger.lines.filter((line) => line.startsWith("error")), [
    'error: Breaker "early": cannot be watched',
    'error: Breaker "late": cannot be watched',
  ]);
});

Deno.test("a breaker that a listener makes while watching begins is watched once", async () => {
  await using made = await make();
  const { provider, clock } = made;
  provider.getBreaker("early").tryAcquire()?.failure();
  provider.on("stateChange", () => provider.getBreaker("made by a listener"));
  clock.advance("1h"); // half-open is due, and watching looks
  const lines: string[] = [];
  watchBreakers(provider, noting(lines));
  provider.getBreaker("made by a listener").tryAcquire()?.success();
  assert.deepEqual(lines, ["made by a listener: success"]);
});
