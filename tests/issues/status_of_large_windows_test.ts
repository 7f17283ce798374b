/** The status is asked for again and again: it must not write out windows of up to 10,000,000 outcomes. */
import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { createProvider, getDefaultConfig } from "../../mod.ts";
import { CountWindow } from "../../src/breaker/window/count_window.ts";
import { ManualClock } from "../../src/testing/mod.ts";

Deno.test("a provider's status costs the same however large the windows are", async () => {
  await using provider = await createProvider(getDefaultConfig("s", "development"), {
    backend: memoryBackend({
      a: { window: { kind: "count", size: 1_000 }, failureThreshold: 900 },
    }),
    clock: new ManualClock(),
  });
  const breaker = provider.getBreaker("a");
  for (let i = 0; i < 800; i++) breaker.tryAcquire()?.failure();
  const original = CountWindow.prototype[Symbol.iterator];
  let written = 0;
  CountWindow.prototype[Symbol.iterator] = function (): ReturnType<typeof original> {
    written++;
    return original.call(this);
  };
  try {
    assert.equal(provider.status().breakers[0]?.counts.failures, 800);
    assert.equal(written, 0);
    breaker.snapshot();
    assert.equal(written, 1); // what is watched here is what writes a window out
  } finally {
    CountWindow.prototype[Symbol.iterator] = original;
  }
});
