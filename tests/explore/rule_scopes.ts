import type { Scope } from "./scope.ts";

/** Holds, what failures ask for, and trips by hand, with every way to recover. */
const BY_HAND: Scope = {
  name: "by hand",
  about: "R22, R23: holds, what failures ask for, and trips by hand, in every state and mode",
  depth: 8,
  tickMs: 1,
  outcomes: ["success", "failure"],
  modes: [null, "metrics-only", "forced-open"],
  holds: [2, 5],
  asks: [4],
  trips: true,
  policies: [
    {
      failureThreshold: 2,
      successThreshold: 1,
      openStateTimeout: 3,
      openBackoff: { multiplier: 2, maxTimeout: 6 },
      window: { kind: "count", size: 1 },
      halfOpen: { probeTimeout: 2 },
      maxHold: 9,
    },
    {
      failureThreshold: 1,
      openStateTimeout: 2,
      window: { kind: "count", size: 1 },
      ramp: { calls: 1, per: 2, growth: 2, steps: 2 },
      halfOpen: { probeTimeout: 3 },
      maxHold: 3,
    },
  ],
};

/** Small enough to be gone through whole: one hold, one recovery. */
const HOLDS: Scope = {
  name: "holds",
  about: "R22: holds over an open time and a probe's deadline, to the instant",
  depth: Infinity,
  tickMs: 1,
  outcomes: ["success", "failure"],
  holds: [2, 4],
  policies: [
    {
      failureThreshold: 1,
      successThreshold: 1,
      openStateTimeout: 3,
      window: { kind: "count", size: 1 },
      halfOpen: { probeTimeout: 2 },
    },
  ],
};

const FAILURE_COUNTS: Scope = {
  name: "failure counts",
  about: "R24: a count of failures beside a row and a rate, added, removed and edited",
  depth: 12,
  tickMs: 1,
  outcomes: ["success", "failure", "timeout"],
  modes: [null, "metrics-only"],
  policies: [
    {
      failureThreshold: 0,
      failureCountThreshold: 2,
      failureRateThreshold: 0.75,
      minimumCalls: 4,
      successThreshold: 1,
      openStateTimeout: 2,
      window: { kind: "time", duration: 4, buckets: 2 },
    },
    {
      failureThreshold: 3,
      failureCountThreshold: 3,
      successThreshold: 1,
      openStateTimeout: 2,
      window: { kind: "count", size: 3 },
    },
    {
      failureThreshold: 0,
      failureRateThreshold: 0.6,
      minimumCalls: 3,
      successThreshold: 1,
      openStateTimeout: 2,
      window: { kind: "count", size: 4 },
    },
  ],
};

const GAPS: Scope = {
  name: "gaps",
  about: "R24: gaps between failures, under a limit that is added, removed and edited",
  depth: Infinity,
  tickMs: 1,
  outcomes: ["success", "failure", "ignored"],
  modes: [null, "metrics-only"],
  policies: [
    {
      failureThreshold: 3,
      failureThresholdWithin: 3,
      successThreshold: 1,
      openStateTimeout: 2,
      window: { kind: "count", size: 1 },
    },
    {
      failureThreshold: 2,
      failureThresholdWithin: 2,
      successThreshold: 1,
      openStateTimeout: 2,
      window: { kind: "count", size: 1 },
    },
    {
      failureThreshold: 3,
      successThreshold: 1,
      openStateTimeout: 2,
      window: { kind: "count", size: 1 },
    },
  ],
};

const OVERDUE_PROBES: Scope = {
  name: "overdue probes",
  about: "R11: late results that teach how long probes take, within ten times the open time",
  depth: 12,
  tickMs: 1,
  outcomes: ["success", "failure"],
  teaching: true,
  policies: [
    {
      failureThreshold: 1,
      successThreshold: 1,
      openStateTimeout: 1,
      window: { kind: "count", size: 1 },
      halfOpen: { maxProbes: 2 },
    },
    {
      failureThreshold: 1,
      successThreshold: 1,
      openStateTimeout: 2,
      slowCallThreshold: 3,
      slowCallRateThreshold: 1,
      minimumCalls: 1,
      window: { kind: "count", size: 1 },
    },
    {
      failureThreshold: 1,
      successThreshold: 1,
      openStateTimeout: 1,
      timeout: 4,
      window: { kind: "count", size: 1 },
    },
  ],
};

const OLD_SNAPSHOTS: Scope = {
  name: "old snapshots",
  about: "R19: snapshots of any age, of open times, ramps, time windows and rows",
  depth: 10,
  tickMs: 1,
  outcomes: ["success", "failure"],
  ages: [1, 2, 3, 7],
  policies: [
    {
      failureThreshold: 2,
      failureThresholdWithin: 3,
      failureCountThreshold: 3,
      openStateTimeout: 2,
      openBackoff: { multiplier: 2, maxTimeout: 4 },
      window: { kind: "time", duration: 4, buckets: 2 },
      ramp: { calls: 1, per: 2, growth: 2, steps: 2 },
      halfOpen: { probeTimeout: 3 },
    },
    {
      failureThreshold: 2,
      successThreshold: 1,
      openStateTimeout: 3,
      window: { kind: "count", size: 1 },
      halfOpen: { probeTimeout: 2 },
    },
  ],
};

const ABORTS: Scope = {
  name: "aborts",
  about: "R2: calls whose callers run out of time or give up, closed and half-open",
  depth: Infinity,
  tickMs: 1,
  outcomes: ["success", "timeout", "cancelled"],
  patienceMs: 2,
  policies: [
    {
      failureThreshold: 2,
      successThreshold: 1,
      openStateTimeout: 3,
      timeoutRateThreshold: 1,
      minimumCalls: 2,
      window: { kind: "count", size: 2 },
      halfOpen: { probeTimeout: 3 },
    },
  ],
};

/** R2, R11, R19 and R22 to R24, the largest first. */
export const RULE_SCOPES: readonly Scope[] = [
  BY_HAND,
  OLD_SNAPSHOTS,
  OVERDUE_PROBES,
  FAILURE_COUNTS,
  GAPS,
  HOLDS,
  ABORTS,
];
