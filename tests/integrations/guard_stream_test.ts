import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { guard, type GuardOptions } from "../../integrations/guard/mod.ts";
import { BreakerTimeoutError, type Policy } from "../../mod.ts";
import { outcomes } from "../support/breaker_bench.ts";
import { collect } from "../support/driven_producer.ts";
import { Breakers, DOWN } from "./guard_subject.ts";

/** A stream as the SDKs of language models have it: iterable, and more. */
class Completion implements AsyncIterable<string> {
  readonly controller = new AbortController();
  readonly #words: readonly string[];
  readonly #breaks: boolean;

  constructor(words: readonly string[], breaks: boolean) {
    this.#words = words;
    this.#breaks = breaks;
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    yield* this.#words;
    if (this.#breaks) throw DOWN;
  }
  toReadableStream(): ReadableStream<string> {
    return ReadableStream.from([...this.#words]);
  }
  abort(): this {
    this.controller.abort();
    return this;
  }
}

/** A client that answers by streams of every kind. */
class Model {
  breaks = false;
  hangs = false;
  calls = 0;
  readonly words = ["hello", "world"];

  async *tokens(prompt: string): AsyncGenerator<string, string, string | undefined> {
    this.calls++;
    yield prompt;
    yield* this.words;
    if (this.hangs) await new Promise(() => {});
    if (this.breaks) throw DOWN;
    return "end";
  }
  list(): Completion {
    this.calls++;
    return new Completion(this.words, this.breaks);
  }
  create(): Promise<Completion> {
    this.calls++;
    return Promise.resolve(new Completion(this.words, this.breaks));
  }
  readable(): Readable {
    return Readable.from(this.words);
  }
  body(): ReadableStream<string> {
    return ReadableStream.from(this.words);
  }
  frozen(): AsyncIterable<string> {
    const items = () => new Completion(this.words, this.breaks)[Symbol.asyncIterator]();
    return Object.freeze({ [Symbol.asyncIterator]: items });
  }
}

function guarded(policy: Policy = {}, options: Partial<GuardOptions> = {}) {
  const breakers = new Breakers(policy);
  const target = new Model();
  const client = guard(target, breakers, { name: "model", ...options });
  return { target, client, breakers, breaker: breakers.getBreaker("model") };
}

type Iterate = (client: Model) => Promise<string[]>;
const WAYS: Record<string, Iterate> = {
  "an async generator method": (client) => collect(client.tokens("hello")),
  "a method that returns an async iterable": (client) => collect(client.list()),
  "a method that promises one": async (client) => await collect(await client.create()),
  "a method that returns a frozen one": (client) => collect(client.frozen()),
};

for (const [way, iterate] of Object.entries(WAYS)) {
  Deno.test(`guard: ${way} gives a stream that succeeds when it is exhausted`, async () => {
    const { client, breaker } = guarded();
    assert.equal((await iterate(client)).at(-1), "world");
    const { successes, failures } = breaker.counts;
    assert.deepEqual({ successes, failures }, { successes: 1, failures: 0 });
  });

  Deno.test(`guard: ${way} gives streams that open the breaker when they break`, async () => {
    const { client, target, breaker } = guarded({ failureThreshold: 3 });
    target.breaks = true;
    for (let i = 0; i < 3; i++) await assert.rejects(iterate(client), DOWN);
    assert.equal(breaker.state, "open");
    await assert.rejects(iterate(client), { code: "BREAKER_OPEN" });
  });

  Deno.test(`guard: ${way} gives a stream that is ignored when its consumer leaves`, async () => {
    const { target, breakers } = guarded();
    const client = guard(target, breakers, { name: "left" });
    const leave = async (items: AsyncIterable<string>) => {
      for await (const _ of items) break;
    };
    if (way.includes("generator")) await leave(client.tokens("a"));
    else if (way.includes("promises")) await leave(await client.create());
    else await leave(way.includes("frozen") ? client.frozen() : client.list());
    const { successes = 0, failures = 0 } = outcomes(breakers.getBreaker("left"));
    assert.deepEqual({ successes, failures }, { successes: 0, failures: 0 });
  });

  Deno.test(`guard: with streams: false, ${way} is handed on as it is`, async () => {
    const { client, target, breaker } = guarded({}, { streams: false });
    target.breaks = true;
    await assert.rejects(iterate(client), DOWN);
    assert.equal(breaker.counts.failures, 0);
  });
}

Deno.test("guard: an async generator method is refused from its first call, and never runs", async () => {
  const { client, target, breaker } = guarded({ mode: "forced-open" });
  const tokens = client.tokens("hello");
  assert.equal(breaker.counts.rejected, 0, "not before it is iterated");
  await assert.rejects(tokens.next(), { code: "BREAKER_OPEN" });
  assert.equal(target.calls, 0);
});

Deno.test("guard: a generator keeps next, return, throw and its disposal", async () => {
  const { client, breaker } = guarded();
  const tokens = client.tokens("hello");
  assert.equal(tokens[Symbol.asyncIterator](), tokens);
  assert.equal(Object.prototype.toString.call(tokens), "[object AsyncGenerator]");
  assert.deepEqual(await tokens.next(), { done: false, value: "hello" });
  assert.deepEqual(await tokens.return("bye"), { done: true, value: "bye" });
  const thrown = client.tokens("hello");
  await thrown.next();
  await assert.rejects(thrown.throw(DOWN), DOWN);
  {
    await using disposed = client.tokens("hello");
    await disposed.next();
  }
  assert.deepEqual(outcomes(breaker), { ignored: 3 });
  const ended = client.tokens("hello");
  const all: unknown[] = [];
  for (let result = await ended.next();; result = await ended.next()) {
    all.push(result.value);
    if (result.done) break;
  }
  assert.deepEqual(all, ["hello", "hello", "world", "end"]);
  assert.deepEqual(outcomes(breaker), { ignored: 3, successes: 1 });
});

Deno.test("guard: a generator that is left before its first item made no call", async () => {
  const { client, target, breaker } = guarded();
  const tokens = client.tokens("hello");
  assert.deepEqual(await tokens.return("bye"), { done: true, value: "bye" });
  assert.deepEqual(await tokens.next(), { done: true, value: undefined });
  await assert.rejects(client.tokens("hello").throw(DOWN), DOWN);
  assert.equal(target.calls, 0);
  assert.deepEqual(outcomes(breaker), {});
});

Deno.test("guard: a stream keeps its class and its other members", async () => {
  const { client, breaker } = guarded();
  for (const stream of [client.list(), await client.create()]) {
    assert(stream instanceof Completion);
    assert.deepEqual(await collect(stream.toReadableStream()), ["hello", "world"]);
    assert.equal(stream.abort(), stream);
    assert.equal(stream.controller.signal.aborted, true);
  }
  assert.equal(breaker.counts.calls, 0, "nothing was iterated");
});

Deno.test("guard: a stream can be iterated again, as often as it lets itself be", async () => {
  const { client, breaker } = guarded();
  const list = client.list();
  await collect(list);
  await collect(list);
  assert.equal(breaker.counts.successes, 2);
});

Deno.test("guard: a promise that rejects is a failure as before, one that brings a stream is none of a row's successes", async () => {
  const { client, target, breaker } = guarded({ failureThreshold: 2 });
  target.breaks = true;
  await assert.rejects(async () => await collect(await client.create()), DOWN);
  const { consecutiveFailures } = breaker.counts;
  await client.create();
  assert.equal(breaker.counts.consecutiveFailures, consecutiveFailures);
});

Deno.test("guard: a lazy promise that brings a stream is guarded as one", async () => {
  /** What such SDKs return: a promise of a class of its own. */
  class Pending extends Promise<Completion> {
    static override get [Symbol.species](): PromiseConstructor {
      return Promise;
    }
    override then<A = Completion, B = never>(
      resolved?: ((value: Completion) => A | PromiseLike<A>) | null,
      rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
    ): Promise<A | B> {
      return super.then(resolved, rejected);
    }
  }
  const target = { create: () => new Pending((resolve) => resolve(new Completion(["a"], true))) };
  const breakers = new Breakers({ failureThreshold: 2 });
  const client = guard(target, breakers, { name: "model" });
  for (let i = 0; i < 2; i++) {
    await assert.rejects(async () => await collect(await client.create()), DOWN);
  }
  assert.equal(breakers.getBreaker("model").state, "open");
});

Deno.test("guard: a builder that can be awaited or iterated is guarded both ways", async () => {
  /** Knex's queries are such. */
  class Query implements PromiseLike<string[]>, AsyncIterable<string> {
    then<A = string[], B = never>(
      resolved?: ((value: string[]) => A | PromiseLike<A>) | null,
      rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
    ): Promise<A | B> {
      return Promise.resolve(["row"]).then(resolved, rejected);
    }
    async *[Symbol.asyncIterator](): AsyncGenerator<string> {
      yield* ["row"];
    }
    where(): this {
      return this;
    }
  }
  const breakers = new Breakers();
  const client = guard({ select: () => new Query() }, breakers, { name: "db" });
  assert.deepEqual(await client.select().where(), ["row"]);
  assert.deepEqual(await collect(client.select().where()), ["row"]);
  assert.equal(breakers.getBreaker("db").counts.successes, 2);
});

Deno.test("guard: a cursor with a next() of its own is iterated through the breaker, and else its own", async () => {
  class Cursor implements AsyncIterable<number> {
    #left = 2;
    limit(): this {
      return this;
    }
    next(): Promise<number | null> {
      return Promise.resolve(this.#left > 0 ? this.#left-- : null);
    }
    async *[Symbol.asyncIterator](): AsyncGenerator<number> {
      for (let n = await this.next(); n !== null; n = await this.next()) yield n;
    }
  }
  const breakers = new Breakers();
  const client = guard({ find: () => new Cursor() }, breakers, { name: "db" });
  const cursor = client.find();
  assert.equal(cursor.limit(), cursor);
  assert.equal(await cursor.next(), 2);
  assert.equal(breakers.getBreaker("db").counts.calls, 0);
  assert.deepEqual(await collect(cursor), [1]);
  assert.equal(breakers.getBreaker("db").counts.successes, 1);
});

Deno.test("guard: Node's readable streams work as before, and are iterated through the breaker", async () => {
  const { client, breaker } = guarded();
  const readable = client.readable();
  assert(readable instanceof Readable);
  assert.deepEqual(await collect(readable), ["hello", "world"]);
  assert.equal(breaker.counts.successes, 1);
  const piped: unknown[] = [];
  await new Promise((resolve) =>
    client.readable().on("data", (item) => piped.push(item)).on("end", resolve)
  );
  assert.deepEqual(piped, ["hello", "world"]);
});

Deno.test("guard: the platform's readable stream stays itself, and is iterated through the breaker", async () => {
  const { client, breaker } = guarded();
  assert.deepEqual(await collect(client.body()), ["hello", "world"]);
  assert.equal(breaker.counts.successes, 1);
  const text = client.body().pipeThrough(new TextEncoderStream());
  assert.equal(await new Response(text).text(), "helloworld");
});

Deno.test("guard: guards that stand around one another each count a stream", async () => {
  const { client, breakers, breaker } = guarded();
  const outer = guard(client, breakers, { name: "outer" });
  for (const iterate of [...Object.values(WAYS), (c: Model) => collect(c.body())]) {
    await iterate(outer);
  }
  assert.equal(breaker.counts.successes, 5);
  assert.equal(breakers.getBreaker("outer").counts.successes, 5);
});

Deno.test("guard: a stream is limited by the policy's timeout, or by limits of its own", async () => {
  const subjects = [
    guarded({ timeout: "2s" }),
    guarded({}, { streams: { idleWithin: "2s" } }),
    guarded({ timeout: "1s" }, { streams: { timeout: null, firstWithin: "9s", idleWithin: "2s" } }),
  ];
  for (const { client, target, breakers, breaker } of subjects) {
    target.hangs = true;
    const rejected = assert.rejects(collect(client.tokens("a")), BreakerTimeoutError);
    await breakers.clock.tick(1_999);
    assert.equal(breaker.counts.timeouts, 0);
    await breakers.clock.tick(1);
    await rejected;
    assert.equal(breaker.counts.timeouts, 1);
  }
});

Deno.test("guard: a stream that is cut off at a limit is ended by its destroy() or its controller", async () => {
  const hangs = () => ({ next: () => new Promise<never>(() => {}) });
  const controller = new AbortController();
  const readable = new Readable({ read: () => {} });
  const target = {
    completion: () => ({ controller, [Symbol.asyncIterator]: hangs }),
    readable: () => readable,
  };
  const breakers = new Breakers();
  const client = guard(target, breakers, { name: "c", streams: { idleWithin: "2s" } });
  for (const stream of [client.completion(), client.readable()]) {
    const rejected = assert.rejects(collect(stream), BreakerTimeoutError);
    await breakers.clock.tick("2s");
    await rejected;
  }
  assert.equal(controller.signal.aborted, true);
  assert.equal(readable.destroyed, true);
});

Deno.test("guard: with shared: false a stream goes through its method's breaker", async () => {
  const { client, breakers } = guarded({}, { shared: false });
  await collect(client.tokens("a"));
  await collect(await client.create());
  assert.equal(breakers.getBreaker("model.tokens").counts.successes, 1);
  assert.equal(breakers.getBreaker("model.create").counts.successes, 1);
});

Deno.test("guard: methods that are not covered give streams as they are", async () => {
  const { client, target, breaker } = guarded({}, { methods: ["create"] });
  target.breaks = true;
  await assert.rejects(collect(client.tokens("a")), DOWN);
  assert.equal(breaker.counts.calls, 0);
  await assert.rejects(async () => await collect(await client.create()), DOWN);
  assert.equal(breaker.counts.failures, 1);
});

Deno.test("guard: the predicates judge what a stream throws, the guard's own first", async () => {
  const { client, target, breaker } = guarded({}, { isFailure: (error) => error !== DOWN });
  target.breaks = true;
  await assert.rejects(collect(client.tokens("a")), DOWN);
  assert.deepEqual(outcomes(breaker), { successes: 1 });
});

Deno.test("guard: what is nested is iterated through the breaker, and its methods are guarded", async () => {
  class Messages implements AsyncIterable<string> {
    async *[Symbol.asyncIterator](): AsyncGenerator<string> {
      yield* ["a", "b"];
    }
    async ack(): Promise<string> {
      return await Promise.resolve("acknowledged");
    }
  }
  const breakers = new Breakers();
  const target = { consume: () => Promise.resolve(new Messages()) };
  const client = guard(target, breakers, { name: "queue", nested: ["consume"] });
  const messages = await client.consume();
  assert.deepEqual(await collect(messages), ["a", "b"]);
  assert.equal(await messages.ack(), "acknowledged");
  assert.equal(breakers.getBreaker("queue").counts.successes, 2);
});

Deno.test("guard: a client that is iterable itself is iterated through the breaker", async () => {
  const breakers = new Breakers();
  const client = guard(new Completion(["a"], true), breakers, { name: "model" });
  await assert.rejects(collect(client), DOWN);
  assert.equal(breakers.getBreaker("model").counts.failures, 1);
});

Deno.test("guard: as a probe a promised stream succeeds at its first item, not when it is promised", async () => {
  const { client, target, breakers, breaker } = guarded({ failureThreshold: 1 });
  target.breaks = true;
  await assert.rejects(collect(client.tokens("a")), DOWN);
  await breakers.clock.tick("1s");
  target.breaks = false;
  const stream = await client.create();
  assert.equal(breaker.state, "half-open");
  for await (const _ of stream) break;
  assert.equal(breaker.state, "closed");
});

Deno.test("guard: the limits of streams are checked", () => {
  assert.throws(() => guarded({}, { streams: { idleWithin: "0s" } }), RangeError);
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => guarded({}, { streams: { idle: "1s" } }), TypeError);
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => guarded({}, { streams: true }), TypeError);
});
