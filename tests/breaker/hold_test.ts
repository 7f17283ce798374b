/** What conformance cases of R22 cannot see: what is told of holds, and what is refused. */
import assert from "node:assert/strict";
import { BreakerOpenError, type Duration, restoreBreaker, retryAfterMs } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { bench, fail, succeed } from "../support/breaker_bench.ts";

const OPENS = { failureThreshold: 1, openStateTimeout: "1s" } as const;

Deno.test("R22: a hold is announced when it begins or reaches further, a release when one ends it, and holds are counted", () => {
  const { breaker, clock } = bench();
  const events: unknown[] = [];
  breaker.on("hold", ({ owner, forMs }) => events.push([owner, forMs]));
  breaker.on("release", ({ owner }) => events.push(owner));
  breaker.hold("10s");
  breaker.hold("5s"); // no further
  breaker.hold("1m", { owner: "deploy" });
  clock.advance("10s");
  breaker.release(); // over by itself
  breaker.hold("5s");
  breaker.reset();
  assert.deepEqual(events, [
    ["code", 10_000],
    ["deploy", 60_000],
    ["code", 5_000],
    "deploy",
    "code",
  ]);
  assert.equal(breaker.counts.lifetime.holds, 3);
});

Deno.test("R22: what a failure asks for is announced with the owner `dependency`, and ended by a reset", () => {
  const { breaker } = bench(OPENS, { holdAfter: () => "30s" });
  const events: unknown[] = [];
  breaker.on("hold", ({ owner, forMs }) => events.push([owner, forMs]));
  breaker.on("release", ({ owner }) => events.push(owner));
  breaker.tryAcquire()?.failure(new Error("busy"));
  breaker.reset();
  assert.deepEqual(events, [["dependency", 30_000], "dependency"]);
});

Deno.test("R22: a held call rejects with the reason, and with the time that was left at the refusal", async () => {
  const { breaker, clock } = bench();
  breaker.hold("10s");
  const error = await breaker.do(() => assert.fail("it ran")).catch((error: unknown) => error);
  assert(error instanceof BreakerOpenError);
  assert.deepEqual([error.state, error.reason, error.retryAfterMs], ["closed", "held", 10_000]);
  assert.match(error.message, /it is held/);
  clock.advance("4s");
  assert.equal(error.retryAfterMs, 10_000);
});

Deno.test("R22: once a hold is over, calls of a closed breaker take the short way again", () => {
  const { breaker, clock } = bench();
  breaker.hold("10s");
  assert.equal(coreOf(breaker).passes, false);
  clock.advance("10s");
  succeed(breaker);
  assert.equal(coreOf(breaker).passes, true);
});

Deno.test("R22: holdAfter is given the error or value that was judged a failure, and nothing else", async () => {
  const asked: unknown[] = [];
  const { breaker } = bench({ failureThreshold: 0 }, {
    isIgnored: (error) => error === "ignored",
    isFailure: (error) => error !== "answered",
    isResultFailure: (value) => value === "bad",
    holdAfter: (outcome) => {
      asked.push(outcome);
      return undefined;
    },
  });
  for (const error of ["ignored", "answered", "failed"]) {
    await breaker.do(() => Promise.reject(error)).catch(() => {});
    await breaker.do(() => Promise.reject(error), { timeout: "1m" }).catch(() => {});
  }
  for (const value of ["good", "bad"]) {
    await breaker.do(() => Promise.resolve(value));
    breaker.doSync(() => value);
  }
  fail(breaker); // by a permit that is given no error
  breaker.tryAcquire()?.timeout();
  assert.deepEqual(asked, ["failed", "failed", "bad", "bad"]);
});

Deno.test("R22: holdAfter is not asked about a stale call", () => {
  const { breaker } = bench({}, { holdAfter: () => assert.fail("it was asked") });
  const stale = breaker.tryAcquire();
  breaker.reset();
  stale?.failure(new Error("busy"));
  assert.equal(breaker.counts.staleCalls, 1);
});

Deno.test("R22: a holdAfter that itself resets the breaker holds nothing of what it made", () => {
  const { breaker } = bench({}, {
    holdAfter: () => {
      breaker.reset();
      return "1m";
    },
  });
  breaker.tryAcquire()?.failure(new Error("busy"));
  assert.equal(breaker.counts.lifetime.holds, 0);
});

Deno.test("R22: a call's own holdAfter wins over the breaker's", async () => {
  const { breaker } = bench(OPENS, { holdAfter: () => assert.fail("it was asked") });
  await breaker.do(() => Promise.reject("busy"), { holdAfter: () => 30_000 }).catch(() => {});
  assert.equal(breaker.peek().heldForMs, 30_000);
});

