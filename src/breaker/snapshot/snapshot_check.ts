import { describeValue } from "../../check/describe_value.ts";
import { CRITERIA } from "../trip/trip_criteria.ts";
import type { WindowTotals } from "../window/window.ts";
import type { BreakerSnapshot, CountWindowSnapshot, TimeWindowSnapshot } from "./snapshot.ts";

type Check = (value: unknown, path: string) => void;

/**
 * Makes sure that a value read back from somewhere is a snapshot.
 *
 * @throws {TypeError} If it is not; names the field, what was found and what is allowed.
 */
export function assertSnapshot(value: unknown): BreakerSnapshot {
  check(value);
  return value;
}

function check(value: unknown): asserts value is BreakerSnapshot {
  snapshotShape(value, "$");
}

function refuse(path: string, value: unknown, allowed: string): never {
  throw new TypeError(
    `Cannot restore breaker: ${path} must be ${allowed}, received ${describeValue(value)}`,
  );
}

function number(allowed: string, holds: (value: number) => boolean): Check {
  return (value, path) => {
    if (typeof value !== "number" || !holds(value)) refuse(path, value, allowed);
  };
}

function oneOf(...allowed: readonly unknown[]): Check {
  const list = allowed.map((value) => JSON.stringify(value)).join(", ");
  return (value, path) => {
    if (!allowed.includes(value)) refuse(path, value, `one of ${list}`);
  };
}

function object(fields: Record<string, Check>): Check {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      refuse(path, value, "an object");
    }
    for (const [name, field] of Object.entries(fields)) {
      field(Object.getOwnPropertyDescriptor(value, name)?.value, `${path}.${name}`);
    }
  };
}

const optional = (inner: Check): Check => (value, path) => {
  if (value !== undefined) inner(value, path);
};

const nullable = (inner: Check): Check => (value, path) => {
  if (value !== null) inner(value, path);
};

function list(inner: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) refuse(path, value, "an array");
    value.forEach((item, i) => inner(item, `${path}[${i}]`));
  };
}

const text: Check = (value, path) => {
  if (typeof value !== "string") refuse(path, value, "a string");
};

const textOrNumber: Check = (value, path) => {
  if (typeof value !== "number") text(value, path);
};

const count = number("a count", (value) => Number.isSafeInteger(value) && value >= 0);
const positive = number(
  "a positive integer",
  (value) => Number.isSafeInteger(value) && value > 0,
);
/** A thousand years: longer than any policy or process lasts, and still exact to the nanosecond in steps. */
const LONGEST_MS = 1_000 * 365 * 24 * 3_600_000;
const length = number("a length of time above 0", (value) => value > 0 && value <= LONGEST_MS);
const past = number("a length of time", (value) => value >= 0 && value <= LONGEST_MS);
const finite = number("a number", Number.isFinite);
const share = number("at least 0 and below 1", (value) => value >= 0 && value < 1);
const factor = number("at least 1", (value) => value >= 1 && value < Infinity);
const criterion = oneOf(...CRITERIA);
const mode = oneOf("normal", "disabled", "forced-open", "metrics-only");

const windowSize = number(
  "1 to 10000000",
  (value) => Number.isInteger(value) && value >= 1 && value <= 10_000_000,
);
const buckets = number(
  "1 to 3600",
  (value) => Number.isInteger(value) && value >= 1 && value <= 3_600,
);

const outcomes: Check = (value, path) => {
  if (typeof value !== "string" || !/^[0-7]*$/.test(value)) {
    refuse(path, value, "a string of digits 0 to 7");
  }
};

const windowCounts = { calls: count, failures: count, slow: count, timeouts: count };

/** Counts that some outcomes can have. */
function consistent(fields: Record<string, Check>): Check {
  const shape = object({ ...windowCounts, ...fields });
  return (value, path) => {
    shape(value, path);
    const { calls = 0, failures = 0, slow = 0, timeouts = 0 } = value as Partial<WindowTotals>;
    if (failures > calls || slow > calls || timeouts > failures) {
      refuse(
        path,
        value,
        "no more failures or slow calls than calls, no more timeouts than failures",
      );
    }
  };
}

const countWindow: Check = (value, path) => {
  object({ kind: oneOf("count"), size: windowSize, outcomes })(value, path);
  const { size, outcomes: digits } = value as CountWindowSnapshot;
  if (digits.length > size) refuse(`${path}.outcomes`, digits, `at most ${size} outcomes`);
};

const slice = consistent({ bucketsAgo: count, lastMsAgo: past });

const slices = list(slice);

const timeWindow: Check = (value, path) => {
  object({ kind: oneOf("time"), durationMs: length, buckets, phaseMs: past, slices })(value, path);
  const window = value as TimeWindowSnapshot;
  if (window.phaseMs >= window.durationMs) {
    refuse(`${path}.phaseMs`, window.phaseMs, `below durationMs (${window.durationMs})`);
  }
  const seen = new Set<number>();
  window.slices.forEach(({ bucketsAgo }, i) => {
    if (bucketsAgo < window.buckets && !seen.has(bucketsAgo)) seen.add(bucketsAgo);
    else refuse(`${path}.slices[${i}].bucketsAgo`, bucketsAgo, "a bucket of the window, each once");
  });
};

const window: Check = (value, path) => {
  object({ kind: oneOf("count", "time") })(value, path);
  const { kind } = value as { kind: "count" | "time" };
  (kind === "time" ? timeWindow : countWindow)(value, path);
};

const snapshotShape = object({
  version: oneOf(1),
  name: text,
  takenAt: optional(finite),
  state: oneOf("closed", "open", "half-open"),
  mode,
  override: nullable(mode),
  consecutiveFailures: count,
  lastFailureMsAgo: optional(nullable(past)),
  window: nullable(window),
  wouldOpenBy: nullable(criterion),
  holds: optional(list(object({ owner: text, leftMs: past }))),
  askedLeftMs: optional(past),
  slowestProbeMs: optional(past),
  lifetime: object({
    successes: count,
    failures: count,
    slow: count,
    timeouts: count,
    ignored: count,
    stale: count,
    overdueProbes: optional(count),
    holds: optional(count),
    rejected: object({
      open: count,
      held: optional(count),
      probing: count,
      ramping: count,
      forced: count,
    }),
  }),
  trip: optional(object({
    criterion,
    observed: optional(finite),
    threshold: optional(finite),
    reason: optional(text),
    lastFailure: optional(object({
      name: text,
      code: optional(textOrNumber),
      message: optional(text),
    })),
    counts: consistent({ successes: count, consecutiveFailures: count }),
    msAgo: past,
  })),
  reopenings: optional(count),
  open: optional(object({ sinceMs: past, remainingMs: finite, draw: share })),
  halfOpen: optional(object({
    sinceMs: past,
    successes: count,
    ramp: optional(object({
      calls: positive,
      perMs: length,
      growth: factor,
      steps: positive,
      intervalSinceMs: past,
      good: count,
      admitted: count,
      settled: count,
    })),
  })),
});
