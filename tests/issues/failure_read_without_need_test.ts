/** In the mode metrics-only each failure beyond the crossing was put into words, and nobody was told. */
import assert from "node:assert/strict";
import { bench } from "../support/breaker_bench.ts";

const CROSSED = { failureThreshold: 1, mode: "metrics-only" } as const;

Deno.test("R18: what failed is put into words at a crossing alone", () => {
  const { breaker } = bench(CROSSED);
  let told = 0;
  breaker.on("wouldOpen", () => told++);
  let read = 0;
  const error = {
    get message() {
      read++;
      return "down";
    },
  };
  for (let i = 0; i < 10; i++) breaker.tryAcquire()?.failure(error);
  assert.deepEqual([told, read], [1, 1]);
  breaker.tryAcquire()?.success();
  breaker.tryAcquire()?.failure(error);
  assert.deepEqual([told, read], [2, 2]);
});
