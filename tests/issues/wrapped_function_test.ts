/** A wrapped function had another `length` than the function, and none of its properties; of its overloads, only the last. */
import assert from "node:assert/strict";
import { promisify } from "node:util";
import { createBreaker, createTimeout, pipeline, resilient } from "../../mod.ts";

function findById(id: number): Promise<string>;
function findById(name: string, exact: boolean): Promise<string[]>;
function findById(key: number | string, exact?: boolean): Promise<string | string[]> {
  return Promise.resolve(typeof key === "number" ? `user ${key}` : [key, String(exact)]);
}

const CACHE_KEY = Symbol("cache key");
/** A way around whatever guards `find`, if `promisify` found it. */
const around = (): Promise<string> => Promise.resolve("not guarded");
const find = Object.assign(findById, {
  table: "users",
  [CACHE_KEY]: "id",
  [promisify.custom]: around,
});

const WRAPPED: Record<string, typeof find> = {
  "a breaker": createBreaker("b").wrap(find),
  "a breaker with a time limit": createBreaker("b").wrap(find, { timeout: "1m" }),
  "a pipeline": pipeline(createTimeout("1m")).wrap(find),
  "resilient()": resilient().build().wrap(find),
};

for (const [name, guarded] of Object.entries(WRAPPED)) {
  Deno.test(`what ${name} wraps has the function's name, length, properties and overloads`, async () => {
    assert.deepEqual([guarded.name, guarded.length], ["findById", 2]);
    assert.deepEqual([guarded.table, guarded[CACHE_KEY]], ["users", "id"]);
    const byId: string = await guarded(7);
    const byName: string[] = await guarded("Ada", true);
    assert.deepEqual([byId, byName], ["user 7", ["Ada", "true"]]);
  });

  Deno.test(`what ${name} wraps is no way around it`, () => {
    assert.equal(Object.hasOwn(guarded, promisify.custom), false);
  });
}

Deno.test("what is wrapped keeps type parameters, and this", async () => {
  const same = createBreaker("b").wrap(<T>(value: T) => Promise.resolve(value));
  const answer: 7 = await same(7);
  assert.equal(answer, 7);
  const counter = {
    step: 2,
    add: createBreaker("b").wrap(function (this: { step: number }, to: number) {
      return Promise.resolve(this.step + to);
    }),
  };
  assert.equal(await counter.add(3), 5);
});

Deno.test("with a fallback, and of what is not asynchronous, the wrapped function says so", async () => {
  const breaker = createBreaker("b", { mode: "forced-open" });
  const fallback = (): undefined => undefined;
  const orNone: (id: number) => Promise<string | undefined> = breaker.wrap(
    (id: number) => Promise.resolve(`user ${id}`),
    { fallback },
  );
  assert.equal(await orNone(7), undefined);
  const later: (id: number) => Promise<string> = createBreaker("b").wrap((id: number) => `${id}`);
  assert.equal(await later(7), "7");
});
