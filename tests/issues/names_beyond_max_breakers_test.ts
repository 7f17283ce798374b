/**
 * A name beyond `maxBreakers` had a breaker only for as long as its caller held
 * it, if those that were there had ever been called: it counted nothing, never
 * opened, and lost its override and its listeners with the next collection.
 */
import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { createHttpClient, protectFetch } from "../../integrations/fetch/mod.ts";
import {
  BreakerOpenError,
  createProvider,
  createServiceBulkheads,
  getDefaultConfig,
  type Policy,
  type Provider,
  TooManyBreakersError,
} from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { collectGarbage } from "../support/collect_garbage.ts";
import { KeptLog } from "../support/kept_log.ts";

interface Made {
  readonly provider: Provider;
  readonly clock: ManualClock;
  readonly log: KeptLog;
}

async function make(maxBreakers: number, policy: Policy = {}): Promise<Made> {
  const clock = new ManualClock();
  const log = new KeptLog();
  const provider = await createProvider(getDefaultConfig("s", "development"), {
    backend: memoryBackend({ default: policy }),
    clock,
    logger: log,
    maxBreakers,
  });
  return { provider, clock, log };
}

/** Makes calls to a dependency that is down, each by the name alone, and tells how many reached it. */
async function reachedWhileDown(
  call: (down: () => Promise<never>) => Promise<unknown>,
  times: number,
): Promise<number> {
  let reached = 0;
  for (let i = 0; i < times; i++) {
    const down = (): Promise<never> => {
      reached++;
      return Promise.reject(new Error("down"));
    };
    await assert.rejects(call(down));
  }
  return reached;
}

Deno.test("of 60 failing calls to a fourth name with maxBreakers 3, five reach the dependency", async () => {
  const { provider, clock } = await make(3);
  for (const name of ["a", "b", "c"]) await provider.getBreaker(name).do(() => Promise.resolve());
  clock.advance("720h");
  const fourth = (down: () => Promise<never>) => provider.getBreaker("fourth").do(down);
  assert.equal(await reachedWhileDown(fourth, 3), 3);
  await collectGarbage();
  assert.equal(await reachedWhileDown(fourth, 57), 2);
  assert.equal(provider.getBreaker("fourth").state, "open");
  await assert.rejects(fourth(() => Promise.reject(new Error("down"))), BreakerOpenError);
});

Deno.test("what is set on a breaker beyond maxBreakers outlives a collection", async () => {
  const { provider } = await make(3, { failureThreshold: 1 });
  for (const name of ["a", "b", "c"]) provider.getBreaker(name).doSync(() => {});
  const heard: string[] = [];
  provider.getBreaker("overridden").override("forced-open");
  provider.getBreaker("held").hold("1h");
  provider.getBreaker("heard").on("stateChange", ({ to }) => heard.push(to));
  for (let i = 0; i < 100; i++) {
    if (i < 3) await collectGarbage();
    provider.getBreaker(`passing ${i}`).doSync(() => {});
  }
  assert.equal(provider.getBreaker("overridden").mode, "forced-open");
  assert.equal(provider.getBreaker("held").peek().admitted, false);
  provider.getBreaker("heard").tryAcquire()?.failure();
  assert.deepEqual(heard, ["open"]);
});

for (
  const [what, client] of Object.entries({
    "an HTTP client": (fetch: () => Promise<Response>) =>
      createHttpClient({ fetch, clock: new ManualClock() }),
    "a protected fetch": async (fetch: () => Promise<Response>) =>
      protectFetch((await make(10_000)).provider, { fetch }),
  })
) {
  Deno.test(`${what} protects a new origin after 10,000 healthy ones`, async () => {
    let status = 200;
    let requests = 0;
    const http = await client(() => {
      requests++;
      return Promise.resolve(new Response(null, { status }));
    });
    for (let i = 0; i < 10_000; i++) await http(`http://healthy-${i}.example/`);
    requests = 0;
    status = 503;
    for (let i = 0; i < 60; i++) {
      if (i === 3) await collectGarbage();
      await http("http://down.example/").catch(() => {});
    }
    assert.equal(requests, 5);
  });
}

Deno.test("an evicted breaker that somebody holds takes its place again when it opens, or is to be kept", async () => {
  const { provider, clock } = await make(1, { failureThreshold: 1, openStateTimeout: "1h" });
  const marks = ["opened", "tripped", "overridden", "on hold"];
  let [opened, tripped, overridden, held] = marks.map((name) => provider.getBreaker(name));
  provider.getBreaker("newest");
  assert.equal(provider.heldBreakers, 1);
  opened?.tryAcquire()?.failure();
  tripped?.tripNow();
  overridden?.override("disabled");
  held?.hold("1h");
  opened =
    tripped =
    overridden =
    held =
      undefined;
  for (let i = 0; i < 3; i++) await collectGarbage();
  clock.advance("1m");
  assert.deepEqual(
    marks.map((name) => {
      const breaker = provider.getBreaker(name);
      return `${breaker.state} ${breaker.mode} ${breaker.peek().admitted}`;
    }),
    ["open normal false", "open normal false", "closed disabled true", "closed normal false"],
  );
});

Deno.test("a call in flight is counted by the breaker that its name has later", async () => {
  const { provider } = await make(1, { failureThreshold: 1 });
  const permit = (() => {
    const breaker = provider.getBreaker("users");
    provider.getBreaker("orders");
    return breaker.tryAcquire(); // by a breaker that has lost its place
  })();
  for (let i = 0; i < 3; i++) await collectGarbage();
  permit?.failure();
  assert.equal(provider.getBreaker("users").state, "open");
});

Deno.test("where all are in use twice as many are held, then a new name is refused, and the log says it once", async () => {
  const { provider, log } = await make(2, { failureThreshold: 1 });
  for (let i = 0; i < 4; i++) provider.getBreaker(`down ${i}`).tryAcquire()?.failure();
  assert.equal(provider.heldBreakers, 4);
  for (let i = 0; i < 3; i++) {
    assert.throws(
      () => provider.getBreaker(`new ${i}`),
      (error) =>
        error instanceof TooManyBreakersError && error.code === "TOO_MANY_BREAKERS" &&
        error.breaker === `new ${i}` && error.maxBreakers === 2 &&
        /4 are in use.*raise maxBreakers/.test(error.message),
    );
  }
  assert.equal(provider.getBreaker("down 0").state, "open");
  assert.deepEqual(log.lines.filter((line) => line.includes("maxBreakers")).length, 1);
  assert.deepEqual(provider.status().places, {
    maxBreakers: 2,
    held: 4,
    evicted: 0,
    evictedWithFailures: 0,
    refusedNames: 3,
  });
  provider.getBreaker("down 2").reset();
  assert.equal(provider.getBreaker("new 0").state, "closed");
});

Deno.test("a listener to a service's bulkhead beyond maxServices outlives a collection", async () => {
  const bulkheads = createServiceBulkheads({ defaults: { maxConcurrent: 1 }, maxServices: 1 });
  using _busy = bulkheads.get("busy").tryAcquire();
  let refused = 0;
  bulkheads.get("users").on("reject", () => refused++);
  for (let i = 0; i < 3; i++) await collectGarbage();
  using _slot = bulkheads.get("users").tryAcquire();
  await bulkheads.get("users").do(() => {}).catch(() => {});
  assert.equal(refused, 1);
});
