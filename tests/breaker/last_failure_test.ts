import assert from "node:assert/strict";
import type { BreakerSettings, LastFailure, StateChangeEvent } from "../../mod.ts";
import { describeFailure, ResultFailure } from "../../src/breaker/trip/last_failure.ts";
import { type Bench, bench } from "../support/breaker_bench.ts";

const OPENS = { failureThreshold: 1, openStateTimeout: "1s" };

class ConnectError extends Error {
  override readonly name = "ConnectError";
  readonly code = "ECONNREFUSED";
}

const REFUSED: LastFailure = {
  name: "ConnectError",
  code: "ECONNREFUSED",
  message: "connect to 10.0.0.7",
};

const WAYS: Record<string, (made: Bench) => unknown> = {
  "do": ({ breaker }) => breaker.do(() => Promise.reject(refusal())),
  "do that throws at once": ({ breaker }) =>
    breaker.do(() => {
      throw refusal();
    }),
  "do with a signal": ({ breaker }) =>
    breaker.do(() => Promise.reject(refusal()), { signal: new AbortController().signal }),
  "doSync": ({ breaker }) =>
    breaker.doSync(() => {
      throw refusal();
    }),
  "a stream": ({ breaker }) => breaker.stream(breakingOff)[Symbol.asyncIterator]().next(),
  "a permit": ({ breaker }) => breaker.tryAcquire()?.failure(refusal()),
};

async function* breakingOff(): AsyncGenerator<never> {
  yield await Promise.reject(refusal());
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function refusal(): Error {
  return new ConnectError("connect to 10.0.0.7");
}

async function failing(made: Bench, way: (made: Bench) => unknown): Promise<void> {
  try {
    await way(made);
  } catch {
    // as it should
  }
}

for (const [what, way] of Object.entries(WAYS)) {
  Deno.test(`R18: a trip tells of the failure that it took: ${what}`, async () => {
    const made = bench(OPENS);
    await failing(made, way);
    assert.deepEqual(made.breaker.trip?.lastFailure, REFUSED);
    const { trip } = JSON.parse(JSON.stringify(made.breaker.snapshot()));
    assert.deepEqual(trip.lastFailure, REFUSED);
  });

  Deno.test(`R18: a reopening tells of the probe's failure, and the trip of the first one: ${what}`, async () => {
    const made = bench(OPENS);
    const { breaker, clock } = made;
    const changes: StateChangeEvent[] = [];
    breaker.on("stateChange", (change) => changes.push(change));
    breaker.tryAcquire()?.failure("first");
    clock.advance("1s");
    await failing(made, way);
    const reopened = changes.at(-1);
    assert.deepEqual([reopened?.cause, reopened?.lastFailure], ["probe-failure", REFUSED]);
    assert.equal(reopened?.trip?.lastFailure?.message, "first");
    assert.equal(changes.some(({ to, lastFailure }) => to !== "open" && lastFailure), false);
  });
}

Deno.test("R18: a time limit's error is the last failure, also of a probe", async () => {
  const { breaker, clock } = bench({ ...OPENS, timeout: "50ms" });
  const changes: StateChangeEvent[] = [];
  breaker.on("stateChange", (change) => changes.push(change));
  for (let i = 0; i < 2; i++) {
    const call = assert.rejects(breaker.do(() => new Promise(() => {})));
    clock.advance("50ms");
    await call;
    clock.advance("1s");
  }
  const told = changes.map(({ trip, lastFailure }) => (lastFailure ?? trip?.lastFailure)?.name);
  assert.deepEqual(told, ["BreakerTimeoutError", "BreakerTimeoutError", "BreakerTimeoutError"]);
});

Deno.test("R18: a stream's limit is the last failure", async () => {
  const { breaker, clock } = bench(OPENS);
  const stream = breaker.stream(() => ({ [Symbol.asyncIterator]: () => ({ next: never }) }), {
    firstWithin: "50ms",
  });
  const first = assert.rejects(stream[Symbol.asyncIterator]().next());
  clock.advance("50ms");
  await first;
  assert.equal(breaker.trip?.lastFailure?.name, "BreakerTimeoutError");
});

Deno.test("R18: the reason of a caller's abort that counts as a timeout is the last failure", async () => {
  const { breaker } = bench(OPENS);
  const controller = new AbortController();
  const call = breaker.do(() => new Promise(() => {}), { signal: controller.signal });
  controller.abort(new DOMException("The operation timed out", "TimeoutError"));
  await assert.rejects(call);
  assert.deepEqual(breaker.trip?.lastFailure, {
    name: "TimeoutError",
    code: 23,
    message: "The operation timed out",
  });
});

Deno.test("R18: a value that was judged a failure is a ResultFailure, of which nothing else is told", async () => {
  const isResultFailure = (value: number): boolean => value >= 500;
  const asked: unknown[] = [];
  const settings: BreakerSettings = {
    isResultFailure,
    holdAfter: (value) => void asked.push(value),
  };
  for (const options of [undefined, { signal: new AbortController().signal }]) {
    const { breaker } = bench(OPENS, settings);
    await breaker.do(() => Promise.resolve(503), options);
    assert.deepEqual(breaker.trip?.lastFailure, { name: "ResultFailure" });
  }
  const { breaker } = bench(OPENS, settings);
  breaker.doSync(() => 503);
  assert.deepEqual(breaker.trip?.lastFailure, { name: "ResultFailure" });
  assert.deepEqual(asked, [503, 503, 503]); // and the value itself is what may ask for time
});

Deno.test("R18: a value that the call's own predicate judged a failure is told of, and may ask for time, whatever else the call asks for", async () => {
  const asked: unknown[] = [];
  const options = {
    isResultFailure: (value: number) => value >= 500,
    holdAfter: (value: unknown) => void asked.push(value),
    fallback: () => 0,
  };
  for (const more of [{}, { signal: new AbortController().signal }, { timeout: "1m" }]) {
    const { breaker } = bench(OPENS);
    assert.equal(await breaker.do(() => 200, { ...options, ...more }), 200);
    assert.equal(await breaker.do(() => 503, { ...options, ...more }), 503);
    assert.deepEqual(breaker.trip?.lastFailure, { name: "ResultFailure" });
  }
  assert.deepEqual(asked, [503, 503, 503]);
});

Deno.test("R18: an error without a message is told of by its name alone", () => {
  const { breaker } = bench(OPENS);
  breaker.tryAcquire()?.failure(new TypeError());
  assert.throws(() => breaker.doSync(() => {}), /reached 1, last failure TypeError\)$/);
});

