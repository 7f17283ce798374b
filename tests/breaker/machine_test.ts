import assert from "node:assert/strict";
import {
  type BreakerEvents,
  BreakerOpenError,
  consecutiveFailures,
  type Counts,
  createBreaker,
  errorRate,
  InvalidPolicyError,
  type Policy,
  type StateName,
  SwitchgearError,
  timeoutRate,
} from "../../mod.ts";
import { compilePolicy, openTime } from "../../src/breaker/state/compiled_policy.ts";
import { ProbeQueue } from "../../src/breaker/state/probe_queue.ts";
import {
  CLOSED,
  type State,
  transition,
  type TransitionEvent,
} from "../../src/breaker/state/state.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { Timeline } from "../../src/time/timeline.ts";
import { bench, fail, succeed } from "../support/breaker_bench.ts";

const boom = new Error("boom");

Deno.test("the transition table: which events move which states, and where to", () => {
  const policy = compilePolicy(resolvePolicy());
  const counts = {
    calls: 1,
    successes: 0,
    failures: 1,
    slow: 0,
    timeouts: 0,
    consecutiveFailures: 1,
  };
  const trip = { criterion: "failureThreshold", counts, at: 0 } as const;
  const events: TransitionEvent[] = [
    { cause: "tripped", at: 5, trip, draw: 0.5 },
    { cause: "open-timeout", at: 5 },
    { cause: "probe-failure", at: 5, draw: 0.5 },
    { cause: "probe-timeout", at: 5, draw: 0.5 },
    { cause: "manual", at: 5, draw: 0.5, reason: undefined },
    { cause: "recovered", at: 5 },
    { cause: "reset", at: 5 },
    { cause: "mode", at: 5 },
  ];
  const open = transition(CLOSED, { cause: "tripped", at: 1, trip, draw: 0.25 }, policy);
  const halfOpen = transition(open, { cause: "open-timeout", at: 2 }, policy);
  const table: [State, StateName[]][] = [
    [CLOSED, ["open", "closed", "closed", "closed", "closed", "closed", "closed", "closed"]],
    [open, ["open", "half-open", "open", "open", "open", "open", "closed", "closed"]],
    [halfOpen, ["half-open", "half-open", "open", "open", "open", "closed", "closed", "closed"]],
  ];
  for (const [from, expected] of table) {
    const seen = events.map((event) => transition(from, event, policy));
    assert.deepEqual(seen.map(({ kind }) => kind), expected, `from ${from.kind}`);
    const unmoved = seen.filter((to) => to === from).length;
    assert.equal(unmoved, { closed: 7, open: 5, "half-open": 2 }[from.kind], `from ${from.kind}`);
  }
  const reopened = transition(halfOpen, { cause: "probe-failure", at: 9, draw: 0.75 }, policy);
  assert.deepEqual(reopened, { ...open, since: 9, reopenings: 1, draw: 0.75 });
});

Deno.test("R8: the open time grows with each reopening, is capped, and jitter only shortens it", () => {
  const time = (openBackoff: Policy["openBackoff"], n: number, draw = 0): number =>
    openTime(
      compilePolicy(resolvePolicy({ openStateTimeout: "1s", openBackoff: openBackoff ?? null })),
      n,
      draw,
    ) / 1e6;
  assert.deepEqual([0, 1, 2, 3].map((n) => time({ multiplier: 2, maxTimeout: "5s" }, n)), [
    1_000,
    2_000,
    4_000,
    5_000,
  ]);
  assert.equal(time({}, 0), 1_000);
  assert.equal(time({}, 20), 600_000);
  assert.equal(time({}, 100_000), 600_000);
  assert.equal(time({ maxTimeout: "500ms" }, 0), 500);
  assert.equal(time({ jitter: 0.5 }, 1, 0.5), 1_500);
  assert.equal(time({ jitter: 1 }, 0, 0.999), 1);
  assert.equal(time(null, 7, 0.5), 1_000);
});