Deno.test("R22: Retry-After keeps a breaker from probing, at most for maxHold however long it is", async () => {
  const { breaker } = bench({ ...OPENS, maxHold: "1m" }, { holdAfter: retryAfterMs });
  const asking = { retryAfter: Number.MAX_VALUE };
  await breaker.do(() => Promise.reject(asking)).catch(() => {});
  assert.equal(breaker.peek().heldForMs, 60_000);
});

const BROKEN: readonly (readonly [what: string, holdAfter: () => Duration | undefined])[] = [
  ["throws", () => {
    throw new Error("broken");
  }],
  ["gives no duration", () => JSON.parse("{}")],
  ["gives a text that is none", () => "soon"],
  ["answers with a promise", () => Reflect.get([Promise.resolve(1)], 0)],
];

for (const [what, holdAfter] of BROKEN) {
  Deno.test(`R22: a holdAfter that ${what} is reported, and asks for nothing`, () => {
    const { breaker, reports } = bench(OPENS, { holdAfter });
    breaker.tryAcquire()?.failure(new Error("busy"));
    assert.equal(breaker.state, "open");
    assert.equal(breaker.peek().heldForMs, undefined);
    assert.equal(reports.length, 1);
    assert.match(reports[0] ?? "", /holdAfter failed, the failure asks for nothing/);
  });
}

Deno.test("R22: what reaches exactly as far, or less far, is neither announced nor counted, by hand or asked for", () => {
  const asks = ["20s", "20s", "5s"];
  const { breaker } = bench({ failureThreshold: 9 }, { holdAfter: () => asks.shift() });
  const held: string[] = [];
  breaker.on("hold", ({ owner }) => held.push(owner));
  for (let i = 0; i < 3; i++) breaker.doSync(() => "busy", { isResultFailure: () => true });
  breaker.hold("10s");
  breaker.hold("10s");
  assert.deepEqual([held, breaker.counts.lifetime.holds], [["dependency", "code"], 2]);
});

Deno.test("R22: who holds nothing has nothing to release, whoever else holds", () => {
  const { breaker } = bench();
  const released: string[] = [];
  breaker.on("release", ({ owner }) => released.push(owner));
  breaker.hold("10s");
  breaker.release({ owner: "deploy" });
  assert.deepEqual(released, []);
});

Deno.test("R22: a reset announces the end of holds that run, and of no other", () => {
  const { breaker, clock } = bench(OPENS, { holdAfter: () => "10s" });
  const released: string[] = [];
  breaker.on("release", ({ owner }) => released.push(owner));
  breaker.reset();
  breaker.tryAcquire()?.failure(new Error("busy"));
  breaker.hold("10s");
  clock.advance("10s");
  breaker.reset();
  assert.deepEqual(released, []);
  breaker.tryAcquire()?.failure(new Error("busy"));
  breaker.hold("10s");
  breaker.reset();
  assert.deepEqual(released, ["code", "dependency"]);
});

for (const duration of [0, -1, "0s", "soon", "9000h", Infinity, NaN]) {
  Deno.test(`R22: a hold of ${duration} is refused`, () => {
    const { breaker } = bench();
    assert.throws(
      () => breaker.hold(duration),
      /^RangeError: Cannot hold breaker "b": the duration must be above 0 and at most 365 days/,
    );
  });
}

for (const duration of [5e-7, "8760h"]) {
  Deno.test(`R22: a hold of ${duration}, the least or the most that a policy's durations are, begins`, () => {
    const { breaker } = bench();
    breaker.hold(duration);
    assert.equal(breaker.counts.lifetime.holds, 1);
  });
}

Deno.test("R22: an owner that is no string is refused", () => {
  const { breaker } = bench();
  const message = /^TypeError: Cannot hold breaker "b": "owner" must be a string, received 7$/;
  assert.throws(() => Reflect.apply(breaker.hold, breaker, ["1s", { owner: 7 }]), message);
  assert.throws(() => Reflect.apply(breaker.release, breaker, [{ owner: 7 }]), message);
});

Deno.test("R22: the owners of holds outlive a restart", () => {
  const { breaker } = bench();
  breaker.hold("10s", { owner: "deploy" });
  const snapshot = JSON.parse(JSON.stringify(breaker.snapshot()));
  const restored = restoreBreaker(snapshot, {}, { elapsed: 0 });
  assert.equal(restored.peek().admitted, false);
  restored.release({ owner: "deploy" });
  assert.equal(restored.peek().admitted, true);
});
