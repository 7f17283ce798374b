import type { Duration } from "../time/duration.ts";

/**
 * How a breaker is steered: `normal`; `disabled` admits all and records
 * nothing; `forced-open` rejects all; `metrics-only` admits all, records, and
 * announces what would have opened without opening.
 */
export type Mode = "normal" | "disabled" | "forced-open" | "metrics-only";

/** A window over the newest calls. */
export interface CountWindowPolicy {
  /** Discriminates the kinds of window. */
  kind: "count";
  /** Calls held, 1 to 10,000,000. @default 100 */
  size?: number | undefined;
}

/** A window over the newest stretch of time. */
export interface TimeWindowPolicy {
  /** Discriminates the kinds of window. */
  kind: "time";
  /** Length of the window. @default "10s" */
  duration?: Duration | undefined;
  /** Slices in which the window moves, 1 to 3,600. @default 10 */
  buckets?: number | undefined;
}

/** What a half-open breaker admits. */
export interface HalfOpenPolicy {
  /** Probes in flight at once. @default 1, or no limit with a `ramp` */
  maxProbes?: number | undefined;
  /** A probe in flight for this long has failed. @default the policy's `openStateTimeout`, or longer by what overdue probes have taught */
  probeTimeout?: Duration | undefined;
}

/** How the open time grows from one reopening to the next. */
export interface OpenBackoffPolicy {
  /** Factor from one reopening to the next, at least 1. @default 2 */
  multiplier?: number | undefined;
  /** Cap of the open time. @default "10m" */
  maxTimeout?: Duration | undefined;
  /** Share of the open time that is drawn off at random, 0 to 1. @default 0 */
  jitter?: number | undefined;
}

/** Gradual recovery: half-open admits a growing number of calls per interval. */
export interface RampPolicy {
  /** Calls admitted in the first interval. */
  calls: number;
  /** Length of an interval. */
  per: Duration;
  /** Factor by which the allowance grows after each good interval, at least 1. @default 2 */
  growth?: number | undefined;
  /** Good intervals after which the breaker closes. @default 4 */
  steps?: number | undefined;
}

/**
 * A breaker's policy as people write it, one JSON document per breaker. Every
 * field may be left out; a named policy inherits what it leaves out from the
 * default policy, nested objects replace whole, and `null` turns off what the
 * default would hand down.
 */
export interface Policy {
  /** Consecutive failures that open; 0 turns the criterion off. @default 5 */
  failureThreshold?: number | null | undefined;
  /** A longer gap between two failures begins the count of consecutive ones anew. Absent: none does. */
  failureThresholdWithin?: Duration | null | undefined;
  /** Failures in the window that open, whatever `minimumCalls` says; 0 turns the criterion off. Absent: off. */
  failureCountThreshold?: number | null | undefined;
  /** Consecutive half-open successes that close. @default 2 */
  successThreshold?: number | null | undefined;
  /** How long open lasts. @default "1m" in production, "10s" in development */
  openStateTimeout?: Duration | null | undefined;
  /** What the rates are measured over. @default the newest 100 calls */
  window?: CountWindowPolicy | TimeWindowPolicy | null | undefined;
  /** Calls in the window before a rate counts. @default 20 */
  minimumCalls?: number | null | undefined;
  /** Share of failures that opens, above 0, at most 1. Absent: off. */
  failureRateThreshold?: number | null | undefined;
  /** Share of slow calls that opens, above 0, at most 1. Absent: off. */
  slowCallRateThreshold?: number | null | undefined;
  /** Share of timeouts that opens, above 0, at most 1. Absent: off. */
  timeoutRateThreshold?: number | null | undefined;
  /** A call that takes longer is slow. Absent: none is. */
  slowCallThreshold?: Duration | null | undefined;
  /** Time limit of one call. Absent: none. */
  timeout?: Duration | null | undefined;
  /** What half-open admits. */
  halfOpen?: HalfOpenPolicy | null | undefined;
  /** How the open time grows with each reopening. Absent: it does not. */
  openBackoff?: OpenBackoffPolicy | null | undefined;
  /** Gradual recovery. Absent: `successThreshold` successes close. */
  ramp?: RampPolicy | null | undefined;
  /** Longest hold that a failure can ask for by `holdAfter`. @default "5m" */
  maxHold?: Duration | null | undefined;
  /** How the breaker is steered. @default "normal" */
  mode?: Mode | null | undefined;
  /** For editors; ignored. */
  $schema?: string | null | undefined;
  /** For people; ignored. */
  description?: string | null | undefined;
}

/** A count window with nothing left to default. */
export interface EffectiveCountWindow {
  /** Discriminates the kinds of window. */
  readonly kind: "count";
  /** Calls held. */
  readonly size: number;
}

/** A time window with nothing left to default. */
export interface EffectiveTimeWindow {
  /** Discriminates the kinds of window. */
  readonly kind: "time";
  /** Length of the window in milliseconds. */
  readonly duration: number;
  /** Slices in which the window moves. */
  readonly buckets: number;
}

/**
 * A policy in force: merged with what it inherits, every default filled in,
 * every duration a number of milliseconds. It is itself a valid
 * {@linkcode Policy} document.
 */
export interface EffectivePolicy {
  /** Consecutive failures that open; 0: off. */
  readonly failureThreshold: number;
  /** A longer gap between two failures, in milliseconds, begins the count of consecutive ones anew; absent: none does. */
  readonly failureThresholdWithin?: number;
  /** Failures in the window that open; absent: off. */
  readonly failureCountThreshold?: number;
  /** Consecutive half-open successes that close. */
  readonly successThreshold: number;
  /** How long open lasts, in milliseconds. */
  readonly openStateTimeout: number;
  /** What the rates are measured over. */
  readonly window: EffectiveCountWindow | EffectiveTimeWindow;
  /** Calls in the window before a rate counts. */
  readonly minimumCalls: number;
  /** Share of failures that opens; absent: off. */
  readonly failureRateThreshold?: number;
  /** Share of slow calls that opens; absent: off. */
  readonly slowCallRateThreshold?: number;
  /** Share of timeouts that opens; absent: off. */
  readonly timeoutRateThreshold?: number;
  /** A call that takes longer, in milliseconds, is slow; absent: none is. */
  readonly slowCallThreshold?: number;
  /** Time limit of one call in milliseconds; absent: none. */
  readonly timeout?: number;
  /** What half-open admits. `maxProbes` is absent where a `ramp` sets no limit, `probeTimeout` (milliseconds) where it follows `openStateTimeout` and what overdue probes have taught. */
  readonly halfOpen: {
    readonly maxProbes?: number;
    readonly probeTimeout?: number;
  };
  /** How the open time grows, `maxTimeout` in milliseconds; absent: it does not. */
  readonly openBackoff?: {
    readonly multiplier: number;
    readonly maxTimeout: number;
    readonly jitter: number;
  };
  /** Gradual recovery, `per` in milliseconds; absent: `successThreshold` successes close. */
  readonly ramp?: {
    readonly calls: number;
    readonly per: number;
    readonly growth: number;
    readonly steps: number;
  };
  /** Longest hold that a failure can ask for, in milliseconds. */
  readonly maxHold: number;
  /** How the breaker is steered. */
  readonly mode: Mode;
}