Deno.test("R11: the probe queue gives the earliest deadline, whatever the order of admissions and settlements", () => {
  const queue = new ProbeQueue();
  assert.equal(queue.deadline, Infinity);
  const probes = [5, 9, 3, 7, 5, 1].map((deadline) => queue.add(deadline));
  const left = new Set(probes);
  for (const i of [5, 0, 2, 4, 1, 3]) {
    assert.equal(queue.deadline, Math.min(...[...left].map(({ deadline }) => deadline)));
    const probe = probes[i];
    assert(probe);
    queue.remove(probe);
    left.delete(probe);
    assert.equal(queue.size, left.size);
  }
  assert.equal(queue.deadline, Infinity);
});

Deno.test("R16: a clock that goes back stands still, and what it then advances counts from there", () => {
  const clock = new ManualClock(1_000);
  const timeline = new Timeline(clock);
  const look = (): number => timeline.clockMs(timeline.now());
  assert.equal(look(), 1_000);
  clock.advance(-600);
  assert.equal(look(), 1_000);
  clock.advance(50);
  assert.equal(look(), 1_050);
  clock.advance(-100);
  clock.advance(200); // nobody looked in between
  assert.equal(look(), 1_150);
});

Deno.test("R16: a clock that gives no number stands still", () => {
  let reading = 5;
  const clock = { now: () => reading, setTimeout: () => 0, clearTimeout: () => {} };
  const timeline = new Timeline(clock);
  assert.equal(timeline.now(), 0);
  reading = Number.NaN;
  assert.equal(timeline.now(), 0);
  reading = 6;
  assert.equal(timeline.now(), 1e6);
});

Deno.test("R5: readyToTrip is asked after failures and slow calls only, at any count, and opens", () => {
  const asked: Counts[] = [];
  const { breaker, clock } = bench({ failureThreshold: 0, slowCallThreshold: "10ms" }, {
    readyToTrip: (counts) => {
      asked.push(counts);
      return counts.failures === 2;
    },
  });
  succeed(breaker);
  fail(breaker);
  const slow = breaker.tryAcquire();
  clock.advance(11);
  slow?.success();
  fail(breaker);
  assert.deepEqual(asked.map(({ calls, failures, slow }) => [calls, failures, slow]), [[2, 1, 0], [
    3,
    1,
    1,
  ], [4, 2, 1]]);
  assert.equal(breaker.state, "open");
  const peek = breaker.peek();
  assert(!peek.admitted);
  assert.equal(peek.trip?.criterion, "readyToTrip");
});

Deno.test("R5: readyToTrip that throws is reported and counts as false", () => {
  const { breaker, reports } = bench({ failureThreshold: 2 }, {
    readyToTrip: () => {
      throw boom;
    },
  });
  fail(breaker);
  assert.equal(breaker.state, "closed");
  assert.match(reports[0] ?? "", /readyToTrip/);
  fail(breaker);
  assert.equal(breaker.state, "open");
});

Deno.test("R5: readyToTrip that changes the breaker itself does not trip what it made", () => {
  const made = bench({ failureThreshold: 0 }, {
    readyToTrip: () => {
      made.breaker.reset();
      return true;
    },
  });
  fail(made.breaker);
  assert.equal(made.breaker.state, "closed");
  assert.equal(made.breaker.counts.calls, 0);
});

Deno.test("ready-made criteria hold from their thresholds on", () => {
  const counts = (calls: number, failures: number, timeouts = 0): Counts => ({
    calls,
    failures,
    timeouts,
    successes: calls - failures,
    slow: 0,
    consecutiveFailures: failures,
  });
  assert.deepEqual([2, 3].map((n) => consecutiveFailures(3)(counts(n, n))), [false, true]);
  assert.deepEqual(
    [[9, 9], [10, 4], [10, 5]].map(([c = 0, f = 0]) => errorRate(0.5, 10)(counts(c, f))),
    [false, false, true],
  );
  assert.deepEqual(
    [[9, 9], [10, 1], [10, 2]].map(([c = 0, t = 0]) => timeoutRate(0.2, 10)(counts(c, c, t))),
    [false, false, true],
  );
});

