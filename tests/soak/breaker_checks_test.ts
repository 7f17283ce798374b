/** Each check of breakers is fed with what violates it, and must say so. */
import assert from "node:assert/strict";
import {
  createBreaker,
  type Policy,
  PRODUCTION_POLICY,
  type RejectionReason,
  resolvePolicy,
  type StateChangeEvent,
  systemClock,
} from "../../mod.ts";
import { type BreakerView, inspect } from "./inspection.ts";
import { type ProbeAllowance, ProbeDeadlines, probeTimeMs } from "./probe_deadlines.ts";
import { after, until } from "./real_timers.ts";
import { SoakContext } from "./soak_context.ts";
import { TrackedBreaker } from "./tracked_breaker.ts";
import { TransitionCheck, type TransitionCheckOptions } from "./transition_check.ts";

type Edge = Omit<StateChangeEvent, "breaker">;

const TRIP: Edge = { from: "closed", to: "open", cause: "tripped", at: 100 };
const LOOK: Edge = { from: "open", to: "half-open", cause: "open-timeout", at: 150 };
const CLOSE: Edge = { from: "half-open", to: "closed", cause: "recovered", at: 160 };
const REOPEN: Edge = { from: "half-open", to: "open", cause: "probe-failure", at: 160 };

function follow(edges: readonly Edge[], options?: TransitionCheckOptions): string {
  const check = new TransitionCheck(options);
  return edges.flatMap((edge) => check.take({ breaker: "b", ...edge })).join("; ");
}

Deno.test("transitions: the allowed edges are nothing to report", () => {
  const reset: Edge = { from: "open", to: "closed", cause: "reset", at: 170 };
  const force: Edge = { from: "closed", to: "open", cause: "mode", at: 180 };
  assert.equal(follow([TRIP, LOOK, REOPEN, reset, force]), "");
  assert.equal(follow([TRIP, LOOK, CLOSE], { shortestOpenMs: 50 }), "");
});

for (
  const [what, edges, options, found] of [
    ["closed to half-open", [{ ...LOOK, from: "closed" }], {}, /closed to half-open by open-time/],
    ["open to closed", [TRIP, { ...CLOSE, from: "open" }], {}, /open to closed by recovered/],
    ["a trip from half-open", [TRIP, LOOK, { ...TRIP, from: "half-open" }], {}, /by tripped/],
    ["an edge from another state", [TRIP, CLOSE], {}, /left half-open, but was open/],
    ["one transition twice", [TRIP, TRIP], {}, /left closed, but was open/],
    ["time that runs back", [TRIP, { ...LOOK, at: 99 }], {}, /at 99, before the one at 100/],
    ["an open time cut short", [TRIP, LOOK], { shortestOpenMs: 60 }, /open for 50 ms, at least 60/],
  ] as readonly (readonly [string, readonly Edge[], TransitionCheckOptions, RegExp])[]
) {
  Deno.test(`transitions: ${what} is reported`, () => {
    assert.match(follow(edges, options), found);
  });
}

Deno.test("transitions: an edited policy may cut the open time short", () => {
  const check = new TransitionCheck({ shortestOpenMs: 60 });
  check.take({ breaker: "b", ...TRIP });
  check.forgetShortestOpen();
  assert.deepEqual(check.take({ breaker: "b", ...LOOK }), []);
});

const SETTINGS = { failureThreshold: 3, window: { kind: "count", size: 4 } } as const;
const POLICY = createBreaker("b", SETTINGS).policy;
const COUNTS = createBreaker("b").counts;
const CLOSED: BreakerView = {
  state: "closed",
  announced: "closed",
  mode: "normal",
  counts: COUNTS,
  policy: POLICY,
  peek: { admitted: true },
  hasFixedPolicy: true,
};
const refused = (reason: RejectionReason) =>
  ({ admitted: false, breaker: "b", state: "open", reason }) as const;
const OPEN: BreakerView = { ...CLOSED, state: "open", announced: "open", peek: refused("open") };
const PROBING: BreakerView = {
  ...OPEN,
  state: "half-open",
  announced: "half-open",
  counts: { ...COUNTS, inFlight: 1 },
  peek: refused("probing"),
};

for (
  const [what, view] of [
    ["closed", CLOSED],
    ["open", OPEN],
    ["probing", PROBING],
    ["forced open", { ...OPEN, mode: "forced-open", peek: refused("forced") }],
    ["held", { ...CLOSED, peek: { ...refused("held"), heldForMs: 5, retryAfterMs: 5 } }],
    ["ramping", { ...PROBING, peek: { ...refused("ramping"), retryAfterMs: 5 } }],
  ] as readonly (readonly [string, BreakerView])[]
) {
  Deno.test(`inspection: ${what} agrees with itself`, () => {
    assert.deepEqual(inspect(view), []);
  });
}

