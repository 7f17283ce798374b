/**
 * With `freshErrors: false` one error serves all calls of an opening. It must not keep alive what its first caller
 * held, which V8 does for as long as an error's stack consists of frames.
 */
import assert from "node:assert/strict";
import { type Breaker, BreakerOpenError } from "../../mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";
import { collectGarbage } from "../support/collect_garbage.ts";

class Caller {
  readonly #breaker: Breaker;
  constructor(breaker: Breaker) {
    this.#breaker = breaker;
  }
  async callAndReadStack(): Promise<string> {
    const error: unknown = await this.#breaker.do(() => Promise.resolve()).catch((error) => error);
    assert(error instanceof BreakerOpenError);
    return error.stack ?? "";
  }
  callSync(): string {
    try {
      this.#breaker.doSync(() => {});
    } catch (error) {
      if (error instanceof BreakerOpenError) return error.stack ?? "";
    }
    return "";
  }
}

/** Calls, and forgets the caller. */
async function call(breaker: Breaker, way: keyof Caller): Promise<WeakRef<Caller>> {
  const caller = new Caller(breaker);
  const stack = await caller[way]();
  assert.match(stack, /^BreakerOpenError: Breaker "b" refused the call: it is open/);
  assert.match(stack, new RegExp(`\\n +at Caller\\.${way} `)); // and still says who called
  return new WeakRef(caller);
}

for (const way of ["callAndReadStack", "callSync"] as const) {
  Deno.test(`R18: the shared error of an opening keeps no caller alive: ${way}`, async () => {
    const { breaker } = bench({ failureThreshold: 1 }, { freshErrors: false });
    fail(breaker);
    const caller = await call(breaker, way);
    for (let i = 0; i < 20 && caller.deref() !== undefined; i++) await collectGarbage();
    assert.equal(caller.deref(), undefined);
    assert.equal(breaker.state, "open");
  });
}

Deno.test("R18: a program whose Error.prepareStackTrace throws is refused by the breaker's error all the same", () => {
  const { breaker } = bench({ failureThreshold: 1 }, { freshErrors: false });
  fail(breaker);
  const original = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Object.defineProperty(Error, "prepareStackTrace", {
    configurable: true,
    get: () => () => {
      throw new Error("no stack");
    },
  });
  try {
    let seen: unknown;
    try {
      breaker.doSync(() => {});
    } catch (error) {
      seen = error;
    }
    assert(seen instanceof BreakerOpenError);
  } finally {
    if (original === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Object.defineProperty(Error, "prepareStackTrace", original);
  }
});
