import assert from "node:assert/strict";
import v8 from "node:v8";
import vm from "node:vm";
import { BreakerOpenError } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { StreamRun } from "../../src/breaker/stream/stream_run.ts";
import { bench, fail, outcomes } from "../support/breaker_bench.ts";
import { collect, DrivenProducer } from "../support/driven_producer.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";

const boom = new Error("boom");

async function* letters(): AsyncGenerator<string> {
  yield* ["a", "b"];
}

// deno-lint-ignore require-yield -- it breaks before its first item
async function* broken(): AsyncGenerator<string> {
  throw boom;
}

Deno.test("R27: nothing happens before the first next()", async () => {
  const { breaker } = bench({ failureThreshold: 1 });
  const producer = new DrivenProducer();
  const stream = breaker.stream(producer.operation);
  const items = stream[Symbol.asyncIterator]();
  assert.deepEqual(producer.told, []);
  fail(breaker);
  await assert.rejects(items.next(), BreakerOpenError);
  assert.deepEqual(producer.told, []);
  assert.equal(breaker.counts.rejected, 1);
});

Deno.test("R27: a refusal is told once; then the stream is done", async () => {
  const { breaker } = bench({ mode: "forced-open" });
  const items = breaker.stream(letters)[Symbol.asyncIterator]();
  await assert.rejects(items.next(), { reason: "forced" });
  assert.deepEqual(await items.next(), { done: true, value: undefined });
  assert.equal(breaker.counts.rejected, 1);
});

Deno.test("R27: a stream is a success when it is exhausted, and not before", async () => {
  const { breaker } = bench();
  const items = breaker.stream(letters)[Symbol.asyncIterator]();
  assert.deepEqual(await items.next(), { done: false, value: "a" });
  assert.deepEqual(await items.next(), { done: false, value: "b" });
  assert.equal(breaker.counts.calls, 0);
  assert.deepEqual(await items.next(), { done: true, value: undefined });
  const { calls, successes } = breaker.counts;
  assert.deepEqual({ calls, successes }, { calls: 1, successes: 1 });
  await items.next();
  assert.equal(breaker.counts.calls, 1);
});

Deno.test("R27: a stream that throws is a failure, and its consumer gets the error", async () => {
  const { breaker } = bench({ failureThreshold: 1 });
  await assert.rejects(collect(breaker.stream(broken)), (error) => error === boom);
  assert.equal(breaker.state, "open");
});

const OPERATIONS = {
  "throws at once": () => {
    throw boom;
  },
  "rejects": () => Promise.reject(boom),
  "gives what cannot be iterated now": () => ({
    [Symbol.asyncIterator]: (): AsyncIterator<string> => {
      throw boom;
    },
  }),
  "gives an iterator that throws at once": () => ({
    [Symbol.asyncIterator]: (): AsyncIterator<string> => ({
      next: () => {
        throw boom;
      },
    }),
  }),
};
for (const [what, operation] of Object.entries(OPERATIONS)) {
  Deno.test(`R27: an operation that ${what} fails the stream`, async () => {
    const { breaker } = bench();
    await assert.rejects(collect(breaker.stream(operation)), (error) => error === boom);
    assert.equal(breaker.counts.failures, 1);
  });
}

Deno.test("R2: the predicates judge what a stream throws", async () => {
  const { breaker } = bench({}, { isFailure: () => false });
  await assert.rejects(collect(breaker.stream(broken)));
  await assert.rejects(collect(breaker.stream(broken, { isIgnored: () => true })));
  const { successes, ignored } = breaker.counts.lifetime;
  assert.deepEqual({ successes, ignored }, { successes: 1, ignored: 1 });
});

Deno.test("R22: what a stream throws may ask for time", async () => {
  const { breaker } = bench({ failureThreshold: 1, openStateTimeout: "1s" });
  await assert.rejects(collect(breaker.stream(broken, { holdAfter: () => "1m" })));
  const look = breaker.peek();
  assert.equal(look.admitted ? undefined : look.retryAfterMs, 60_000);
});