Deno.test("ready-made criteria refuse bad arguments by name", () => {
  const bad: [() => unknown, RegExp][] = [
    [() => consecutiveFailures(0), /"threshold".*received 0/],
    [() => consecutiveFailures(1.5), /"threshold".*received 1.5/],
    [() => errorRate(0, 10), /"rate".*received 0/],
    [() => errorRate(1.1, 10), /"rate".*received 1.1/],
    [() => errorRate(0.5, 0), /"minimumRequests".*received 0/],
    [() => timeoutRate(Number.NaN, 10), /"rate".*received NaN/],
    [() => timeoutRate(0.5, -1), /"minimumRequests".*received -1/],
  ];
  for (const [create, message] of bad) assert.throws(create, { name: "RangeError", message });
});

for (const draw of [1, -0.1, Number.NaN]) {
  Deno.test(`R8: random() that gives ${draw} is reported and taken as 0`, () => {
    const { breaker, reports } = bench({ failureThreshold: 1, openBackoff: { jitter: 0.5 } }, {
      random: () => draw,
    });
    fail(breaker);
    assert.equal(breaker.snapshot().open?.draw, 0);
    assert.match(reports[0] ?? "", /random/);
  });
}

Deno.test("R8: random() that throws is reported and taken as 0", () => {
  const { breaker, reports } = bench({ failureThreshold: 1 }, {
    random: () => {
      throw boom;
    },
  });
  fail(breaker);
  assert.equal(breaker.state, "open");
  assert.equal(reports.length, 1);
});

function record<K extends keyof BreakerEvents>(
  { breaker }: ReturnType<typeof bench>,
  type: K,
): BreakerEvents[K][] {
  const events: BreakerEvents[K][] = [];
  breaker.on(type, (event) => events.push(event));
  return events;
}

Deno.test("R18: state changes say why, when, and what tripped; a reopening says whether a probe failed or timed out", () => {
  const made = bench({ failureThreshold: 2, openStateTimeout: "1s", successThreshold: 1 });
  const { breaker, clock } = made;
  const events = record(made, "stateChange");
  fail(breaker, 2);
  clock.advance(1_500);
  fail(breaker);
  clock.advance(1_000);
  breaker.tryAcquire();
  clock.advance(5_000);
  succeed(breaker);
  const seen = events.map(({ from, to, cause, at, trip }) => [from, to, cause, at, trip?.observed]);
  assert.deepEqual(seen, [
    ["closed", "open", "tripped", 0, 2],
    ["open", "half-open", "open-timeout", 1_000, 2],
    ["half-open", "open", "probe-failure", 1_500, 2],
    ["open", "half-open", "open-timeout", 2_500, 2],
    ["half-open", "open", "probe-timeout", 3_500, 2],
    ["open", "half-open", "open-timeout", 4_500, 2],
    ["half-open", "closed", "recovered", 7_500, 2],
  ]);
});

Deno.test("R18: a probe that runs into the call's own time limit has timed out too", () => {
  const made = bench({ failureThreshold: 1, openStateTimeout: "1s" });
  const events = record(made, "stateChange");
  fail(made.breaker);
  made.clock.advance("1s");
  made.breaker.tryAcquire()?.timeout();
  assert.equal(events.at(-1)?.cause, "probe-timeout");
});

Deno.test("a change of policy is told before what it brings about, both with their instant", () => {
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "1m" });
  const seen: string[] = [];
  breaker.on("stateChange", ({ to, at }) => seen.push(`${to} at ${at}`));
  breaker.on("policyChange", ({ policy, at }) => seen.push(`${policy.openStateTimeout} at ${at}`));
  fail(breaker);
  clock.advance("2s");
  breaker.setPolicy({ failureThreshold: 1, openStateTimeout: "1s" });
  assert.deepEqual(seen, ["open at 0", "1000 at 2000", "half-open at 2000"]);
});

Deno.test("R15: listeners run in order after the transition is complete, and may call back into the breaker", () => {
  const { breaker } = bench({ failureThreshold: 1 });
  const seen: string[] = [];
  breaker.on("stateChange", ({ from, to }) => {
    seen.push(`first ${from}->${to}, now ${breaker.state}`);
    if (to === "open") breaker.reset();
  });
  breaker.on(
    "stateChange",
    ({ from, to }) => seen.push(`second ${from}->${to}, now ${breaker.state}`),
  );
  fail(breaker);
  assert.deepEqual(seen, [
    "first closed->open, now open",
    "second closed->open, now closed",
    "first open->closed, now closed",
    "second open->closed, now closed",
  ]);
});

