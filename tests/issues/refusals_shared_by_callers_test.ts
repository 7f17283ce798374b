/** What one refused caller does with its error must not reach another (R18). */
import assert from "node:assert/strict";
import { type Breaker, BreakerOpenError } from "../../mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";

const refusedBy: Record<string, (breaker: Breaker) => Promise<BreakerOpenError>> = {
  "do": (breaker) => thrownBy(() => breaker.do(() => "value")),
  "do with a signal": (breaker) =>
    thrownBy(() => breaker.do(() => "value", { signal: new AbortController().signal })),
  "doSync": (breaker) => thrownBy(() => breaker.doSync(() => "value")),
  "wrap": (breaker) => thrownBy(breaker.wrap(() => "value")),
  "a fallback": async (breaker) => asRefusal(await breaker.do(() => 1, { fallback: (e) => e })),
  "a synchronous fallback": (breaker) =>
    Promise.resolve(asRefusal(breaker.doSync(() => 1, { fallback: (e) => e }))),
};

async function thrownBy(call: () => unknown): Promise<BreakerOpenError> {
  try {
    await call();
  } catch (error) {
    return asRefusal(error);
  }
  throw new Error("the call was admitted");
}

function asRefusal(error: unknown): BreakerOpenError {
  assert(error instanceof BreakerOpenError);
  return error;
}

for (const [way, refused] of Object.entries(refusedBy)) {
  Deno.test(`a helper that prefixes the message of what ${way} is refused with does so once`, async () => {
    const { breaker } = bench({ failureThreshold: 1 });
    fail(breaker);
    const messages: string[] = [];
    for (let i = 0; i < 3; i++) {
      const error = await refused(breaker);
      error.message = `Payment failed: ${error.message}`;
      messages.push(error.message);
    }
    const text = 'Payment failed: Breaker "b" refused the call: it is open ' +
      "(tripped by failureThreshold 1 reached 1)";
    assert.deepEqual(messages, [text, text, text]);
  });

  Deno.test(`a tracker that marks what it has seen reports each of what ${way} is refused with`, async () => {
    const { breaker } = bench({ failureThreshold: 1 });
    fail(breaker);
    let reported = 0;
    for (let i = 0; i < 5; i++) {
      const error = await refused(breaker);
      if (Object.hasOwn(error, "reported")) continue;
      Object.assign(error, { reported: true });
      reported++;
    }
    assert.equal(reported, 5);
  });

  Deno.test(`the stack, the cause and the user of a request that is attached to what ${way} is refused with stay there`, async () => {
    const { breaker } = bench({ failureThreshold: 1 });
    fail(breaker);
    const first = await refused(breaker);
    Object.assign(first, { user: "Ada", cause: "hers" });
    first.stack = "hers";
    const second = await refused(breaker);
    assert.deepEqual([Object.hasOwn(second, "user"), second.cause], [false, undefined]);
    assert.match(second.stack ?? "", /^BreakerOpenError: Breaker "b" refused the call/);
    assert.equal(first.stack, "hers");
  });

  Deno.test(`what matters of what ${way} is refused with is its own, enumerable and in its JSON`, async () => {
    const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "10s" });
    fail(breaker);
    clock.advance("1s");
    const error = await refused(breaker);
    const shown = JSON.parse(JSON.stringify(error));
    const { trip } = breaker;
    assert.deepEqual(shown, {
      code: "BREAKER_OPEN",
      breaker: "b",
      state: "open",
      reason: "open",
      retryAfterMs: 9_000,
      trip: JSON.parse(JSON.stringify(trip)),
    });
    clock.advance("1s");
    assert.equal(error.retryAfterMs, 9_000);
    assert.equal(error.name, "BreakerOpenError");
    assert.equal(`${error}`, `BreakerOpenError: ${error.message}`);
  });
}

Deno.test("one error for all that an opening refuses has the same fields, where it is asked for", async () => {
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "10s" }, {
    freshErrors: false,
  });
  fail(breaker);
  const error = await thrownBy(() => breaker.do(() => "value"));
  assert.equal(await thrownBy(() => breaker.do(() => "value")), error);
  clock.advance("4s");
  const { code, reason, retryAfterMs } = JSON.parse(JSON.stringify(error));
  assert.deepEqual([code, reason, retryAfterMs], ["BREAKER_OPEN", "open", 6_000]);
});