Deno.test("R27: a stream whose consumer breaks off is ignored, and the producer is told", async () => {
  const { breaker } = bench();
  let cleanedUp = false;
  async function* endless(): AsyncGenerator<number> {
    try {
      for (let i = 0;; i++) yield i;
    } finally {
      cleanedUp = true;
    }
  }
  for await (const item of breaker.stream(endless)) if (item === 2) break;
  assert.equal(cleanedUp, true);
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
});

Deno.test("R27: a stream whose consumer throws into it is ignored, and goes on as the generator does", async () => {
  const { breaker } = bench();
  async function* stubborn(): AsyncGenerator<string> {
    try {
      yield "a";
    } catch {
      yield "caught";
      yield "again";
    }
  }
  const items = breaker.stream(stubborn)[Symbol.asyncIterator]();
  await items.next();
  assert.deepEqual(await items.throw(boom), { done: false, value: "caught" });
  assert.deepEqual(await items.next(), { done: false, value: "again" });
  assert.deepEqual(await items.next(), { done: true, value: undefined });
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
});

Deno.test("R27: throwing into a producer without throw() ends it, and gives the error back", async () => {
  const { breaker } = bench();
  const producer = new DrivenProducer();
  const items = breaker.stream(producer.operation)[Symbol.asyncIterator]();
  const first = items.next();
  producer.give("a");
  await first;
  await assert.rejects(items.throw(boom), (error) => error === boom);
  assert.deepEqual(producer.told, ["run", "return"]);
  assert.equal(producer.signal?.aborted, true);
  assert.deepEqual(await items.next(), { done: true, value: undefined });
});

Deno.test("R27: what return() throws reaches the consumer, and counts for nothing", async () => {
  const { breaker } = bench();
  const producer = new DrivenProducer();
  producer.onReturn = () => Promise.reject(boom);
  const items = breaker.stream(producer.operation)[Symbol.asyncIterator]();
  const first = items.next();
  producer.give("a");
  await first;
  await assert.rejects(items.return(), (error) => error === boom);
  assert.deepEqual(await items.next(), { done: true, value: undefined });
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
});