Deno.test("R15: a listener that throws or rejects is reported and harms nothing", async () => {
  const { breaker, reports } = bench({ failureThreshold: 1 });
  const seen: string[] = [];
  breaker.on("stateChange", () => {
    throw boom;
  });
  breaker.on("stateChange", async () => {
    await Promise.resolve();
    throw boom;
  });
  breaker.on("stateChange", ({ to }) => seen.push(to));
  fail(breaker);
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(seen, ["open"]);
  assert.equal(reports.length, 2);
});

Deno.test("a listener is called until it is removed, once for each time that it was added", () => {
  const { breaker } = bench({ failureThreshold: 1 });
  let calls = 0;
  const listener = (): void => {
    calls++;
  };
  const removals = [breaker.on("stateChange", listener), breaker.on("stateChange", listener)];
  fail(breaker);
  assert.equal(calls, 2);
  removals[0]?.();
  removals[0]?.();
  breaker.reset();
  assert.equal(calls, 3);
  removals[1]?.();
  fail(breaker);
  assert.equal(calls, 3);
});

Deno.test("a logger that throws harms nothing", () => {
  const broken = (): never => {
    throw boom;
  };
  const logger = { debug: broken, info: broken, warn: broken, error: broken };
  const { breaker } = bench({ failureThreshold: 1 }, { logger });
  breaker.on("stateChange", broken);
  fail(breaker);
  assert.equal(breaker.state, "open");
});

Deno.test("reject events say why and until when; stale results say how the call ended", () => {
  const made = bench({ failureThreshold: 1, openStateTimeout: "1s" });
  const { breaker, clock } = made;
  const rejects = record(made, "reject");
  const stale = record(made, "staleResult");
  const calls = [1, 2, 3, 4].map(() => breaker.tryAcquire());
  fail(breaker);
  breaker.tryAcquire();
  clock.advance(1_000);
  breaker.tryAcquire();
  breaker.tryAcquire();
  calls[0]?.success();
  calls[1]?.failure();
  calls[2]?.timeout();
  calls[3]?.ignore();
  breaker.override("forced-open");
  breaker.tryAcquire();
  assert.deepEqual(
    rejects.map(({ state, reason, retryAfterMs }) => [state, reason, retryAfterMs]),
    [
      ["open", "open", 1_000],
      ["half-open", "probing", undefined],
      ["open", "forced", undefined],
    ],
  );
  assert.deepEqual(stale.map(({ outcome, state }) => [outcome, state]), [
    ["success", "half-open"],
    ["failure", "half-open"],
    ["timeout", "half-open"],
    ["ignored", "half-open"],
  ]);
});

Deno.test("R13: metrics-only announces what would have opened, once per crossing", () => {
  const made = bench({ mode: "metrics-only", failureThreshold: 2 });
  const { breaker } = made;
  const events = record(made, "wouldOpen");
  fail(breaker, 5);
  assert.equal(events.length, 1);
  assert.equal(events[0]?.trip.criterion, "failureThreshold");
  succeed(breaker);
  fail(breaker, 5);
  assert.equal(events.length, 2);
  assert.equal(breaker.state, "closed");
});

Deno.test("R13: with failureThreshold 1 every failure after a success is a crossing of its own", () => {
  const made = bench({ mode: "metrics-only", failureThreshold: 1 });
  const events = record(made, "wouldOpen");
  fail(made.breaker, 2);
  succeed(made.breaker);
  fail(made.breaker, 2);
  assert.equal(events.length, 2);
});

Deno.test("R13: a crossing ends when the evidence grows too old", () => {
  const made = bench({
    mode: "metrics-only",
    failureThreshold: 0,
    failureRateThreshold: 0.5,
    minimumCalls: 2,
    window: { kind: "time", duration: "1s" },
  });
  const events = record(made, "wouldOpen");
  fail(made.breaker, 4);
  made.clock.advance("1h");
  fail(made.breaker, 4);
  assert.equal(events.length, 2);
});

