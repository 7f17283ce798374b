import assert from "node:assert/strict";
import {
  createBreaker,
  createCacheFallback,
  createFallback,
  createHedge,
  createRetry,
  createTimeout,
  type Layer,
} from "../../../mod.ts";
import { pipeline } from "../../../src/patterns/compose/pipeline.ts";
import { resilient } from "../../../src/patterns/compose/resilient.ts";

/** Takes a promise of exactly `T`: the compiler is the test. */
type Exactly<T, U> = (<X>() => X extends T ? 1 : 2) extends (<X>() => X extends U ? 1 : 2) ? U
  : never;
function resolvesTo<T>() {
  return { in: async <U>(promise: Promise<Exactly<T, U>>): Promise<U> => await promise };
}

const one = (): Promise<number> => Promise.resolve(1);
const text = () => createFallback(() => "instead");
const dates = () =>
  createCacheFallback<Date>({ cache: new Map(), ttl: "1s", staleTtl: "1m" }).layer("key");

Deno.test("layers that answer nothing leave the operation's type as it is", async () => {
  const call = pipeline(createTimeout("1s"), createHedge(), createBreaker("b"), createRetry());
  assert.equal(await resolvesTo<number>().in(call.do(one)), 1);
  assert.equal(await resolvesTo<number>().in(resilient().retry().build().do(one)), 1);
  assert.equal(await resolvesTo<number>().in(pipeline().do(one)), 1);
});

Deno.test("what a fallback answers is in the result's type", async () => {
  const call = pipeline(text(), createBreaker("b"));
  assert.equal(await resolvesTo<number | string>().in(call.do(one)), 1);
  const listed = pipeline([text(), createRetry()], { name: "listed" });
  assert.equal(await resolvesTo<number | string>().in(listed.do(one)), 1);
});

Deno.test("what a cache, a nested composition and a layer of one's own answer is in it, too", async () => {
  const own: Layer<bigint> = { do: (operation) => Promise.resolve(operation(undefined)) };
  const call = pipeline(own, dates(), pipeline(text(), createRetry()));
  assert.equal(await resolvesTo<number | bigint | Date | string>().in(call.do(one)), 1);
});

Deno.test("a builder's result has the types of the operation and of the fallback", async () => {
  const made = resilient<number>().fallback(() => null).breaker("b").build();
  assert.equal(await resolvesTo<number | null>().in(made.do(one)), 1);
  const given = resilient<number>().retry().fallback(text()).build();
  assert.equal(await resolvesTo<number | string>().in(given.do(one)), 1);
  const layered = resilient().fallback(dates()).build();
  assert.equal(await resolvesTo<number | Date>().in(layered.do(one)), 1);
  const nested = pipeline(resilient().fallback(text()).build(), createRetry());
  assert.equal(await resolvesTo<number | string>().in(nested.do(one)), 1);
});

Deno.test("a builder for one type takes no operation of another", async () => {
  const call = resilient<string>().retry().build();
  // @ts-expect-error a number is no string
  assert.equal(await call.do(one), 1);
  // @ts-expect-error nor is it in a wrapped function
  assert.equal(await call.wrap(one)(), 1);
});

Deno.test("a wrapped function keeps its parameters, and gains the fallback's type", async () => {
  const double = pipeline(text()).wrap((n: number) => 2 * n);
  assert.equal(await resolvesTo<number | string>().in(double(21)), 42);
  // @ts-expect-error a text is no number
  assert.equal(typeof await double("x"), "number");
});