Deno.test("R27: a stream is ignored at once where the producer's return() hangs", async () => {
  const { breaker, clock } = bench();
  const producer = new DrivenProducer();
  producer.onReturn = () => new Promise(() => {});
  const items = breaker.stream(producer.operation, { idleWithin: "1s" })[Symbol.asyncIterator]();
  const first = items.next();
  producer.give("a");
  await first;
  void items.return();
  assert.equal(breaker.counts.lifetime.ignored, 1);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("R27: who leaves while the producer is at work does not wait for it; its signal is aborted", async () => {
  const { breaker } = bench();
  const producer = new DrivenProducer();
  producer.onReturn = () => new Promise(() => {});
  const items = breaker.stream(producer.operation)[Symbol.asyncIterator]();
  const pending = items.next();
  assert.deepEqual(await items.return("gone"), { done: true, value: "gone" });
  assert.deepEqual(await pending, { done: true, value: undefined });
  assert.equal(producer.signal?.aborted, true);
  assert.deepEqual(producer.told, ["run", "return"]);
  producer.give("late");
  assert.deepEqual(await items.next(), { done: true, value: undefined });
  assert.equal(breaker.counts.lifetime.ignored, 1);
});

Deno.test("R27: who leaves before the operation has given its iterable lets go of it once it is there", async () => {
  const { breaker } = bench();
  const opened = Promise.withResolvers<AsyncIterable<string>>();
  const producer = new DrivenProducer();
  const items = breaker.stream(() => opened.promise)[Symbol.asyncIterator]();
  const pending = items.next();
  await items.return();
  assert.deepEqual(await pending, { done: true, value: undefined });
  opened.resolve(producer.operation(new AbortController().signal));
  await opened.promise;
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(producer.told, ["run", "return"]);
  assert.equal(producer.waiting, 0);
});

Deno.test("R27: return() and throw() before the first next() make no call", async () => {
  const { breaker } = bench();
  const producer = new DrivenProducer();
  const stream = breaker.stream(producer.operation);
  const left = stream[Symbol.asyncIterator]();
  assert.deepEqual(await left.return("x"), { done: true, value: "x" });
  assert.deepEqual(await left.next(), { done: true, value: undefined });
  const thrown = stream[Symbol.asyncIterator]();
  await assert.rejects(thrown.throw(boom), (error) => error === boom);
  assert.deepEqual(await thrown.next(), { done: true, value: undefined });
  assert.deepEqual(producer.told, []);
  assert.equal(breaker.counts.lifetime.ignored, 0);
});

Deno.test("R27: a stream that is disposed is left", async () => {
  const { breaker } = bench();
  {
    await using items = breaker.stream(letters)[Symbol.asyncIterator]();
    await items.next();
  }
  assert.equal(breaker.counts.lifetime.ignored, 1);
});

Deno.test("R27: each iterator is a call of its own, and is its own iterable", async () => {
  const { breaker } = bench();
  const stream = breaker.stream(letters);
  assert.deepEqual(await collect(stream), ["a", "b"]);
  const items = stream[Symbol.asyncIterator]();
  assert.equal(items[Symbol.asyncIterator](), items);
  assert.deepEqual(await collect(items), ["a", "b"]);
  assert.deepEqual(await collect(items), []);
  assert.equal(breaker.counts.successes, 2);
});

Deno.test("R27: next(value) reaches the generator, and so does what it returns", async () => {
  const { breaker } = bench();
  async function* echo(): AsyncGenerator<unknown, string, unknown> {
    const heard = yield "ready";
    yield heard;
    return "end";
  }
  const items = breaker.stream(echo)[Symbol.asyncIterator]();
  await items.next();
  assert.deepEqual(await items.next("hello"), { done: false, value: "hello" });
  assert.deepEqual(await items.next(), { done: true, value: "end" });
});

Deno.test("R27: next() may be called again before the last one has settled", async () => {
  const { breaker } = bench();
  const producer = new DrivenProducer();
  const items = breaker.stream(producer.operation)[Symbol.asyncIterator]();
  const [first, second, third] = [items.next(), items.next(), items.next()];
  assert.equal(producer.waiting, 3);
  producer.give("a");
  producer.give("b");
  producer.end();
  assert.deepEqual(await first, { done: false, value: "a" });
  assert.deepEqual(await second, { done: false, value: "b" });
  assert.deepEqual(await third, { done: true, value: undefined });
  assert.equal(breaker.counts.successes, 1);
});

Deno.test("R27: next() is called again before the operation has given its iterable", async () => {
  const { breaker } = bench();
  const items = breaker.stream(() => Promise.resolve(letters()))[Symbol.asyncIterator]();
  const results = await Promise.all([items.next(), items.next(), items.next()]);
  assert.deepEqual(results.map(({ value }) => value), ["a", "b", undefined]);
  assert.equal(breaker.counts.successes, 1);
});

Deno.test("R27: a ReadableStream is a source, also one that is promised", async () => {
  const { breaker } = bench();
  assert.deepEqual(await collect(breaker.stream(() => ReadableStream.from(["a"]))), ["a"]);
  const promised = () => Promise.resolve(ReadableStream.from(["b"]));
  assert.deepEqual(await collect(breaker.stream(promised)), ["b"]);
  const failing = new ReadableStream({ start: (controller) => controller.error(boom) });
  await assert.rejects(collect(breaker.stream(() => failing)), (error) => error === boom);
  assert.equal(failing.locked, false);
  const { successes, failures } = breaker.counts;
  assert.deepEqual({ successes, failures }, { successes: 2, failures: 1 });
});

Deno.test("R27: a ReadableStream whose consumer leaves is cancelled", async () => {
  const { breaker } = bench();
  let cancelled = false;
  const source = new ReadableStream<string>({
    pull: (controller) => controller.enqueue("a"),
    cancel: () => void (cancelled = true),
  });
  for await (const _ of breaker.stream(() => source)) break;
  assert.equal(cancelled, true);
  assert.equal(source.locked, false);
});

Deno.test("R27: a ReadableStream is read where the platform's cannot be iterated", async () => {
  const { breaker } = bench();
  const source = ReadableStream.from(["a", "b"]);
  Object.defineProperty(source, Symbol.asyncIterator, { value: undefined });
  assert.deepEqual(await collect(breaker.stream(() => source)), ["a", "b"]);
  assert.equal(source.locked, false);
});

Deno.test("R27: an iterable that has a reader too is iterated, where it is no ReadableStream of the platform", async () => {
  const { breaker } = bench();
  const both = { getReader: () => assert.fail("read"), [Symbol.asyncIterator]: letters };
  assert.deepEqual(await collect(breaker.stream(() => both)), ["a", "b"]);
});

Deno.test("R27: what an iterable and a promise is, is iterated", async () => {
  const { breaker } = bench();
  const both = Object.assign(Promise.resolve(["page"]), { [Symbol.asyncIterator]: letters });
  assert.deepEqual(await collect(breaker.stream(() => both)), ["a", "b"]);
});

for (const [what, given] of [["nothing", undefined], ["a list", ["a"]], ["a text", "a"]] as const) {
  Deno.test(`R27: ${what} is no async iterable, which is the caller's mistake and counts for nothing`, async () => {
    const { breaker } = bench({ failureThreshold: 1 });
    for (const result of [given, Promise.resolve(given)]) {
      // @ts-expect-error -- a caller in JavaScript can do this
      await assert.rejects(collect(breaker.stream(() => result)), TypeError);
    }
    assert.equal(breaker.counts.lifetime.ignored, 2);
    assert.equal(breaker.state, "closed");
  });
}

for (const notAResult of ["a", null, undefined]) {
  Deno.test(`R27: a producer that gives ${notAResult} for an iterator result fails the stream`, async () => {
    const { breaker } = bench();
    const producer = { next: () => Promise.resolve(notAResult) };
    const operation = () => ({ [Symbol.asyncIterator]: () => producer });
    // @ts-expect-error -- a producer in JavaScript can do this
    await assert.rejects(collect(breaker.stream(operation)), /gave no iterator result/);
    assert.equal(breaker.counts.failures, 1);
  });
}

Deno.test("R27: do never looks for iterables in a result", async () => {
  const { breaker } = bench();
  const result = await breaker.do(() => broken());
  assert.equal(breaker.counts.successes, 1);
  await assert.rejects(result.next(), (error) => error === boom);
  assert.equal(breaker.counts.failures, 0);
});

Deno.test("R27: a stream's options are checked where they are given", async () => {
  const { breaker } = bench();
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ idleWithn: "1s" }, /did you mean "idleWithin"/],
    [{ signal: "now" }, /"signal" must be an AbortSignal/],
    [{ signal: new AbortController() }, /did you mean its "signal"/],
    [{ isIgnored: true }, /"isIgnored" must be a function/],
    [{ isFailure: null }, /"isFailure" must be a function/],
    [{ holdAfter: "1s" }, /"holdAfter" must be a function/],
    [{ firstWithin: 0 }, /"firstWithin" must be a duration above 0 ms/],
    [{ idleWithin: "soon" }, /"idleWithin" must be a duration/],
    [{ timeout: -1 }, /"timeout" must be a duration above 0 ms/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => breaker.stream(letters, options), message);
    assert.throws(
      () => breaker.stream(letters, options),
      /^\w+: Cannot stream through breaker "b": /,
    );
  }
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => breaker.stream(letters()), /"operation" must be a function/);
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => breaker.stream(letters, "1s"), /options must be an object/);
  const all = {
    signal: new AbortController().signal,
    timeout: null,
    firstWithin: null,
    idleWithin: null,
    isIgnored: () => false,
    isFailure: () => true,
    holdAfter: () => undefined,
  };
  assert.deepEqual(await collect(breaker.stream(letters, all)), ["a", "b"]);
});

