/**
 * The first names had series of their own for good: names from requests used
 * them up, and a breaker that opened later was one of many under the overflow.
 */
import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { createPrometheus } from "../../integrations/prometheus/mod.ts";
import { NamedSeries, Need } from "../../integrations/telemetry/named_series.ts";
import { createProvider, getDefaultConfig, type Provider } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";

const OVERFLOW = "otel_metric_overflow";

async function make(
  maxBreakers: number,
): Promise<{ readonly provider: Provider; readonly clock: ManualClock }> {
  const clock = new ManualClock();
  const policy = { failureThreshold: 1, openStateTimeout: "1m", successThreshold: 1 };
  const provider = await createProvider(getDefaultConfig("s", "production"), {
    backend: memoryBackend({ default: policy }),
    clock,
    logger: new KeptLog(),
    maxBreakers,
  });
  return { provider, clock };
}

/** The states in which breakers are told to be, as `users open` or `otel_metric_overflow closed 3`. */
function told(text: string): string[] {
  return [...text.matchAll(/^switchgear_breaker_state\{(.*),state="(.*)"\} ([1-9]\d*)$/gm)]
    .map(([, label = "", state, count]) =>
      label.startsWith(OVERFLOW)
        ? `${OVERFLOW} ${state} ${count}`
        : `${label.slice('breaker="'.length, -1)} ${state}`
    );
}

Deno.test("the label of a breaker that is gone is given back to one that is there", async () => {
  const { provider } = await make(2);
  await using _ = provider;
  using prometheus = createPrometheus(provider, { maxBreakerNames: 2 });
  for (let i = 0; i < 100; i++) {
    provider.getBreaker(`/users/${i}`).doSync(() => {});
    prometheus.text();
  }
  for (const name of ["users", "orders"]) provider.getBreaker(name).doSync(() => {});
  const text = prometheus.text();
  assert(told(text).includes("users closed") && told(text).includes("orders closed"), text);
  assert.match(text, /calls_total\{breaker="users",outcome="success"\} 1\n/);
});

Deno.test("what is not closed has a label of its own, however many there are, and gives it back when its closing was told", async () => {
  const { provider, clock } = await make(100);
  await using _ = provider;
  using prometheus = createPrometheus(provider, { maxBreakerNames: 2 });
  for (const name of ["a", "b", "c", "d"]) provider.getBreaker(name).doSync(() => {});
  assert.deepEqual(told(prometheus.text()), ["a closed", "b closed", `${OVERFLOW} closed 2`]);
  for (const name of ["b", "c", "d"]) provider.getBreaker(name).tryAcquire()?.failure();
  const open = ["b open", "c open", "d open", `${OVERFLOW} closed 1`];
  prometheus.text();
  const text = prometheus.text();
  assert.deepEqual(told(text), open);
  assert.match(text, /transitions_total\{breaker="d",state="open"\} 1\n/);
  clock.advance("1m");
  for (const name of ["b", "c", "d"]) provider.getBreaker(name).tryAcquire()?.success();
  // Their closing is told once, under their own names.
  const closed = ["b closed", "c closed", "d closed", `${OVERFLOW} closed 1`];
  assert.deepEqual(told(prometheus.text()), closed);
  assert.deepEqual(told(prometheus.text()), ["b closed", "c closed", `${OVERFLOW} closed 2`]);
});

Deno.test("with maxBreakerNames 0 no name is told, of an open breaker neither", async () => {
  const { provider } = await make(10);
  await using _ = provider;
  using prometheus = createPrometheus(provider, { maxBreakerNames: 0 });
  provider.getBreaker("secret").tryAcquire()?.failure();
  assert.deepEqual(told(prometheus.text()), [`${OVERFLOW} open 1`]);
});

Deno.test("names that open and close while nobody reads leave a bounded number of series", () => {
  const series = new NamedSeries(10);
  for (let i = 0; i < 50_000; i++) series.of(`${i}`, Need.open).need = Need.closed;
  assert(series.all().length <= 10_010, `${series.all().length} series`);
});
