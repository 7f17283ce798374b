import assert from "node:assert/strict";
import { BreakerEmitter } from "../../src/breaker/events/breaker_emitter.ts";
import type { Trip } from "../../src/breaker/trip/trip.ts";
import { bench, fail } from "../support/breaker_bench.ts";

const boom = new Error("boom");

Deno.test("R18: trip says what opened the breaker until it is closed again", () => {
  const { breaker, clock } = bench({
    failureThreshold: 2,
    openStateTimeout: "1s",
    successThreshold: 1,
  });
  const read = (): Trip | undefined => breaker.trip;
  assert.equal(read(), undefined);
  clock.advance(250);
  fail(breaker, 2);
  const trip = read();
  assert(trip !== undefined);
  const { criterion, observed, threshold, at } = trip;
  assert.deepEqual([criterion, observed, threshold, at], ["failureThreshold", 2, 2, 250]);
  assert.equal(trip.counts.failures, 2);
  clock.advance("1s");
  assert.equal(breaker.state, "half-open");
  assert.equal(read(), trip);
  breaker.tryAcquire()?.success();
  assert.equal(read(), undefined);
});

Deno.test("trip looks first: what is due has happened when it is read", () => {
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "1s" });
  const states: string[] = [];
  breaker.on("stateChange", ({ to }) => states.push(to));
  fail(breaker);
  clock.advance("1s");
  assert.equal(breaker.trip?.criterion, "failureThreshold");
  assert.deepEqual(states, ["open", "half-open"]);
});

Deno.test("a breaker has the name that it was created with", () => {
  assert.equal(bench().breaker.name, "b");
});

Deno.test("R21: doSync's fallback answers failures and refusals only", () => {
  const { breaker } = bench({}, {
    isIgnored: (error) => error === "ignored",
    isFailure: (error) => error !== "answered",
  });
  const fallback = (): string => "fallback";
  for (const error of ["ignored", "answered"]) {
    const operation = (): never => {
      throw error;
    };
    assert.throws(() => breaker.doSync(operation, { fallback }), (thrown) => thrown === error);
  }
  const failing = (): never => {
    throw boom;
  };
  assert.equal(breaker.doSync(failing, { fallback }), "fallback");
});

Deno.test("a wrapped function's name can be changed again, as any function's can", () => {
  const wrapped = bench().breaker.wrap(function getUser() {});
  assert.deepEqual(Object.getOwnPropertyDescriptor(wrapped, "name"), {
    ...{ value: "getUser", configurable: true, enumerable: false, writable: false },
  });
});

Deno.test("override says which modes there are", () => {
  const { breaker } = bench();
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => breaker.override("off"), {
    name: "TypeError",
    message: 'Cannot override mode of breaker "b": must be one of normal, disabled, forced-open, ' +
      "metrics-only or null, received off",
  });
  for (const mode of ["normal", "disabled", "forced-open", "metrics-only"] as const) {
    breaker.override(mode);
    assert.equal(breaker.mode, mode);
  }
  breaker.override(null);
  assert.equal(breaker.mode, "normal");
});

Deno.test("rejections are heard from the first listener to the last", () => {
  const emitter = new BreakerEmitter();
  assert.equal(emitter.hearsRejections, false);
  const removeState = emitter.on("stateChange", () => {});
  assert.equal(emitter.hearsRejections, false);
  const removeFirst = emitter.on("reject", () => {});
  const removeSecond = emitter.on("reject", () => {});
  assert.equal(emitter.hearsRejections, true);
  removeFirst();
  assert.equal(emitter.hearsRejections, true);
  removeState();
  removeSecond();
  assert.equal(emitter.hearsRejections, false);
});