Deno.test("R27: an operation that asks for an item of its own stream is the caller's mistake", async () => {
  const { breaker } = bench();
  const asked: Promise<unknown>[] = [];
  const items = breaker.stream(() => {
    asked.push(items.next());
    return letters();
  })[Symbol.asyncIterator]();
  await Promise.allSettled([items.next()]);
  await assert.rejects(Promise.all(asked), /the operation of the stream is still being called/);
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
});

Deno.test("R27: a broken stream that nobody awaits raises no unhandled rejection of its own", async () => {
  const { breaker, clock } = bench();
  const unhandled = await unhandledDuring(async () => {
    const producer = new DrivenProducer();
    const items = breaker.stream(producer.operation, { idleWithin: "1s" })[Symbol.asyncIterator]();
    const results = [items.next(), items.next()];
    const settled = Promise.allSettled(results.slice(0, 1));
    await clock.tick("1s");
    await settled;
    producer.fail(boom);
    producer.fail(boom);
    await clock.tick();
  });
  assert.deepEqual(unhandled, []);
  assert.equal(breaker.counts.timeouts, 1);
});

Deno.test("R27: a stream that nobody holds any more is ignored, and its producer is told", async () => {
  v8.setFlagsFromString("--expose-gc");
  const { breaker, clock } = bench();
  const producer = new DrivenProducer();
  const caller = new AbortController();
  await (async () => {
    const stream = breaker.stream(producer.operation, { signal: caller.signal });
    const first = stream[Symbol.asyncIterator]().next();
    producer.give("a");
    await first;
  })();
  // What is collected, and when its finalizer runs, is the engine's to say: a few turns are enough for it.
  for (let i = 0; i < 50 && breaker.counts.lifetime.ignored === 0; i++) {
    vm.runInNewContext("gc")();
    await clock.tick();
  }
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
  assert.deepEqual(producer.told, ["run", "return"]);
  assert.equal(producer.signal?.aborted, true);
});

