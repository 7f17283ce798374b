import assert from "node:assert/strict";
import v8 from "node:v8";
import vm from "node:vm";
import { protectFetch } from "../../integrations/fetch/protect_fetch.ts";
import type { Fetch } from "../../integrations/fetch/fetch_target.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { ManualClock } from "../../src/testing/manual_clock.ts";
import { Breakers, ManualBody } from "./fetch_support.ts";

const SHOP = "http://shop.example/";

/** A guarded fetch, until the body, that is answered with a body which the test gives. */
class Stage {
  readonly clock = new ManualClock();
  readonly body = new ManualBody();
  readonly breakers: Breakers;
  readonly guarded: Fetch;

  constructor(policy: Policy = {}, status = 200) {
    this.breakers = new Breakers(policy, { clock: this.clock });
    this.guarded = protectFetch(this.breakers, {
      until: "body",
      fetch: () => Promise.resolve(new Response(this.body.stream, { status })),
    });
  }

  get outcomes(): Record<string, number> {
    const { successes, failures, timeouts, lifetime } = this.breakers.only.counts;
    return { successes, failures, timeouts, ignored: lifetime.ignored };
  }
}

const NOTHING = { successes: 0, failures: 0, timeouts: 0, ignored: 0 };

Deno.test("fetch until body: the call ends with the last of the body", async () => {
  const stage = new Stage();
  const response = await stage.guarded(SHOP);
  stage.body.push("in ");
  stage.body.push("stock");
  const text = response.text();
  await stage.clock.tick();
  const before = stage.outcomes;
  stage.body.end();
  assert.equal(await text, "in stock");
  await stage.clock.tick();
  assert.deepEqual([before, stage.outcomes], [NOTHING, { ...NOTHING, successes: 1 }]);
});

Deno.test("fetch until body: a body that breaks off is a failure, and its reader gets the error", async () => {
  const stage = new Stage();
  const response = await stage.guarded(SHOP);
  stage.body.push("in ");
  stage.body.fail(new TypeError("reset"));
  await assert.rejects(response.text(), /reset/);
  await stage.clock.tick();
  assert.deepEqual(stage.outcomes, { ...NOTHING, failures: 1 });
});

Deno.test("fetch until body: a body that is cancelled counts for nothing, and its source is cancelled", async () => {
  const stage = new Stage();
  const response = await stage.guarded(SHOP);
  await response.body?.cancel("enough");
  await stage.clock.tick();
  assert.deepEqual(stage.outcomes, { ...NOTHING, ignored: 1 });
  assert.equal(stage.body.cancelledWith, "enough");
});

Deno.test("fetch until body: the caller's abort counts for nothing, and readers get its reason", async () => {
  const stage = new Stage();
  const caller = new AbortController();
  const response = await stage.guarded(SHOP, { signal: caller.signal });
  const text = response.text();
  await stage.clock.tick();
  caller.abort(new Error("gone"));
  await assert.rejects(text, /gone/);
  await stage.clock.tick();
  assert.deepEqual(stage.outcomes, { ...NOTHING, ignored: 1 });
});

Deno.test("fetch until body: a body that stalls beyond the time limit is a timeout, even where its source goes on", async () => {
  const stage = new Stage({ timeout: "5s" });
  const response = await stage.guarded(SHOP);
  const rejected = assert.rejects(response.text(), { name: "BreakerTimeoutError" });
  await stage.clock.tick("5s");
  await rejected;
  assert.deepEqual(stage.outcomes, { ...NOTHING, failures: 1, timeouts: 1 });
  assert.equal(stage.clock.pendingTimers, 0);
});

Deno.test("fetch until body: a response that is a failure ends the call with its headers", async () => {
  const stage = new Stage({}, 503);
  const response = await stage.guarded(SHOP);
  await stage.clock.tick();
  assert.deepEqual(stage.outcomes, { ...NOTHING, failures: 1 });
  await response.body?.cancel();
});

Deno.test("fetch until body: a response without a body ends the call with its headers", async () => {
  const breakers = new Breakers();
  const fetch = (): Promise<Response> => Promise.resolve(new Response(null, { status: 204 }));
  await protectFetch(breakers, { until: "body", fetch })(SHOP);
  await new ManualClock().tick();
  assert.equal(breakers.only.counts.successes, 1);
});

