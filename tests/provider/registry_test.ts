import assert from "node:assert/strict";
import v8 from "node:v8";
import vm from "node:vm";
import { createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

interface Made {
  readonly provider: Provider;
  readonly backend: ScriptedBackend;
  readonly clock: ManualClock;
  close(): Promise<void>;
}

async function make(maxBreakers: number): Promise<Made> {
  const backend = new ScriptedBackend();
  const clock = new ManualClock();
  backend.snapshot(entry("default", { window: { kind: "time", duration: "10s" } }, "1"));
  const config = getDefaultConfig("s", "development");
  const provider = await createProvider(config, {
    backend,
    clock,
    logger: new KeptLog(),
    maxBreakers,
  });
  const close = async (): Promise<void> => {
    const closed = provider.close();
    await clock.tick("1s");
    await closed;
  };
  return { provider, backend, clock, close };
}

/** Collects garbage now, and lets the registries hear of it: real time, for the collector has no clock. */
async function collectGarbage(): Promise<void> {
  v8.setFlagsFromString("--expose-gc");
  await new Promise((resolve) => setTimeout(resolve, 0));
  vm.runInNewContext("gc")();
}

/** How many breakers the provider holds that nobody else does. */
function names(provider: Provider): string[] {
  return [...provider.breakers()].map(({ name }) => name);
}

Deno.test("maxBreakers: a new name takes the place of an idle breaker, and of no other", async () => {
  const { provider, clock, close } = await make(6);
  provider.getBreaker("measured").tryAcquire()?.success();
  const inFlight = provider.getBreaker("in flight").tryAcquire();
  for (let i = 0; i < 5; i++) provider.getBreaker("open").tryAcquire()?.failure();
  provider.getBreaker("overridden").override("disabled");
  provider.getBreaker("heard").on("stateChange", () => {});
  provider.getBreaker("idle");
  const busy = ["measured", "in flight", "open", "overridden", "heard"];
  const kept = busy.map((name) => provider.getBreaker(name));
  for (let i = 0; i < 100; i++) provider.getBreaker(`new ${i}`);
  assert.deepEqual(busy.map((name) => provider.getBreaker(name)), kept);
  assert.equal(provider.getBreaker("measured").counts.calls, 1);
  assert.equal(provider.getBreaker("open").state, "open");
  assert.equal(provider.heldBreakers, 6);
  inFlight?.success();
  await clock.tick("1h");
  await close();
});

Deno.test("a breaker that lost its place but is still held is found again, and obeys its policy", async () => {
  const { provider, backend, clock, close } = await make(1);
  const first = provider.getBreaker("first");
  provider.getBreaker("second");
  assert.equal(provider.heldBreakers, 1);
  assert.equal(provider.getBreaker("first"), first);
  backend.changes([entry("first", { failureThreshold: 2 }, "1")]);
  await clock.tick();
  assert.equal(first.policy.failureThreshold, 2);
  backend.changes([entry("default", { timeout: "3s" }, "2")]);
  await clock.tick();
  assert.equal(first.policy.timeout, 3_000);
  await close();
});

Deno.test("a breaker that lost its place and is used again takes one, and is not forgotten", async () => {
  const { provider, close } = await make(2);
  for (const name of ["payments", "b", "c"]) provider.getBreaker(name);
  for (let i = 0; i < 5; i++) provider.getBreaker("payments").tryAcquire()?.failure();
  for (let i = 0; i < 5; i++) await collectGarbage();
  assert.equal(provider.getBreaker("payments").state, "open");
  assert.equal(provider.heldBreakers, 2);
  await close();
});

Deno.test("where no breaker is idle a new name still gets one, for as long as it is held", async () => {
  const { provider, close } = await make(2);
  for (const name of ["a", "b"]) provider.getBreaker(name).tryAcquire()?.failure();
  const extra = provider.getBreaker("extra");
  extra.tryAcquire()?.failure();
  assert.equal(provider.getBreaker("extra"), extra);
  assert.equal(provider.getBreaker("extra").counts.failures, 1);
  assert.deepEqual(names(provider), ["a", "b", "extra"]);
  assert.equal(provider.heldBreakers, 2);
  await close();
});

Deno.test("names from outside do not grow memory without bound", async () => {
  const { provider, close } = await make(10);
  for (let i = 0; i < 10; i++) provider.getBreaker(`busy ${i}`).tryAcquire()?.failure();
  for (let i = 0; i < 1_000; i++) provider.getBreaker(`passing ${i}`).tryAcquire()?.failure();
  assert.equal(names(provider).length, 1_010);
  for (let i = 0; i < 100 && names(provider).length > 10; i++) await collectGarbage();
  assert.equal(names(provider).length, 10);
  assert.equal(provider.heldBreakers, 10);
  await close();
});