/** A producer that can do nothing but give items, as iterators written by hand often are. */
function bare(items: string[]): () => AsyncIterable<string> {
  const next = () => {
    const value = items.shift();
    return Promise.resolve(value === undefined ? { done: true, value } as const : { value });
  };
  return () => ({ [Symbol.asyncIterator]: () => ({ next }) });
}

Deno.test("R27: a producer without return() and throw() is left, and thrown into, all the same", async () => {
  const { breaker } = bench();
  const left = breaker.stream(bare(["a", "b"]))[Symbol.asyncIterator]();
  assert.equal((await left.next()).value, "a");
  assert.deepEqual(await left.return("x"), { done: true, value: "x" });
  assert.deepEqual(await left.next(), { done: true, value: undefined });
  const thrown = breaker.stream(bare(["a", "b"]))[Symbol.asyncIterator]();
  await thrown.next();
  await assert.rejects(thrown.throw(boom), (error) => error === boom);
  assert.deepEqual(await thrown.next(), { done: true, value: undefined });
  assert.deepEqual(outcomes(breaker), { ignored: 2 });
});

Deno.test("R27: a stream that has ended is not ended again", async () => {
  const { breaker } = bench();
  const producer = new DrivenProducer();
  const items = breaker.stream(producer.operation)[Symbol.asyncIterator]();
  const last = items.next();
  producer.end();
  await last;
  assert.deepEqual(await items.return("x"), { done: true, value: "x" });
  await assert.rejects(items.throw(boom), (error) => error === boom);
  assert.deepEqual(producer.told, ["run"]);
  assert.equal(producer.signal?.aborted, false);
  assert.deepEqual(outcomes(breaker), { successes: 1 });
});

Deno.test("R27: who leaves a second time, while the producer cleans up, is not kept waiting", async () => {
  const { breaker } = bench();
  async function* slow(): AsyncGenerator<string> {
    try {
      yield "a";
    } finally {
      yield "cleaning";
      await new Promise(() => {});
    }
  }
  const items = breaker.stream(slow)[Symbol.asyncIterator]();
  await items.next();
  assert.deepEqual(await items.return(), { done: false, value: "cleaning" });
  const pending = items.next();
  assert.deepEqual(await items.return("x"), { done: true, value: "x" });
  assert.deepEqual(await pending, { done: true, value: undefined });
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
});

Deno.test("R27: a stream that is lost while an item is waited for ends with that item", async () => {
  const { breaker } = bench();
  const producer = new DrivenProducer();
  const { operation } = producer;
  const limits = { firstMs: Infinity, idleMs: Infinity, ownTotalMs: undefined };
  const run = new StreamRun({ core: coreOf(breaker), operation, options: {}, limits });
  const first = run.open([]);
  run.drop();
  assert.deepEqual(outcomes(breaker), {});
  producer.give("a");
  assert.deepEqual(await first, { done: false, value: "a" });
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
  assert.deepEqual(producer.told, ["run", "return"]);
  run.drop();
  assert.deepEqual(producer.told, ["run", "return"]);
});
