/**
 * Streams were judged by the promise that brought them, or not at all: one that
 * broke off was a success, a method that is an async generator was not guarded
 * even by a breaker that was forced open, and a row of failures never came to
 * be, because each stream that broke had begun with a promise that resolved.
 */
import assert from "node:assert/strict";
import { guard } from "../../integrations/guard/mod.ts";
import { createBreaker, type StandaloneBreaker } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { collect } from "../support/driven_producer.ts";

const CUT = new TypeError("terminated");

/** A model's answer, of which the connection breaks after some words. */
async function* answer(): AsyncGenerator<string> {
  yield "Once";
  yield "upon";
  throw CUT;
}

class Sdk {
  calls = 0;

  async *stream(): AsyncGenerator<string> {
    this.calls++;
    yield* answer();
  }
  create(): Promise<AsyncIterable<string>> {
    this.calls++;
    return Promise.resolve(answer());
  }
  rows(): AsyncIterable<string> {
    this.calls++;
    return { [Symbol.asyncIterator]: answer };
  }
}

function model(policy = {}): StandaloneBreaker {
  const clock = new ManualClock();
  return createBreaker("model", { failureThreshold: 5, ...policy }, { clock });
}

const WAYS: Record<string, (sdk: Sdk) => Promise<string[]>> = {
  "an async generator method": (sdk) => collect(sdk.stream()),
  "a method that promises a stream": async (sdk) => await collect(await sdk.create()),
  "a method that returns a cursor": (sdk) => collect(sdk.rows()),
};

Deno.test("R27: streams that break off open the breaker", async () => {
  const breaker = model();
  for (let i = 0; i < 5; i++) {
    await assert.rejects(collect(breaker.stream(answer)), (error) => error === CUT);
  }
  assert.equal(breaker.state, "open");
  assert.equal(breaker.counts.successes, 0);
});

for (const [way, iterate] of Object.entries(WAYS)) {
  Deno.test(`R27: five streams of ${way} that break off in a row open the breaker`, async () => {
    const breaker = model();
    const sdk = guard(new Sdk(), { getBreaker: () => breaker }, { name: "model" });
    for (let i = 0; i < 5; i++) await assert.rejects(iterate(sdk), (error) => error === CUT);
    assert.equal(breaker.state, "open");
    await assert.rejects(iterate(sdk), { code: "BREAKER_OPEN" });
  });
}

Deno.test("R27: a guarded async generator method is refused by a breaker that is forced open", async () => {
  const target = new Sdk();
  const breaker = model({ mode: "forced-open" });
  const sdk = guard(target, { getBreaker: () => breaker }, { name: "model" });
  await assert.rejects(collect(sdk.stream()), { reason: "forced" });
  assert.equal(target.calls, 0);
});

Deno.test("R27: a stream that stalls for as long as its consumer thinks is no failure, one that is waited for is", async () => {
  const clock = new ManualClock();
  const breaker = createBreaker("model", { failureThreshold: 1 }, { clock });
  async function* stalls(): AsyncGenerator<string> {
    yield "Once";
    await new Promise(() => {});
  }
  const words = breaker.stream(stalls, { idleWithin: "5s" })[Symbol.asyncIterator]();
  await words.next();
  await clock.tick("1h");
  assert.equal(breaker.state, "closed");
  const rejected = assert.rejects(words.next(), { code: "BREAKER_TIMEOUT" });
  await clock.tick("5s");
  await rejected;
  assert.equal(breaker.state, "open");
});
