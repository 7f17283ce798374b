import assert from "node:assert/strict";
import type { BreakerSnapshot } from "../../src/breaker/snapshot/snapshot.ts";
import { assertSnapshot } from "../../src/breaker/snapshot/snapshot_check.ts";

const COUNTS = {
  calls: 4,
  successes: 1,
  failures: 3,
  slow: 2,
  timeouts: 1,
  consecutiveFailures: 3,
};
const SLICE = { bucketsAgo: 0, lastMsAgo: 5, calls: 4, failures: 3, slow: 2, timeouts: 1 };

/** A snapshot in which every field stands, though no breaker is open and half-open at once. */
const WHOLE: BreakerSnapshot = {
  ...{ version: 1, name: "b", state: "half-open", mode: "normal", override: "normal" },
  consecutiveFailures: 3,
  lastFailureMsAgo: 20,
  window: { kind: "time", durationMs: 10_000, buckets: 10, phaseMs: 9_999, slices: [SLICE] },
  wouldOpenBy: "readyToTrip",
  holds: [{ owner: "deploy", leftMs: 5 }],
  askedLeftMs: 6,
  slowestProbeMs: 30,
  lifetime: {
    ...{ successes: 1, failures: 3, slow: 2, timeouts: 1, ignored: 4, stale: 5 },
    overdueProbes: 6,
    holds: 7,
    rejected: { open: 6, held: 7, probing: 7, ramping: 8, forced: 9 },
  },
  trip: { criterion: "failureRate", observed: 0.75, threshold: 0.5, counts: COUNTS, msAgo: 12 },
  reopenings: 2,
  open: { sinceMs: 7, remainingMs: -3, draw: 0.5 },
  halfOpen: {
    sinceMs: 7,
    successes: 1,
    ramp: {
      ...{ calls: 10, perMs: 1_000, growth: 1.5, steps: 4 },
      ...{ intervalSinceMs: 7, good: 1, admitted: 2, settled: 1 },
    },
  },
};

/** `WHOLE` with the value at `path` replaced, or taken out where it is `undefined`. */
function withValue(path: string, value: unknown): unknown {
  const copy = structuredClone(WHOLE);
  const names = path.split(".");
  const last = names.pop() ?? "";
  let target: object = copy;
  for (const name of names) {
    const inner: unknown = Reflect.get(target, name);
    assert(typeof inner === "object" && inner !== null, path);
    target = inner;
  }
  if (value === undefined) Reflect.deleteProperty(target, last);
  else Reflect.set(target, last, value);
  return copy;
}

function refusalOf(snapshot: unknown): string {
  try {
    assertSnapshot(snapshot);
  } catch (error) {
    assert(error instanceof TypeError);
    return error.message;
  }
  return "accepted";
}

const THOUSAND_YEARS_MS = 31_536_000_000_000;
const COUNT = "a count";
const LENGTH = "a length of time";
const MODES = 'one of "normal", "disabled", "forced-open", "metrics-only"';
const CRITERIA = 'one of "failureThreshold", "failureCount", "failureRate", "slowCallRate", ' +
  '"timeoutRate", "readyToTrip", "manual"';

