/** A stream counted as a use of its breaker once more when it ended, and moved that before those used since. */
import assert from "node:assert/strict";
import { createBreaker } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { succeed } from "../support/breaker_bench.ts";

async function* two(): AsyncGenerator<number> {
  yield* [1, 2];
}

Deno.test("use is the admission of a stream, not its end", async () => {
  const clock = new ManualClock();
  const [streaming, used] = ["a", "b"].map((name) => createBreaker(name, {}, { clock }));
  assert(streaming !== undefined && used !== undefined);
  const items = streaming.stream(two)[Symbol.asyncIterator]();
  await items.next();
  succeed(used);
  await items.return();
  assert(coreOf(streaming).worth() < coreOf(used).worth());
});