Deno.test("R18: where no failure is known, none is told of", () => {
  const byHand = bench(OPENS);
  byHand.breaker.tryAcquire()?.failure("before");
  byHand.breaker.reset();
  byHand.breaker.tripNow();
  const untold = bench(OPENS);
  untold.breaker.tryAcquire()?.failure();
  const slow = bench({
    slowCallThreshold: "1s",
    slowCallRateThreshold: 0.1,
    minimumCalls: 1,
    failureThreshold: 0,
  });
  const permit = slow.breaker.tryAcquire();
  slow.clock.advance("2s");
  permit?.success();
  for (const { breaker } of [byHand, untold, slow]) {
    assert.equal(breaker.state, "open");
    assert.equal(Object.hasOwn(breaker.trip ?? {}, "lastFailure"), false);
  }
});

Deno.test("R18: a refusal says in words what the last failure was", () => {
  const { breaker } = bench(OPENS);
  breaker.tryAcquire()?.failure(refusal());
  assert.throws(() => breaker.doSync(() => {}), {
    message: 'Breaker "b" refused the call: it is open (tripped by failureThreshold 1 reached 1, ' +
      "last failure ConnectError ECONNREFUSED: connect to 10.0.0.7)",
  });
});

Deno.test("R18: in a sentence the last failure is one line, whatever its message holds", () => {
  const { breaker } = bench(OPENS);
  breaker.tryAcquire()?.failure(new Error("down\n\u001b[2Jsince  noon"));
  assert.throws(() => breaker.doSync(() => {}), /last failure Error: down \[2Jsince noon\)$/);
});

