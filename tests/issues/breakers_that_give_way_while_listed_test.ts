/** Who went through all breakers and asked for others met those that gave way meanwhile twice. */
import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { type Breaker, createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { KeptLog } from "../support/kept_log.ts";

async function make(names: readonly string[]): Promise<[Provider, Breaker[]]> {
  const provider = await createProvider(getDefaultConfig("s", "development"), {
    backend: memoryBackend(),
    logger: new KeptLog(),
    maxBreakers: names.length,
  });
  return [provider, names.map((name) => provider.getBreaker(name))];
}

Deno.test("each breaker is met once, also where those already met give way to new names", async () => {
  const [provider, held] = await make(["a", "b", "c"]);
  const met: string[] = [];
  for (const { name } of provider.breakers()) {
    met.push(name);
    if (met.length <= 3) provider.getBreaker(`new ${name}`);
  }
  assert.deepEqual(met, held.map(({ name }) => name));
  await provider.close();
});

Deno.test("a breaker that takes its place again meanwhile is met, too", async () => {
  const [provider, held] = await make(["a", "b"]);
  const others = ["c", "d"].map((name) => provider.getBreaker(name));
  const met: string[] = [];
  for (const { name } of provider.breakers()) {
    met.push(name);
    if (met.length === 3) held.toReversed().forEach((breaker) => breaker.override("disabled"));
  }
  assert.deepEqual(met.toSorted(), ["a", "b", "c", "d"]);
  assert.equal(others.length, 2);
  await provider.close();
});
