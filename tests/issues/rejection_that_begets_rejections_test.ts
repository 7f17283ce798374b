import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { createProvider, getDefaultConfig } from "../../mod.ts";
import { bench } from "../support/breaker_bench.ts";

const LIMIT = 100;

Deno.test("R15: a listener to rejections whose own call is rejected hears of no rejection of its own", async () => {
  const { breaker } = bench();
  breaker.override("forced-open");
  let heard = 0;
  breaker.on("reject", () => {
    if (++heard > LIMIT) throw new Error("without end");
    breaker.do(() => Promise.resolve("told")).catch(() => {});
  });
  for (let call = 1; call <= 2; call++) {
    await assert.rejects(() => breaker.do(() => Promise.resolve("asked")));
    assert.deepEqual([heard, breaker.counts.rejected], [call, 2 * call]);
  }
});

Deno.test("R15: a listener to all breakers' rejections may call through a breaker that is open", async () => {
  await using provider = await createProvider(getDefaultConfig("test", "production"), {
    backend: memoryBackend({ default: { mode: "forced-open" } }),
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  const heard: string[] = [];
  provider.on("reject", ({ breaker }) => {
    heard.push(breaker);
    if (heard.length > LIMIT) throw new Error("without end");
    provider.getBreaker("metrics").do(() => Promise.resolve("told")).catch(() => {});
  });
  await assert.rejects(() => provider.getBreaker("users").do(() => Promise.resolve("Ada")));
  assert.deepEqual(heard, ["users", "metrics"]);
});

Deno.test("R15: what a listener to rejections changes is announced", async () => {
  const { breaker } = bench({ failureThreshold: 1 });
  await assert.rejects(() => breaker.do(() => Promise.reject(new Error("down"))));
  const seen: string[] = [];
  breaker.on("stateChange", ({ to }) => void seen.push(to));
  breaker.on("reject", () => {
    breaker.reset();
    seen.push("reset");
  });
  await assert.rejects(() => breaker.do(() => Promise.resolve("Ada")));
  assert.deepEqual(seen, ["reset", "closed"]);
});
