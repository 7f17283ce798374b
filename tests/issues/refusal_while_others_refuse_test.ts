/** What a caller is told of its own refusal, where a listener to it brings about another one (R18). */
import assert from "node:assert/strict";
import { type Breaker, createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import { insideOf } from "../../src/breaker/inside_of.ts";
import { ManualClock } from "../../src/testing/mod.ts";

async function openAndForced(): Promise<{ provider: Provider; open: Breaker }> {
  const backend = memoryBackend({ open: { failureThreshold: 1, openStateTimeout: "1m" } });
  const provider = await createProvider(getDefaultConfig("shop", "development"), {
    backend,
    clock: new ManualClock(),
  });
  const open = provider.getBreaker("open");
  const forced = provider.getBreaker("forced");
  forced.override("forced-open");
  open.tryAcquire()?.failure(new Error("down"));
  provider.on("reject", ({ breaker }) => {
    if (breaker === "open") forced.tryAcquire();
  });
  return { provider, open };
}

Deno.test("a permit that is refused is told of by its own reason, although a listener had another breaker refuse", async () => {
  const { provider, open } = await openAndForced();
  await using _ = provider;
  assert.equal(open.tryAcquire(), undefined);
  const error = insideOf(open).refusal();
  assert.deepEqual([error.breaker, error.reason], ["open", "open"]);
  assert.equal(error.retryAfterMs, 60_000);
});

for (const way of ["do", "do with a fallback", "doSync"] as const) {
  Deno.test(`a call that is refused is told of by its own reason, although a listener had another breaker refuse: ${way}`, async () => {
    const { provider, open } = await openAndForced();
    await using _ = provider;
    let seen: unknown;
    if (way === "doSync") {
      try {
        open.doSync(() => 1);
      } catch (error) {
        seen = error;
      }
    } else if (way === "do") {
      seen = await open.do(() => 1).catch((error) => error);
    } else {
      seen = await open.do(() => 1, { fallback: (error) => error });
    }
    assert.equal(Reflect.get(Object(seen), "reason"), "open");
    assert.equal(Reflect.get(Object(seen), "breaker"), "open");
  });
}
