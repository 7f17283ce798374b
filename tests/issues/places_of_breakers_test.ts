/**
 * A provider that holds as many breakers as it may gives a new name the place of
 * an idle one. Looking for that one wakes listeners, who may ask for breakers, too.
 */
import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { type Breaker, createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";

async function make(
  maxBreakers: number,
  clock: ManualClock = new ManualClock(),
): Promise<Provider> {
  const ramp = { calls: 1, per: "1s", growth: 1, steps: 1 };
  return await createProvider(getDefaultConfig("s", "development"), {
    backend: memoryBackend({ default: { failureThreshold: 1, openStateTimeout: "10s", ramp } }),
    clock,
    logger: new KeptLog(),
    maxBreakers,
  });
}

/** A provider whose breakers fill it, and become closed and idle as soon as somebody looks at them. */
async function makeFull(names: readonly string[]): Promise<Provider> {
  const clock = new ManualClock();
  const provider = await make(names.length, clock);
  const breakers = names.map((name) => provider.getBreaker(name));
  for (const breaker of breakers) breaker.tryAcquire()?.failure();
  clock.advance("10s");
  for (const breaker of breakers) breaker.tryAcquire()?.success();
  clock.advance("1s");
  return provider;
}

Deno.test("one name is one breaker, also where a listener asks for it while its place is made", async () => {
  const provider = await makeFull(["a", "b"]);
  const seen = new Set<Breaker>();
  provider.on("stateChange", () => {
    seen.add(provider.getBreaker("new"));
  });
  seen.add(provider.getBreaker("new"));
  seen.add(provider.getBreaker("new"));
  assert.equal(seen.size, 1);
  await provider.close();
});

Deno.test("no more breakers are held than may be, also where listeners ask for new ones", async () => {
  const provider = await makeFull(["a", "b", "c"]);
  let asked = 0;
  provider.on("stateChange", () => {
    for (let i = 0; i < 3; i++) provider.getBreaker(`asked ${asked++}`);
  });
  for (let i = 0; i < 5; i++) provider.getBreaker(`new ${i}`);
  assert(asked > 0);
  assert(provider.heldBreakers <= 3, `${provider.heldBreakers} are held`);
  await provider.close();
});

Deno.test("a breaker that loses its place again and again leaves nothing behind each time", async () => {
  const Original = globalThis.FinalizationRegistry;
  let entries = 0;
  globalThis.FinalizationRegistry = class<T> extends Original<T> {
    override register(target: WeakKey, value: T, token?: WeakKey): void {
      entries++;
      super.register(target, value, token);
    }
    override unregister(token: WeakKey): boolean {
      const isKnown = super.unregister(token);
      if (isKnown) entries--;
      return isKnown;
    }
  };
  try {
    const provider = await make(1);
    const held = ["a", "b"].map((name) => provider.getBreaker(name));
    for (let i = 0; i < 1_000; i++) {
      for (const breaker of held) assert.equal(provider.getBreaker(breaker.name), breaker);
    }
    assert(entries <= 2, `${entries} entries for 2 breakers`);
    await provider.close();
  } finally {
    globalThis.FinalizationRegistry = Original;
  }
});