/** For each field what it must be, and values that it must not have; `undefined`: it is missing. */
const REFUSED: readonly (readonly [path: string, allowed: string, ...values: unknown[]])[] = [
  ["version", "one of 1", 2, "1", undefined],
  ["name", "a string", 7, null, undefined],
  ["state", 'one of "closed", "open", "half-open"', "shut", undefined],
  ["mode", MODES, "off", null, undefined],
  ["override", MODES, "off", undefined],
  ["consecutiveFailures", COUNT, -1, 0.5, "3", undefined],
  ["lastFailureMsAgo", LENGTH, -1, THOUSAND_YEARS_MS + 1, "20"],
  ["wouldOpenBy", CRITERIA, "rate", undefined],
  ["window", "an object", 7, "time", undefined],
  ["window.kind", 'one of "count", "time"', "sum", undefined],
  ["window.durationMs", `${LENGTH} above 0`, 0, -1, THOUSAND_YEARS_MS + 1, "10s", undefined],
  ["window.buckets", "1 to 3600", 0, 3_601, 1.5, "10", undefined],
  ["window.phaseMs", LENGTH, -1, THOUSAND_YEARS_MS + 1, "0", undefined],
  ["window.phaseMs", "below durationMs (10000)", 10_000],
  ["window.slices", "an array", {}, undefined],
  ["window.slices.0", "an object", 7, null],
  ...["bucketsAgo", "calls", "failures", "slow", "timeouts"].map((field) =>
    [`window.slices.0.${field}`, COUNT, -1, 0.5, undefined] as const
  ),
  ["window.slices.0.lastMsAgo", LENGTH, -1, undefined],
  ["window.slices.0.bucketsAgo", "a bucket of the window, each once", 10],
  ["lifetime", "an object", [], 7, undefined],
  ...["successes", "failures", "slow", "timeouts", "ignored", "stale"].map((field) =>
    [`lifetime.${field}`, COUNT, -1, "0", undefined] as const
  ),
  ["holds", "an array", {}, null],
  ["holds.0", "an object", 7, null],
  ["holds.0.owner", "a string", 7, undefined],
  ["holds.0.leftMs", LENGTH, -1, undefined],
  ["askedLeftMs", LENGTH, -1, "6"],
  ["lifetime.holds", COUNT, -1, "0"],
  ["lifetime.rejected.held", COUNT, -1, "0"],
  ["lifetime.overdueProbes", COUNT, -1, "0"],
  ["slowestProbeMs", LENGTH, -1, "30"],
  ["lifetime.rejected", "an object", [], undefined],
  ...["open", "probing", "ramping", "forced"].map((field) =>
    [`lifetime.rejected.${field}`, COUNT, -1, undefined] as const
  ),
  ["trip", "an object", null, 7],
  ["trip.criterion", CRITERIA, "rate", undefined],
  ["trip.observed", "a number", "0.5", null],
  ["trip.threshold", "a number", "0.5", null],
  ["trip.reason", "a string", 7, null],
  ["trip.counts", "an object", null, undefined],
  ...Object.keys(COUNTS).map((field) => [`trip.counts.${field}`, COUNT, -1, undefined] as const),
  ["trip.msAgo", LENGTH, -1, undefined],
  ["reopenings", COUNT, -1, null],
  ["open", "an object", null],
  ["open.sinceMs", LENGTH, -1, undefined],
  ["open.remainingMs", "a number", "3", undefined],
  ["open.draw", "at least 0 and below 1", -0.1, 1, undefined],
  ["halfOpen", "an object", null],
  ["halfOpen.sinceMs", LENGTH, -1, undefined],
  ["halfOpen.successes", COUNT, -1, undefined],
  ["halfOpen.ramp", "an object", null],
  ["halfOpen.ramp.calls", "a positive integer", 0, 1.5, undefined],
  ["halfOpen.ramp.perMs", `${LENGTH} above 0`, 0, undefined],
  ["halfOpen.ramp.growth", "at least 1", 0.9, Infinity, undefined],
  ["halfOpen.ramp.steps", "a positive integer", 0, 1.5, undefined],
  ["halfOpen.ramp.intervalSinceMs", LENGTH, -1, undefined],
  ...["good", "admitted", "settled"].map((field) =>
    [`halfOpen.ramp.${field}`, COUNT, -1, undefined] as const
  ),
];

for (const [path, allowed, ...values] of REFUSED) {
  const shown = `$.${path.replaceAll(/\.(\d+)/g, "[$1]")}`;
  Deno.test(`a snapshot's ${shown} must be ${allowed}`, () => {
    for (const value of values) {
      const message = refusalOf(withValue(path, value));
      const start = `Cannot restore breaker: ${shown} must be ${allowed}, received `;
      assert(message.startsWith(start), `${JSON.stringify(value)}: ${message}`);
    }
  });
}

