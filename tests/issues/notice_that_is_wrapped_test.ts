/**
 * What a fallback is given for a refusal threw when its message was read through a proxy, as those of
 * reactive stores are, or of a copy or a descendant, as those of serializers are. An error does not.
 */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { BreakerOpenError } from "../../mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";

const TEXT = 'Breaker "b" refused the call: it is open (tripped by failureThreshold 1 reached 1)';

function notice(): BreakerOpenError {
  const { breaker } = bench({ failureThreshold: 1 });
  fail(breaker);
  const given: unknown = breaker.doSync(() => undefined, { fallback: (error) => error });
  assert(given instanceof BreakerOpenError);
  return given;
}

const WRAPPED: Readonly<Record<string, (error: BreakerOpenError) => BreakerOpenError>> = {
  "itself": (error) => error,
  "a proxy": (error) => new Proxy(error, {}),
  "a descendant": (error) => Object.create(error),
  "a copy": (error) =>
    Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error)),
};

for (const [what, wrap] of Object.entries(WRAPPED)) {
  Deno.test(`R18: what a fallback is given reads like the error: ${what}`, () => {
    const wrapped = wrap(notice());
    assert.equal(wrapped.message, TEXT);
    assert.equal(wrapped.stack, `BreakerOpenError: ${TEXT}`);
    assert.equal(`${wrapped}`, `BreakerOpenError: ${TEXT}`);
    assert.match(inspect(wrapped), /^\[?BreakerOpenError: Breaker "b" refused the call/);
    wrapped.message = "mine";
    assert.equal(wrapped.message, "mine");
  });
}

Deno.test("R18: what a fallback is given names the class of the error as its own", () => {
  const given = notice();
  assert.equal(given.constructor, BreakerOpenError);
  assert.equal(typeof Object.getPrototypeOf(given).message, "string");
});