for (
  const [what, view, found] of [
    ["another state than announced", { ...CLOSED, announced: "open" }, /its events say open/],
    ["closed where forced open", { ...CLOSED, mode: "forced-open" }, /closed in mode forced-open/],
    ["open where disabled", { ...OPEN, mode: "disabled" }, /open in mode disabled/],
    ["open where only measuring", { ...OPEN, mode: "metrics-only" }, /open in mode metrics-only/],
    [
      "a negative count",
      { ...CLOSED, counts: { ...COUNTS, calls: -1, failures: -1 } },
      /calls is -1/,
    ],
    [
      "a count that is no number",
      { ...CLOSED, counts: { ...COUNTS, inFlight: Number.NaN } },
      /inFlight is NaN/,
    ],
    [
      "calls without an outcome",
      { ...CLOSED, counts: { ...COUNTS, calls: 2, successes: 1 } },
      /make 2 calls/,
    ],
    ["more slow calls than calls", { ...CLOSED, counts: { ...COUNTS, slow: 1 } }, /1 of 0 calls/],
    [
      "more timeouts than failures",
      { ...CLOSED, counts: { ...COUNTS, timeouts: 1 } },
      /1 of 0 failures are timeouts/,
    ],
    [
      "more calls than the window holds",
      { ...CLOSED, counts: { ...COUNTS, calls: 5, successes: 5 } },
      /5 calls in a window of 4/,
    ],
    [
      "a trip that did not come",
      { ...CLOSED, counts: { ...COUNTS, calls: 3, failures: 3, consecutiveFailures: 3 } },
      /closed after 3 failures in a row of 3/,
    ],
    ["closed that refuses", { ...CLOSED, peek: refused("open") }, /closed, and refuses/],
    ["open that admits", { ...OPEN, peek: { admitted: true } }, /open, and admits/],
    ["open for another reason", { ...OPEN, peek: refused("probing") }, /refuses with probing/],
    [
      "a probe's place that is not freed",
      { ...PROBING, counts: COUNTS },
      /half-open, refuses at 0 of 1 probes/,
    ],
    ["a ramp without an end", { ...PROBING, peek: refused("ramping") }, /does not say until when/],
    ["a hold where the mode lets no hold refuse", {
      ...CLOSED,
      mode: "metrics-only",
      peek: { ...refused("held"), heldForMs: 9 },
    }, /closed in mode metrics-only, and refuses: held/],
    ["a hold while open", { ...OPEN, peek: { ...refused("held"), heldForMs: 9 } }, /open in mode/],
    ["a hold without an end", { ...CLOSED, peek: refused("held") }, /held for 0 ms/],
    ["half-open that refuses as open", { ...PROBING, peek: refused("open") }, /refuses with open/],
  ] as readonly (readonly [string, BreakerView, RegExp])[]
) {
  Deno.test(`inspection: ${what} is reported`, () => {
    assert.match(inspect(view).join("; "), found);
  });
}

Deno.test("inspection: production's policy is one it can read", () => {
  assert.deepEqual(inspect({ ...CLOSED, policy: resolvePolicy(PRODUCTION_POLICY) }), []);
});

const PROBE_TIMES:
  readonly (readonly [what: string, policy: Policy, ProbeAllowance, ms: number])[] = [
    ["the open time", {}, { limitMs: 0, slowestMs: 0 }, 100],
    ["its call's time limit, if that is longer", {}, { limitMs: 150, slowestMs: 0 }, 150],
    ["twice what an overdue one took", {}, { limitMs: 150, slowestMs: 200 }, 400],
    ["ten open times at most by that", {}, { limitMs: 0, slowestMs: 9_000 }, 1_000],
    [
      "what the policy says, whatever was learnt",
      { halfOpen: { probeTimeout: 30 } },
      { limitMs: 150, slowestMs: 200 },
      30,
    ],
  ];

for (const [what, policy, allowance, ms] of PROBE_TIMES) {
  Deno.test(`probes: a probe has ${what}`, () => {
    const effective = resolvePolicy({ openStateTimeout: 100, ...policy });
    assert.equal(probeTimeMs(effective, allowance), ms);
  });
}

Deno.test("probes: one past its deadline is reported, one that is younger or older is not", () => {
  const probes = new ProbeDeadlines();
  probes.admit({ transitions: 1, deadlineAt: 50 });
  const end = probes.admit({ transitions: 2, deadlineAt: 100 });
  assert.deepEqual(probes.overdue(2, 104), []);
  assert.deepEqual(probes.overdue(3, 200), []);
  assert.deepEqual(probes.overdue(2, 110), [
    "half-open 10 ms after the deadline of a probe in flight",
  ]);
  end();
  assert.deepEqual(probes.overdue(2, 110), []);
});

Deno.test("probes: an expiry after the earliest deadline is reported", () => {
  const probes = new ProbeDeadlines();
  assert.deepEqual(probes.expiry(2, 1_000), []); // of calls that are not tracked
  probes.admit({ transitions: 1, deadlineAt: 10 });
  probes.admit({ transitions: 2, deadlineAt: 100 });
  probes.admit({ transitions: 2, deadlineAt: 200 });
  assert.deepEqual(probes.expiry(2, 100), []);
  assert.deepEqual(probes.expiry(2, 200), [
    "a probe failed by a deadline 100 ms after the earliest",
  ]);
});