const ACCEPTED: readonly (readonly [path: string, ...values: unknown[]])[] = [
  ["name", ""],
  ["override", null, "forced-open"],
  ["wouldOpenBy", null, "failureThreshold", "failureRate", "slowCallRate", "timeoutRate"],
  ["consecutiveFailures", 0, Number.MAX_SAFE_INTEGER],
  ["holds", undefined, []],
  ["askedLeftMs", undefined, 0],
  ["lifetime.holds", undefined, 0],
  ["lifetime.rejected.held", undefined, 0],
  ["lifetime.overdueProbes", undefined, 0],
  ["slowestProbeMs", undefined, 0],
  ["lastFailureMsAgo", null, undefined, 0],
  ["window", null],
  ["window.durationMs", 10_000, THOUSAND_YEARS_MS],
  ["window.buckets", 1, 3_600],
  ["window.phaseMs", 0],
  ["window.slices", []],
  ["window.slices.0.lastMsAgo", 0, THOUSAND_YEARS_MS],
  ["window.slices.0.bucketsAgo", 9],
  ["window.slices.0.slow", 0, 4],
  ["window.slices.0.failures", 1, 4],
  ["trip", undefined],
  ["trip.observed", undefined, -1],
  ["trip.threshold", undefined],
  ["reopenings", undefined, 0],
  ["open", undefined],
  ["open.draw", 0],
  ["open.sinceMs", 0],
  ["halfOpen", undefined],
  ["halfOpen.ramp", undefined],
  ["halfOpen.ramp.calls", 1],
  ["halfOpen.ramp.growth", 1],
];

for (const [path, ...values] of ACCEPTED) {
  Deno.test(`a snapshot's $.${path} may be ${values.map(shownValue).join(" or ")}`, () => {
    for (const value of values) assert.equal(refusalOf(withValue(path, value)), "accepted");
  });
}

function shownValue(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}

Deno.test("counts that no outcomes can have are refused, in slices and in a trip", () => {
  for (const path of ["window.slices.0", "trip.counts"]) {
    for (const impossible of [{ failures: 5 }, { slow: 5 }, { timeouts: 4 }]) {
      const base = path === "trip.counts" ? COUNTS : SLICE;
      const message = refusalOf(withValue(path, { ...base, ...impossible }));
      assert.match(message, /must be no more failures or slow calls than calls, no more timeouts/);
    }
  }
});

Deno.test("two slices of one bucket are refused", () => {
  const message = refusalOf(withValue("window.slices", [SLICE, SLICE]));
  assert.match(message, /\$\.window\.slices\[1\]\.bucketsAgo must be a bucket of the window, each/);
});

/** A count window, and what is said of it. */
const COUNT_WINDOWS: readonly (readonly [window: unknown, said: string])[] = [
  [{ kind: "count", size: 3, outcomes: "017" }, "accepted"],
  [{ kind: "count", size: 1, outcomes: "" }, "accepted"],
  [{ kind: "count", size: 10_000_000, outcomes: "0" }, "accepted"],
  [{ kind: "count", size: 2, outcomes: "017" }, "$.window.outcomes must be at most 2 outcomes"],
  [{ kind: "count", size: 0, outcomes: "" }, "$.window.size must be 1 to 10000000"],
  [{ kind: "count", size: 10_000_001, outcomes: "" }, "$.window.size must be 1 to 10000000"],
  [{ kind: "count", size: 1.5, outcomes: "" }, "$.window.size must be 1 to 10000000"],
  [{ kind: "count", outcomes: "" }, "$.window.size must be 1 to 10000000"],
  ...["8", "0x", "x0", "-1"].map((outcomes) =>
    [
      { kind: "count", size: 5, outcomes },
      "$.window.outcomes must be a string of digits 0 to 7",
    ] as const
  ),
  [{ kind: "count", size: 5, outcomes: 7 }, "$.window.outcomes must be a string of digits 0 to 7"],
  [{ kind: "count", size: 5 }, "$.window.outcomes must be a string of digits 0 to 7"],
];

for (const [window, said] of COUNT_WINDOWS) {
  Deno.test(`the window ${JSON.stringify(window)}: ${said}`, () => {
    const message = refusalOf(withValue("window", window));
    if (said === "accepted") assert.equal(message, said);
    else assert(message.startsWith(`Cannot restore breaker: ${said}`), message);
  });
}

Deno.test("only a snapshot's own fields are read", () => {
  const { name: _name, ...nameless } = WHOLE;
  const inherited: unknown = Object.assign(Object.create({ name: "b" }), nameless);
  assert.match(refusalOf(inherited), /\$\.name must be a string, received undefined/);
});

Deno.test("what is no object is no snapshot", () => {
  for (const value of [null, undefined, 7, "{}", [], () => {}]) {
    assert.match(refusalOf(value), /^Cannot restore breaker: \$ must be an object, received /);
  }
});