Deno.test("fetch until body: a body that is never read fails as a probe at the probe's deadline, not later", async () => {
  const stage = new Stage({
    failureThreshold: 1,
    openStateTimeout: "1s",
    halfOpen: { maxProbes: 1, probeTimeout: "5s" },
  });
  stage.breakers.getBreaker("http://shop.example").tryAcquire()?.failure();
  await stage.clock.tick("1s");
  const unread = await stage.guarded(SHOP);
  await stage.clock.tick("4999ms");
  const before = stage.breakers.only.peek();
  await stage.clock.tick("1ms");
  assert.equal(before.admitted ? undefined : before.reason, "probing");
  assert.equal(stage.breakers.only.state, "open");
  await unread.body?.cancel();
});

Deno.test("fetch until body: url, status, headers and the rest are those that were received, in clones, too", async () => {
  const received = new Response("body", { status: 206, headers: { "x-a": "1" } });
  Object.defineProperty(received, "url", { value: `${SHOP}final` });
  Object.defineProperty(received, "redirected", { value: true });
  const fetch = (): Promise<Response> => Promise.resolve(received);
  const response = await protectFetch(new Breakers(), { until: "body", fetch })(SHOP);
  const clone = response.clone();
  for (const { url, redirected, status, headers } of [response, clone]) {
    assert.deepEqual([url, redirected, status, headers.get("x-a")], [
      `${SHOP}final`,
      true,
      206,
      "1",
    ]);
  }
  assert.deepEqual([await response.text(), await clone.text()], ["body", "body"]);
});

Deno.test("fetch until body: the body can be read into buffers of the caller's own, to its end", async () => {
  const stage = new Stage();
  const response = await stage.guarded(SHOP);
  const reader = response.body?.getReader({ mode: "byob" });
  stage.body.push("in stock");
  const first = await reader?.read(new Uint8Array(4));
  const second = await reader?.read(new Uint8Array(9));
  stage.body.end();
  const third = await reader?.read(new Uint8Array(4));
  const decoder = new TextDecoder();
  assert.deepEqual([decoder.decode(first?.value), decoder.decode(second?.value), third?.done], [
    "in s",
    "tock",
    true,
  ]);
});

Deno.test("fetch until body: empty chunks are passed over", async () => {
  const stage = new Stage();
  const response = await stage.guarded(SHOP);
  for (const chunk of ["", "a", "", "b", ""]) stage.body.push(chunk);
  stage.body.end();
  assert.equal(await response.text(), "ab");
});

Deno.test("fetch until body: nothing is read ahead of the caller", async () => {
  let pulled = 0;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      pulled++;
      controller.enqueue(new Uint8Array(1));
    },
  }, { highWaterMark: 0 });
  const fetch = (): Promise<Response> => Promise.resolve(new Response(stream));
  const response = await protectFetch(new Breakers(), { until: "body", fetch })(SHOP);
  await new ManualClock().tick();
  assert.equal(pulled, 0);
  await response.body?.cancel();
});

Deno.test("fetch until body: a body that nobody holds any more ends its call, which counts for nothing", async () => {
  v8.setFlagsFromString("--expose-gc");
  const stage = new Stage();
  const caller = new AbortController();
  await (async () => {
    await stage.guarded(SHOP, { signal: caller.signal });
  })();
  // What is collected, and when its finalizer runs, is the engine's to say: a few turns are enough for it.
  for (let i = 0; i < 50 && stage.outcomes["ignored"] === 0; i++) {
    vm.runInNewContext("gc")();
    await stage.clock.tick();
  }
  assert.deepEqual(stage.outcomes, { ...NOTHING, ignored: 1 });
  assert.equal(stage.breakers.only.counts.inFlight, 0);
});

Deno.test("fetch until body: a network error before the headers is a failure and rejects", async () => {
  const breakers = new Breakers();
  const fetch = (): Promise<Response> => Promise.reject(new TypeError("refused"));
  await assert.rejects(protectFetch(breakers, { until: "body", fetch })(SHOP), /refused/);
  assert.equal(breakers.only.counts.failures, 1);
});

Deno.test("fetch until body: a response that somebody reads already rejects, and does not hang", async () => {
  const taken = new Response("body");
  const reader = taken.body?.getReader();
  const fetch = (): Promise<Response> => Promise.resolve(taken);
  await assert.rejects(protectFetch(new Breakers(), { until: "body", fetch })(SHOP), TypeError);
  await reader?.cancel();
});