Deno.test("R13: a crossing by readyToTrip is announced once too", () => {
  let bad = true;
  const made = bench({ mode: "metrics-only", failureThreshold: 0 }, { readyToTrip: () => bad });
  const events = record(made, "wouldOpen");
  fail(made.breaker, 3);
  assert.equal(events.length, 1);
  bad = false;
  fail(made.breaker);
  bad = true;
  fail(made.breaker);
  assert.equal(events.length, 2);
});

Deno.test("R13: setting the mode that is in force starts nothing anew", () => {
  const { breaker } = bench({ failureThreshold: 5 });
  const permit = breaker.tryAcquire();
  fail(breaker, 2);
  breaker.override("normal");
  breaker.override(null);
  permit?.failure();
  assert.equal(breaker.counts.failures, 3);
  assert.equal(breaker.counts.staleCalls, 0);
});

Deno.test("override refuses what is no mode", () => {
  const { breaker } = bench();
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => breaker.override("off"), {
    name: "TypeError",
    message: /forced-open.*received off/,
  });
  assert.equal(breaker.mode, "normal");
});

Deno.test("R18: a refusal is a real error that says why, until when, and what tripped the breaker", async () => {
  const { breaker, clock } = bench({ failureThreshold: 2, openStateTimeout: "30s" });
  fail(breaker, 2);
  clock.advance(1_234.5);
  const error = await breaker.do(() => "value").then(() => undefined, (thrown) => thrown);
  assert(error instanceof BreakerOpenError);
  assert(error instanceof SwitchgearError);
  assert.equal(error.name, "BreakerOpenError");
  assert.equal(error.code, "BREAKER_OPEN");
  assert.deepEqual([error.breaker, error.state, error.reason], ["b", "open", "open"]);
  assert.equal(error.retryAfterMs, 28_766);
  assert.deepEqual(error.trip, {
    criterion: "failureThreshold",
    observed: 2,
    threshold: 2,
    counts: { calls: 2, successes: 0, failures: 2, slow: 0, timeouts: 0, consecutiveFailures: 2 },
    at: 0,
  });
  assert.match(
    error.message,
    /Breaker "b" refused the call: it is open \(tripped by failureThreshold 2 reached 2\)/,
  );
  assert.match(error.stack ?? "", /machine_test/);
});

Deno.test("R18: where it is asked for, the calls of one opening share one error, whose retryAfterMs tells the time that is left", async () => {
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "10s" }, {
    freshErrors: false,
  });
  const refused = (): Promise<unknown> => breaker.do(() => "value").catch((error) => error);
  fail(breaker);
  const first = await refused();
  assert(first instanceof BreakerOpenError);
  clock.advance("4s");
  assert.equal(await refused(), first);
  assert.equal(first.retryAfterMs, 6_000);
  breaker.setPolicy({ failureThreshold: 1, openStateTimeout: "20s" });
  assert.equal(first.retryAfterMs, 16_000);
  clock.advance("16s");
  fail(breaker);
  const second = await refused();
  assert.notEqual(second, first);
  assert.equal(first.retryAfterMs, 0);
});

Deno.test("R18: each reason has its error: probing, ramping and forced", async () => {
  const ramp = { calls: 1, per: "1s", steps: 2 };
  const { breaker, clock } = bench({
    failureThreshold: 1,
    openStateTimeout: "1s",
    successThreshold: 1,
  });
  const refused = async (): Promise<unknown[]> => {
    const error = await breaker.do(() => "value").catch((thrown) => thrown);
    assert(error instanceof BreakerOpenError);
    return [error.state, error.reason, error.retryAfterMs, error.trip?.criterion];
  };
  fail(breaker);
  clock.advance("1s");
  const probe = breaker.tryAcquire();
  assert.deepEqual(await refused(), ["half-open", "probing", undefined, "failureThreshold"]);
  breaker.setPolicy({ failureThreshold: 1, openStateTimeout: "1m", ramp });
  assert.equal(await breaker.do(() => "value"), "value");
  clock.advance(250);
  assert.deepEqual(await refused(), ["half-open", "ramping", 750, "failureThreshold"]);
  breaker.override("forced-open");
  assert.deepEqual(await refused(), ["open", "forced", undefined, undefined]);
  probe?.ignore();
});

