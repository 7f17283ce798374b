import type { FieldsOf, NumberType } from "./field.ts";
import type {
  CountWindowPolicy,
  HalfOpenPolicy,
  OpenBackoffPolicy,
  Policy,
  RampPolicy,
  TimeWindowPolicy,
} from "./policy.ts";

const DURATION = { kind: "duration" } as const;
const TEXT = { kind: "text" } as const;
const RATE: NumberType = { kind: "number", above: 0, max: 1 };
const FACTOR: NumberType = { kind: "number", min: 1 };

function count(min: number, max: number = Number.MAX_SAFE_INTEGER): NumberType {
  return { kind: "integer", min, max };
}

/** The fields of a count window besides `kind`. */
export const COUNT_WINDOW_FIELDS = {
  size: {
    type: count(1, 10_000_000),
    unit: "calls",
    default: 100,
    description: "How many of the newest calls the window holds.",
  },
} as const satisfies FieldsOf<Omit<CountWindowPolicy, "kind">>;

/** The fields of a time window besides `kind`. */
export const TIME_WINDOW_FIELDS = {
  duration: { type: DURATION, default: "10s", description: "Length of the window." },
  buckets: {
    type: count(1, 3_600),
    unit: "buckets",
    default: 10,
    description: "Slices in which the window moves on.",
  },
} as const satisfies FieldsOf<Omit<TimeWindowPolicy, "kind">>;

/** The fields of `halfOpen`. */
export const HALF_OPEN_FIELDS = {
  maxProbes: {
    type: count(1),
    unit: "calls",
    default: 1,
    description: "Probes in flight at once. With a ramp there is no limit unless one is given.",
  },
  probeTimeout: {
    type: DURATION,
    description:
      "A probe that is still in flight after this long has failed. Left out: openStateTimeout, or longer where probes have succeeded later.",
  },
} as const satisfies FieldsOf<HalfOpenPolicy>;

/** The fields of `openBackoff`. */
export const OPEN_BACKOFF_FIELDS = {
  multiplier: {
    type: FACTOR,
    default: 2,
    description: "Factor by which the open time grows from one reopening to the next.",
  },
  maxTimeout: { type: DURATION, default: "10m", description: "Longest open time." },
  jitter: {
    type: { kind: "number", min: 0, max: 1 },
    default: 0,
    description: "Share of the open time that is taken off at random, to spread reopenings.",
  },
} as const satisfies FieldsOf<OpenBackoffPolicy>;

/** The fields of `ramp`. */
export const RAMP_FIELDS = {
  calls: {
    type: count(1),
    unit: "calls",
    required: true,
    description: "Calls admitted in the first interval.",
  },
  per: { type: DURATION, required: true, description: "Length of an interval." },
  growth: {
    type: FACTOR,
    default: 2,
    description: "Factor by which the allowance grows after each good interval.",
  },
  steps: {
    type: count(1),
    unit: "intervals",
    default: 4,
    description: "Good intervals after which the breaker closes.",
  },
} as const satisfies FieldsOf<RampPolicy>;

/**
 * Every field of a policy document: the one source of what the parser checks,
 * what the JSON Schema says and what holds by default. The compiler holds it
 * against {@linkcode Policy}.
 */
export const POLICY_FIELDS = {
  failureThreshold: {
    type: count(0),
    unit: "failures",
    default: 5,
    description: "Consecutive failures that open the breaker; 0 turns the criterion off.",
  },
  failureThresholdWithin: {
    type: DURATION,
    description:
      "A failure that comes later than this after the one before begins the count of consecutive failures anew. Left out: none does.",
  },
  failureCountThreshold: {
    type: count(0),
    unit: "failures",
    description:
      "Failures in the window that open the breaker, whatever minimumCalls says; 0 turns the criterion off. Left out: off.",
  },
  successThreshold: {
    type: count(1),
    unit: "successes",
    default: 2,
    description: "Consecutive half-open successes that close the breaker.",
  },
  openStateTimeout: {
    type: DURATION,
    default: "1m",
    description: "How long open lasts before calls are let through to probe. In development 10s.",
  },
  window: {
    type: {
      kind: "variant",
      variants: { count: COUNT_WINDOW_FIELDS, time: TIME_WINDOW_FIELDS },
      kindDescription: "Whether the window holds the newest calls or the newest stretch of time.",
    },
    default: { kind: "count", size: COUNT_WINDOW_FIELDS.size.default },
    description: "What the rates are measured over.",
  },
  minimumCalls: {
    type: count(1),
    unit: "calls",
    default: 20,
    description: "Calls that the window must hold before a rate counts.",
  },
  failureRateThreshold: {
    type: RATE,
    description: "Share of failures among the calls in the window that opens. Left out: off.",
  },
  slowCallRateThreshold: {
    type: RATE,
    description: "Share of slow calls among those in the window that opens. Left out: off.",
  },
  timeoutRateThreshold: {
    type: RATE,
    description: "Share of timeouts among the calls in the window that opens. Left out: off.",
  },
  slowCallThreshold: {
    type: DURATION,
    description: "A call that takes longer is slow. Left out: none is.",
  },
  timeout: { type: DURATION, description: "Time limit of one call. Left out: none." },
  halfOpen: {
    type: { kind: "object", fields: HALF_OPEN_FIELDS },
    description: "What half-open admits.",
  },
  openBackoff: {
    type: { kind: "object", fields: OPEN_BACKOFF_FIELDS },
    description: "Growth of the open time with each reopening. Left out: it stays the same.",
  },
  ramp: {
    type: { kind: "object", fields: RAMP_FIELDS },
    description:
      "Gradual recovery: half-open admits a growing number of calls per interval. Left out: successThreshold successes close.",
  },
  maxHold: {
    type: DURATION,
    default: "5m",
    description: "Longest time that a failure can ask to be left alone for.",
  },
  mode: {
    type: { kind: "choice", values: ["normal", "disabled", "forced-open", "metrics-only"] },
    default: "normal",
    description:
      "normal; disabled admits all and records nothing; forced-open rejects all; metrics-only admits all, records, and announces what would have opened.",
  },
  $schema: { type: TEXT, description: "Where an editor finds the schema of this document." },
  description: { type: TEXT, description: "A note for people." },
} as const satisfies FieldsOf<Policy>;
