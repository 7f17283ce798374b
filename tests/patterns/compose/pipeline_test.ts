import assert from "node:assert/strict";
import {
  createBreaker,
  createBulkhead,
  createFallback,
  createHedge,
  createRetry,
  createTimeout,
  createTokenBucket,
  type Layer,
} from "../../../mod.ts";
import { pipeline } from "../../../src/patterns/compose/pipeline.ts";
import { ManualClock } from "../../../src/testing/mod.ts";
import { unhandledDuring } from "../../support/unhandled_during.ts";
import { CountedCaller, look, rejectsWith } from "../caller_support.ts";
import { SeenLayer } from "./seen_layer.ts";

Deno.test("layers run in the order in which they are given, the outermost first", async () => {
  const seen: string[] = [];
  const call = pipeline(
    new SeenLayer("a", seen),
    new SeenLayer("b", seen),
    new SeenLayer("c", seen),
  );
  await call.do(() => seen.push("operation"));
  assert.deepEqual(seen, ["a", "b", "c", "operation"]);
});

Deno.test("a list of layers is as good as layers one by one", async () => {
  const seen: string[] = [];
  await pipeline([new SeenLayer("a", seen), new SeenLayer("b", seen)]).do(() => {});
  assert.deepEqual(seen, ["a", "b"]);
});

Deno.test("no layers at all run the operation as it is", async () => {
  const promise = Promise.resolve(42);
  assert.equal(pipeline().do(() => promise), promise);
  await rejectsWith(
    pipeline().do(() => {
      throw "thrown";
    }),
    "thrown",
  );
});

Deno.test("where a layer passes the operation's promise on, so does the composition", () => {
  const promise = Promise.resolve(42);
  const call = pipeline(createTokenBucket({ rate: Infinity }), createTokenBucket({ rate: 1 }));
  assert.equal(call.do(() => promise), promise);
});

Deno.test("a composition is a layer of another one, and its layers are among the other's", async () => {
  const seen: string[] = [];
  const inner = pipeline(new SeenLayer("b", seen), new SeenLayer("c", seen));
  const outer = pipeline(new SeenLayer("a", seen), inner, new SeenLayer("d", seen));
  await outer.do(() => {});
  assert.deepEqual(seen, ["a", "b", "c", "d"]);
  assert.equal(outer.layers.length, 4);
});

Deno.test("without a signal every layer and the operation are given none", async () => {
  const seen: string[] = [];
  const layers = [new SeenLayer("a", seen), new SeenLayer("b", seen)];
  let signal: unknown = "not run";
  await pipeline(layers).do((given) => signal = given);
  assert.deepEqual([layers[0]?.options, layers[1]?.options, signal], [
    [undefined],
    [undefined],
    undefined,
  ]);
});

Deno.test("a signal of undefined is none", async () => {
  const seen: string[] = [];
  const layer = new SeenLayer("a", seen);
  await pipeline(layer).do(() => {}, JSON.parse("{}"));
  assert.deepEqual(layer.options, [undefined]);
});

Deno.test("the caller's signal goes through all layers to the operation", async () => {
  const seen: string[] = [];
  const layers = [new SeenLayer("a", seen), new SeenLayer("b", seen), createRetry()];
  const { signal } = new AbortController();
  assert.equal(await pipeline(layers).do((given) => given, { signal }), signal);
  for (const layer of layers) {
    if (layer instanceof SeenLayer) assert.equal(layer.options[0]?.signal, signal);
  }
});

Deno.test("the signal that a layer gives goes to the next layer, and so on inwards", async () => {
  const seen: string[] = [];
  const own = new AbortController().signal;
  const outer = new SeenLayer("a", seen, own);
  const inner = new SeenLayer("b", seen);
  assert.equal(await pipeline(outer, inner).do((given) => given), own);
  assert.deepEqual([outer.options[0], inner.options[0]?.signal], [undefined, own]);
});

Deno.test("what only one of the layers would take is refused", async () => {
  const call = pipeline(createBreaker("b"));
  const options = { signal: new AbortController().signal, timeout: "1s" };
  await assert.rejects(call.do(() => Promise.reject("down"), options), {
    name: "TypeError",
    message: 'Cannot call through composition: unknown option "timeout"; known are signal',
  });
});

Deno.test("a timeout's error reaches the operation as the reason of its signal", async () => {
  const clock = new ManualClock();
  const call = pipeline(createTimeout("1s", { clock }), createBreaker("b", {}, { clock }));
  let reason: unknown;
  const result = call.do((signal) => {
    signal?.addEventListener("abort", () => reason = signal.reason);
    return new Promise(() => {});
  });
  result.catch(() => {});
  await clock.tick("1s");
  await assert.rejects(result, { name: "BreakerTimeoutError" });
  assert.equal(reason, await result.catch((error) => error));
});

Deno.test("each attempt of a retry goes through all layers inside of it", async () => {
  const seen: string[] = [];
  const retry = createRetry({ maxRetries: 2, backoff: 0 });
  const call = pipeline(new SeenLayer("a", seen), retry, new SeenLayer("b", seen));
  await rejectsWith(call.do(() => Promise.reject("down")), "down");
  assert.deepEqual(seen, ["a", "b", "b", "b"]);
});