Deno.test("R18: each refused call has an error of its own, whose retryAfterMs is that of the refusal", async () => {
  const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "10s" });
  fail(breaker);
  const refused = (): Promise<BreakerOpenError> => breaker.do(() => "v").catch((error) => error);
  const first = await refused();
  clock.advance("1s");
  const second = await refused();
  assert.notEqual(first, second);
  assert.deepEqual([first.retryAfterMs, second.retryAfterMs], [10_000, 9_000]);
});

Deno.test("a permit settles once, and a disposed one is ignored", () => {
  const { breaker } = bench({ failureThreshold: 1, openStateTimeout: "1s" });
  {
    using permit = breaker.tryAcquire();
    permit?.success();
    permit?.failure();
  }
  {
    using _permit = breaker.tryAcquire();
  }
  const { calls, successes, lifetime } = breaker.counts;
  assert.deepEqual([calls, successes, lifetime.ignored], [1, 1, 1]);
});

Deno.test("a permit's error is judged by the breaker's predicates", () => {
  const { breaker } = bench({}, {
    isIgnored: (error) => error === "ignored",
    isFailure: (error) => error !== "answered",
  });
  for (const error of ["ignored", "answered", "failed", undefined]) {
    breaker.tryAcquire()?.failure(error);
  }
  const { successes, failures, lifetime } = breaker.counts;
  assert.deepEqual([successes, failures, lifetime.ignored], [1, 2, 1]);
});

Deno.test("setPolicy refuses an invalid policy whole and tells of a valid one", () => {
  const made = bench({ failureThreshold: 3 });
  const events = record(made, "policyChange");
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => made.breaker.setPolicy({ failureThreshold: -1, tiemout: "1s" }), (error) => {
    assert(error instanceof InvalidPolicyError);
    assert.equal(error.code, "INVALID_POLICY");
    assert.deepEqual(error.faults.map(({ path }) => path).sort(), [
      "$.failureThreshold",
      "$.tiemout",
    ]);
    return true;
  });
  assert.equal(made.breaker.policy.failureThreshold, 3);
  made.breaker.setPolicy({ failureThreshold: 4 });
  assert.deepEqual(
    events.map(({ policy, previous }) => [previous.failureThreshold, policy.failureThreshold]),
    [[3, 4]],
  );
});

Deno.test("createBreaker refuses settings that would do nothing or fail later, by name", () => {
  const bad: [unknown, RegExp][] = [
    [{ isfailure: () => true }, /unknown option "isfailure"; did you mean "isFailure"\?/],
    [{ timeout: "1s" }, /unknown option "timeout"/],
    [{ clock: { now: () => 0 } }, /"clock.setTimeout" must be a function, received undefined/],
    [{ random: 0.5 }, /"random" must be a function, received 0.5/],
    [{ logger: "console" }, /"logger" must be an object, received "console"/],
    [{ freshErrors: 1 }, /"freshErrors" must be one of true, false, received 1/],
    [null, /options must be an object, received null/],
  ];
  for (const [settings, message] of bad) {
    assert.throws(
      // @ts-expect-error -- a caller in JavaScript can do this
      () => createBreaker("payments", {}, settings),
      (error) => error instanceof TypeError && message.test(error.message),
    );
  }
});

Deno.test("createBreaker refuses a name that is no text", () => {
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => createBreaker(7), { name: "TypeError", message: /"name"/ });
});

Deno.test("an idle breaker owns no timer, in any state", () => {
  const { breaker, clock } = bench({
    failureThreshold: 1,
    timeout: "1s",
    window: { kind: "time" },
  });
  fail(breaker);
  assert.equal(clock.pendingTimers, 0);
  clock.advance("1m");
  const probe = breaker.tryAcquire();
  assert.equal(breaker.state, "half-open");
  assert.equal(clock.pendingTimers, 0);
  probe?.success();
  assert.equal(clock.pendingTimers, 0);
});