function tracked(): { context: SoakContext; subject: TrackedBreaker } {
  const context = new SoakContext();
  const breaker = createBreaker("b", { failureThreshold: 1, openStateTimeout: "1h" });
  const subject = new TrackedBreaker(breaker, { context, hasFixedPolicy: true });
  breaker.on("stateChange", (event) => subject.changed(event));
  breaker.on("reject", (event) => subject.rejected(event));
  breaker.on("staleResult", (event) => subject.wentStale(event));
  return { context, subject };
}

Deno.test("tracked: calls of every kind leave nothing to report", async () => {
  const { context, subject } = tracked();
  assert.equal(await subject.do(() => "value"), "value");
  assert.equal(subject.doSync(() => "value"), "value");
  assert.equal(await subject.wrapped(() => "value", { timeout: "1s" }), "value");
  const taken = subject.acquire();
  taken?.permit.success();
  taken?.settled("success");
  await assert.rejects(subject.do(() => Promise.reject(new Error("down"))), /down/);
  await assert.rejects(subject.do(() => "value"), /refused/);
  assert.equal(subject.acquire(), undefined);
  subject.check();
  assert.equal(subject.pending, 0);
  assert.deepEqual(context.violations.all(), []);
});

Deno.test("tracked: a call past the books is reported", () => {
  const { context, subject } = tracked();
  subject.breaker.doSync(() => "uncounted");
  subject.check();
  assert.match(context.violations.all()[0]?.seen[0] ?? "", /the breaker counted 1, callers saw 0/);
});

Deno.test("tracked: a probe whose call has ended is reported", async () => {
  const context = new SoakContext();
  const policy = { failureThreshold: 1, openStateTimeout: 1, halfOpen: { probeTimeout: "1h" } };
  const breaker = createBreaker("b", policy);
  const subject = new TrackedBreaker(breaker, { context, hasFixedPolicy: true });
  breaker.on("stateChange", (event) => subject.changed(event));
  const failed = subject.acquire();
  failed?.permit.failure();
  failed?.settled("failure");
  assert(await until(() => breaker.state === "half-open", 1_000));
  const probe = subject.acquire();
  subject.check();
  assert.deepEqual(context.violations.all(), []);
  probe?.forget(); // the call is over, and nobody has told the breaker
  subject.check();
  assert.equal(context.violations.all()[0]?.invariant, "a probe's place comes back with its call");
});

Deno.test("tracked: calls across a transition are stale, and one that is not is reported", async () => {
  const { context, subject } = tracked();
  const calls = [1, 2].map(() => subject.do(() => after(0))); // every other one is watched
  subject.changed({ breaker: "b", ...TRIP }); // a transition that the breaker never made
  await Promise.all(calls);
  subject.checkAccount();
  assert.match(context.violations.all()[0]?.seen.join() ?? "", /success: 1 are stale at least, 0/);
});

Deno.test("tracked: a breaker that stays half-open past a probe's deadline is reported once it was found again", async () => {
  const context = new SoakContext();
  const policy = {
    failureThreshold: 1,
    openStateTimeout: "1ms",
    halfOpen: { probeTimeout: "1ms" },
  };
  let ms = 0; // the breaker's own time, which will stand still
  const clock = { ...systemClock, now: () => ms };
  const breaker = createBreaker("b", policy, { clock });
  const subject = new TrackedBreaker(breaker, { context, hasFixedPolicy: true });
  breaker.on("stateChange", (event) => subject.changed(event));
  breaker.tryAcquire()?.failure();
  ms = 1;
  assert.equal(breaker.state, "half-open");
  subject.acquire();
  await after(10); // real time, by which the tracker goes
  subject.check();
  assert.equal(context.violations.count, 0);
  assert(await until(() => context.violations.count > 0, 5_000));
  assert.match(context.violations.all()[0]?.seen[0] ?? "", /ms after the deadline of a probe/);
});

Deno.test("tracked: calls across a reset are stale", async () => {
  const { context, subject } = tracked();
  const across = async (reset: () => void): Promise<void> => {
    const calls = [1, 2].map(() => subject.do(() => after(0))); // every other one is watched
    reset();
    await Promise.all(calls);
    subject.check();
  };
  await across(() => subject.reset());
  assert.deepEqual(context.violations.all(), []);
  assert.equal(subject.breaker.counts.staleCalls, 2);
});

Deno.test("tracked: an operation that starts while open is reported", async () => {
  const { context, subject } = tracked();
  subject.changed({ breaker: "b", ...TRIP });
  await subject.do(() => "value");
  assert.match(context.violations.all()[0]?.invariant ?? "", /no operation starts while open/);
});