Deno.test("each attempt of a hedge goes through all layers inside of it, with its own signal", async () => {
  const clock = new ManualClock();
  const seen: string[] = [];
  const signals: unknown[] = [];
  const layer = new SeenLayer("b", seen);
  const result = pipeline(createHedge({ delay: "1s", clock }), layer).do((signal) => {
    signals.push(signal);
    return signals.length === 1 ? new Promise<string>(() => {}) : "second";
  });
  await clock.tick("1s");
  assert.equal(await result, "second");
  assert.deepEqual(layer.options.map((options) => options?.signal), signals);
  assert.notEqual(signals[0], signals[1]);
});

const layersThatPassAborts: readonly [name: string, make: () => Layer[]][] = [
  ["no layers", () => []],
  ["a rate limiter", () => [createTokenBucket({ rate: Infinity })]],
  ["a layer of one's own", () => [new SeenLayer("a", [])]],
  ["a layer of one's own around a retry", () => [new SeenLayer("a", []), createRetry()]],
  ["a rate limiter around a retry", () => [createTokenBucket({ rate: 9 }), createRetry()]],
  ["a retry around a layer of one's own", () => [createRetry(), new SeenLayer("a", [])]],
];

for (const [name, make] of layersThatPassAborts) {
  Deno.test(`the caller's abort ends a call through ${name} at once, and leaves no listener`, async () => {
    const caller = new CountedCaller();
    const result = pipeline(make()).do(() => new Promise(() => {}), { signal: caller.signal });
    assert.equal(await look(result), "pending");
    caller.abort("enough");
    assert.deepEqual(await look(result), { error: "enough" });
    assert.equal(caller.listeners, 0);
  });

  Deno.test(`what ${name} settled with before the abort stands`, async () => {
    const caller = new CountedCaller();
    const result = pipeline(make()).do(() => "answer", { signal: caller.signal });
    assert.deepEqual(await look(result), { value: "answer" });
    assert.equal(caller.listeners, 0);
  });
}

Deno.test("with a signal that is aborted already no layer and no operation is run", async () => {
  const seen: string[] = [];
  const signal = AbortSignal.abort("before");
  await rejectsWith(
    pipeline(new SeenLayer("a", seen)).do(() => seen.push("op"), { signal }),
    "before",
  );
  await rejectsWith(pipeline().do(() => seen.push("op"), { signal }), "before");
  assert.deepEqual(seen, []);
});

Deno.test("an operation that is no function is refused, in no breaker's counts and by no fallback hidden", async () => {
  const breaker = createBreaker("b", {}, { clock: new ManualClock() });
  const call = pipeline(createFallback(() => "hidden"), breaker);
  await assert.rejects(call.do(JSON.parse("1")), {
    name: "TypeError",
    message: "Cannot call: the operation must be a function, received 1",
  });
  assert.equal(breaker.counts.lifetime.failures, 0);
});

Deno.test("what is no AbortSignal is refused by a rejection", async () => {
  const options = JSON.parse('{"signal":{}}');
  await assert.rejects(pipeline().do(() => 1, options), TypeError);
  await assert.rejects(pipeline(createTimeout("1s")).do(() => 1, options), TypeError);
});

Deno.test("a layer of one's own that throws rejects the call", async () => {
  const broken: Layer = {
    do: () => {
      throw new Error("broken");
    },
  };
  await assert.rejects(pipeline(broken).do(() => 1), /broken/);
  await assert.rejects(
    pipeline(broken).do(() => 1, { signal: new AbortController().signal }),
    /broken/,
  );
  assert.equal(await pipeline(createFallback(() => "instead"), broken).do(() => 1), "instead");
});

Deno.test("a failing call that nobody awaits is reported as unhandled exactly once", async () => {
  const clock = new ManualClock();
  const call = pipeline(
    createTokenBucket({ rate: Infinity, clock }),
    createBulkhead({ maxConcurrent: 1, clock }),
    createBreaker("b", {}, { clock }),
    createRetry({ maxRetries: 0 }, { clock }),
  );
  const error = new Error("nobody cares");
  assert.deepEqual(
    await unhandledDuring(() => void call.do(() => Promise.reject(error))),
    [error],
  );
});

Deno.test("wrap keeps this, arguments, result and name", async () => {
  const seen: string[] = [];
  const account = {
    balance: 5,
    async withdraw(amount: number, fee: number): Promise<number> {
      return await Promise.resolve(this.balance - amount - fee);
    },
  };
  const wrapped = pipeline(new SeenLayer("a", seen)).wrap(account.withdraw);
  assert.equal(await wrapped.call(account, 2, 1), 2);
  assert.equal(wrapped.name, "withdraw");
  assert.deepEqual(seen, ["a"]);
});

const bad: readonly [what: string, run: () => unknown, message: RegExp][] = [
  ["what has no do", () => pipeline(JSON.parse("{}")), /"layers\[0\]\.do" must be a function/],
  ["no object", () => pipeline(createRetry(), JSON.parse("7")), /"layers\[1\]" must be an object/],
  ["an unknown option", () => pipeline([], JSON.parse('{"x":1}')), /unknown option "x"/],
  ["a code that is none", () => pipeline([], { silence: JSON.parse('["x"]') }), /"silence\[0\]"/],
  ["a silence that is none", () => pipeline([], { silence: JSON.parse("true") }), /"silence" must/],
  ["a name that is none", () => pipeline([], { name: JSON.parse("7") }), /"name" must be a text/],
];

for (const [what, run, message] of bad) {
  Deno.test(`${what} is refused, and named`, () => {
    assert.throws(run, { name: "TypeError", message });
  });
}
