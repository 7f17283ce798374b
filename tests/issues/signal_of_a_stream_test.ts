/** A stream refused the signal `null`, which a call takes for none, as `fetch` does. */
import assert from "node:assert/strict";
import { createBreaker } from "../../mod.ts";

async function* two(): AsyncGenerator<number> {
  yield* [1, 2];
}

Deno.test("R27: a signal that is null is none, also for a stream", async () => {
  const breaker = createBreaker("b");
  const items: number[] = [];
  for await (const item of breaker.stream(two, { signal: null })) items.push(item);
  assert.deepEqual([items, breaker.counts.successes], [[1, 2], 1]);
});