Deno.test("R18: a setting leaves messages out, of trips, events and refusals", () => {
  const { breaker, clock } = bench(OPENS, { failureMessages: false });
  const events: unknown[] = [];
  breaker.on("stateChange", (event) => events.push(event));
  breaker.tryAcquire()?.failure(refusal());
  assert.throws(() => breaker.doSync(() => {}), /last failure ConnectError ECONNREFUSED\)$/);
  clock.advance("1s");
  breaker.tryAcquire()?.failure(refusal());
  assert.deepEqual(breaker.trip?.lastFailure, { name: "ConnectError", code: "ECONNREFUSED" });
  assert.doesNotMatch(JSON.stringify([events, breaker.snapshot()]), /10\.0\.0\.7/);
});

Deno.test("R18: in metrics-only the announcement that it would open tells of the failure", () => {
  const { breaker } = bench({ ...OPENS, mode: "metrics-only" });
  const told: unknown[] = [];
  breaker.on("wouldOpen", ({ trip }) => told.push(trip.lastFailure));
  breaker.tryAcquire()?.failure(refusal());
  assert.deepEqual(told, [REFUSED]);
});

const REVOKED = Proxy.revocable({}, {});
REVOKED.revoke();
const UNREADABLE = Object.defineProperties({}, {
  name: { get: () => assert.fail("name") },
  code: { get: () => assert.fail("code") },
  message: { get: () => assert.fail("message") },
});

const DESCRIBED: [string, unknown, LastFailure][] = [
  ["an error", new TypeError("no"), { name: "TypeError", message: "no" }],
  ["a code that is a number", Object.assign(new Error("x"), { code: 14 }), {
    name: "Error",
    code: 14,
    message: "x",
  }],
  ["a text", "down", { name: "string", message: "down" }],
  ["an empty name", { name: "" }, { name: "object" }],
  ["null", null, { name: "null" }],
  ["nothing", undefined, { name: "undefined" }],
  ["a number", 42, { name: "number" }],
  ["an object", {}, { name: "object" }],
  ["a name that is no text", { name: 1, code: {}, message: [] }, { name: "object" }],
  ["a revoked proxy", REVOKED.proxy, { name: "object" }],
  ["an object that cannot be read", UNREADABLE, { name: "object" }],
  ["a value", new ResultFailure("down"), { name: "ResultFailure" }],
  ["a password", new Error("at https://ada:pa55@host/?token=abc"), {
    name: "Error",
    message: "at https://…@host/?token=…",
  }],
];

for (const [what, outcome, expected] of DESCRIBED) {
  Deno.test(`R18: of ${what} is told ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(describeFailure(outcome, true), expected);
  });
}

Deno.test("R18: texts are cut, never within a character, and a secret at the cut is hidden first", () => {
  const long = describeFailure(new Error("x".repeat(10_000_000)), true).message;
  assert.equal(long, `${"x".repeat(199)}…`);
  const cat = describeFailure(new Error(`${"x".repeat(198)}🐈${"x".repeat(9)}`), true).message;
  assert.equal(cat, `${"x".repeat(198)}…`);
  const whole = `🐈${"x".repeat(198)}`;
  assert.equal(describeFailure(new Error(whole), true).message, whole);
  const cut = describeFailure(new Error(`${whole}xx`), true).message;
  assert.equal(cut, `🐈${"x".repeat(197)}…`);
  const secret = `${"x".repeat(180)} password="${"s3cret ".repeat(50)}"`;
  assert.equal(describeFailure(new Error(secret), true).message, `${"x".repeat(180)} password=…`);
  const { name, code } = describeFailure({ name: "n".repeat(999), code: "c".repeat(999) }, true);
  assert.deepEqual([name.length, `${code}`.length], [100, 100]);
});

Deno.test("R18: what is told of a failure keeps neither the error nor anything of it", () => {
  const told = describeFailure(new ConnectError("gone"), true);
  assert(Object.isFrozen(told));
  assert.equal(Object.values(told).every((value) => typeof value !== "object"), true);
});
