import assert from "node:assert/strict";
import { createBreaker } from "../../mod.ts";
import { fail } from "../support/breaker_bench.ts";
import { Deferred } from "../support/deferred_operation.ts";

/** A clock that the test breaks, and which keeps no timers. */
class BrokenClock {
  reading: number | Error = 0;
  now(): number {
    if (this.reading instanceof Error) throw this.reading;
    return this.reading;
  }
  setTimeout(): unknown {
    return undefined;
  }
  clearTimeout(): void {}
}

for (const broken of [Infinity, -Infinity, Number.NaN, new Error("no clock")]) {
  Deno.test(`R16: a clock that gives ${broken} stands still, and goes on when it is mended`, async () => {
    const clock = new BrokenClock();
    clock.reading = 1_000;
    const policy = { failureThreshold: 1, openStateTimeout: 100, successThreshold: 1 };
    const breaker = createBreaker("b", policy, { clock });
    fail(breaker);
    clock.reading = broken;
    assert.equal(breaker.state, "open");
    assert.equal(breaker.peek().admitted, false);
    clock.reading = 1_100;
    assert.equal(breaker.state, "half-open");
    clock.reading = broken;
    assert.equal(await breaker.do(() => "value", { timeout: 5 }), "value");
    assert.equal(breaker.state, "closed");
  });

  Deno.test(`R16: a clock whose first reading is ${broken} counts from its first good one`, () => {
    const clock = new BrokenClock();
    clock.reading = broken;
    const breaker = createBreaker("b", { failureThreshold: 1, openStateTimeout: 100 }, { clock });
    fail(breaker);
    assert.equal(breaker.state, "open");
    clock.reading = 5_000;
    assert.equal(breaker.state, "open");
    clock.reading = 5_100;
    assert.equal(breaker.state, "half-open");
  });
}

Deno.test("a clock without timers rejects a call with a time limit, and leaves no slot taken", async () => {
  const clock = new BrokenClock();
  clock.setTimeout = () => {
    throw new Error("no timers");
  };
  const breaker = createBreaker("b", { failureThreshold: 1, openStateTimeout: 100 }, { clock });
  fail(breaker);
  clock.reading = 100;
  const operation = new Deferred();
  await assert.rejects(breaker.do(operation.operation, { timeout: 5 }), /no timers/);
  assert.deepEqual([operation.calls, breaker.counts.inFlight, breaker.state], [0, 0, "half-open"]);
});

Deno.test("a signal that is none rejects the call, and leaves no slot taken", async () => {
  const clock = new BrokenClock();
  const breaker = createBreaker("b", { failureThreshold: 1, openStateTimeout: 100 }, { clock });
  fail(breaker);
  clock.reading = 100;
  // @ts-expect-error -- a caller in JavaScript can do this
  await assert.rejects(breaker.do(() => "value", { signal: {} }), TypeError);
  assert.deepEqual([breaker.counts.inFlight, breaker.state], [0, "half-open"]);
});
