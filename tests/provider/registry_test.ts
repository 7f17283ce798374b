import assert from "node:assert/strict";
import { createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { collectGarbage } from "../support/collect_garbage.ts";
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

/** The names of all breakers that there are: first those that the provider holds. */
function names(provider: Provider): string[] {
  return [...provider.breakers()].map(({ name }) => name);
}

/** The names of the breakers that the provider itself holds. */
function held(provider: Provider): string[] {
  return names(provider).slice(0, provider.heldBreakers).sort();
}

Deno.test("maxBreakers: a new name takes the place of a closed breaker, and of none that is in use", async () => {
  const { provider, clock, close } = await make(6);
  const inFlight = provider.getBreaker("in flight").tryAcquire();
  for (let i = 0; i < 5; i++) provider.getBreaker("open").tryAcquire()?.failure();
  provider.getBreaker("overridden").override("disabled");
  provider.getBreaker("held").hold("1h");
  provider.getBreaker("heard").on("stateChange", () => {});
  const used = ["heard", "held", "in flight", "open", "overridden"];
  for (let i = 0; i < 100; i++) {
    provider.getBreaker(`new ${i}`).doSync(() => {});
    assert.deepEqual(held(provider), [...used, `new ${i}`].sort());
  }
  inFlight?.success();
  await clock.tick("1h");
  await close();
});

Deno.test("who gives way: the unused, then those without failures, then the others, the least recently used first", async () => {
  const { provider, close } = await make(5);
  for (const name of ["failing", "failing later"]) {
    provider.getBreaker(name).tryAcquire()?.failure();
  }
  for (const name of ["used", "unused", "used again"]) provider.getBreaker(name);
  for (const name of ["used again", "used", "used again"]) {
    provider.getBreaker(name).doSync(() => {});
  }
  const gone: string[] = [];
  let before = held(provider);
  for (let i = 0; i < 5; i++) {
    // In use, so that it does not give way itself.
    provider.getBreaker(`new ${i}`).hold("1m");
    const now = held(provider);
    gone.push(...before.filter((name) => !now.includes(name)));
    before = now;
  }
  assert.deepEqual(gone, ["unused", "used", "used again", "failing", "failing later"]);
  const { evicted, evictedWithFailures } = provider.status().places;
  assert.deepEqual([evicted, evictedWithFailures], [3, 2]);
  await close();
});

Deno.test("what was held beyond maxBreakers makes room again when it is used no more", async () => {
  const { provider, clock, close } = await make(2);
  for (const name of ["a", "b", "c", "d"]) provider.getBreaker(name).hold("1s");
  assert.equal(provider.heldBreakers, 4);
  clock.advance("1s");
  provider.getBreaker("e");
  assert.deepEqual(held(provider), ["d", "e"]);
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

Deno.test("where very many are used no more, they give way by eights, so that no new name has to wait", async () => {
  const { provider, clock, close } = await make(100);
  for (let i = 0; i < 200; i++) provider.getBreaker(`${i}`).hold("1s");
  clock.advance("1s");
  const held: number[] = [];
  for (let i = 0; i < 16; i++) {
    provider.getBreaker(`new ${i}`);
    held.push(provider.heldBreakers);
  }
  assert.deepEqual(held.slice(0, 3), [193, 186, 179]);
  assert.deepEqual(held.slice(-2), [100, 100]);
  await close();
});

Deno.test("names from outside do not grow memory without bound", async () => {
  const { provider, close } = await make(10);
  for (let i = 0; i < 1_010; i++) provider.getBreaker(`passing ${i}`).tryAcquire()?.failure();
  assert.equal(names(provider).length, 1_010);
  for (let i = 0; i < 100 && names(provider).length > 10; i++) await collectGarbage();
  assert.equal(names(provider).length, 10);
  assert.equal(provider.heldBreakers, 10);
  await close();
});
