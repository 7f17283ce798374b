import type { BreakerSnapshot } from "./snapshot.ts";

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
  const found = JSON.stringify(value)?.slice(0, 60) ?? String(value);
  throw new TypeError(`Cannot restore breaker: ${path} must be ${allowed}, received ${found}`);
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

const text: Check = (value, path) => {
  if (typeof value !== "string") refuse(path, value, "a string");
};

const count = number("a count", (value) => Number.isSafeInteger(value) && value >= 0);
const positive = number(
  "a positive integer",
  (value) => Number.isSafeInteger(value) && value > 0,
);
const length = number("a length of time above 0", (value) => value > 0 && value < Infinity);
const past = number("a length of time", (value) => value >= 0 && value < Infinity);
const finite = number("a number", Number.isFinite);
const share = number("at least 0 and below 1", (value) => value >= 0 && value < 1);
const factor = number("at least 1", (value) => value >= 1 && value < Infinity);
const criterion = oneOf(
  "failureThreshold",
  "failureRate",
  "slowCallRate",
  "timeoutRate",
  "readyToTrip",
);
const mode = oneOf("normal", "disabled", "forced-open", "metrics-only");

const windowCounts = { calls: count, failures: count, slow: count, timeouts: count };

const outcomes: Check = (value, path) => {
  if (typeof value !== "string" || !/^[0-7]*$/.test(value)) {
    refuse(path, value, "a string of digits 0 to 7");
  }
};

const countWindow = object({ kind: oneOf("count"), size: positive, outcomes });

const slice = object({ bucketsAgo: count, lastMsAgo: finite, ...windowCounts });

const slices: Check = (value, path) => {
  if (!Array.isArray(value)) refuse(path, value, "an array");
  value.forEach((item, i) => slice(item, `${path}[${i}]`));
};

const timeWindow = object({
  kind: oneOf("time"),
  durationMs: length,
  buckets: number("1 to 3600", (value) => Number.isInteger(value) && value >= 1 && value <= 3600),
  phaseMs: past,
  slices,
});

const window: Check = (value, path) => {
  object({ kind: oneOf("count", "time") })(value, path);
  const isTime = typeof value === "object" && value !== null && "kind" in value &&
    value.kind === "time";
  (isTime ? timeWindow : countWindow)(value, path);
};

const snapshotShape = object({
  version: oneOf(1),
  name: text,
  state: oneOf("closed", "open", "half-open"),
  mode,
  override: nullable(mode),
  consecutiveFailures: count,
  window: nullable(window),
  wouldOpenBy: nullable(criterion),
  lifetime: object({
    successes: count,
    failures: count,
    slow: count,
    timeouts: count,
    ignored: count,
    stale: count,
    rejected: object({ open: count, probing: count, ramping: count, forced: count }),
  }),
  trip: optional(object({
    criterion,
    observed: optional(finite),
    threshold: optional(finite),
    counts: object({ ...windowCounts, successes: count, consecutiveFailures: count }),
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
