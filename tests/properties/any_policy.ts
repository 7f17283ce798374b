import fc from "npm:fast-check@4.9.0";
import type { Policy } from "../../src/policy/policy.ts";

const YEAR_MS = 31_536_000_000;

/** A duration that a policy may have, in either notation. */
export const anyDuration: fc.Arbitrary<string | number> = fc.oneof(
  fc.integer({ min: 1, max: YEAR_MS }),
  fc.double({ min: 5e-7, max: YEAR_MS, noNaN: true }),
  fc.integer({ min: 1, max: 8_000 }).map((hours) => `${hours}h30m`),
  fc.integer({ min: 1, max: 10_000 }).map((seconds) => `${seconds / 8}s`),
  fc.constantFrom("1ns", "0.5us", "10\u00b5s", "250ms", "8760h", "+1.5h", "1m30s", ".5s"),
);

const anyRate = fc.oneof(
  fc.double({ min: 0, minExcluded: true, max: 1, noNaN: true }),
  fc.constantFrom(0.5, 1, Number.MIN_VALUE),
);
const anyCount = (min: number, max: number = Number.MAX_SAFE_INTEGER): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min, max: Math.min(max, 50) }), fc.integer({ min, max }));
const anyFactor = fc.oneof(
  fc.double({ min: 1, max: Number.MAX_VALUE, noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(1, 1.5, 2),
);
const anyText = fc.string({ unit: "binary", maxLength: 20 });

const OPTIONAL: { requiredKeys: [] } = { requiredKeys: [] };

const anyWindow = fc.oneof(
  fc.record({ kind: fc.constant("count" as const), size: anyCount(1, 10_000_000) }, {
    requiredKeys: ["kind"],
  }),
  fc.record(
    { kind: fc.constant("time" as const), duration: anyDuration, buckets: anyCount(1, 3_600) },
    { requiredKeys: ["kind"] },
  ),
);

function orNull<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(arbitrary, { freq: 5, nil: null });
}

/** A valid policy document, with any of its fields, in any order that they were made in. */
export const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  failureThreshold: orNull(anyCount(0)),
  failureThresholdWithin: orNull(anyDuration),
  failureCountThreshold: orNull(anyCount(0)),
  successThreshold: orNull(anyCount(1)),
  openStateTimeout: orNull(anyDuration),
  window: orNull(anyWindow),
  minimumCalls: orNull(anyCount(1)),
  failureRateThreshold: orNull(anyRate),
  slowCallRateThreshold: orNull(anyRate),
  timeoutRateThreshold: orNull(anyRate),
  slowCallThreshold: orNull(anyDuration),
  timeout: orNull(anyDuration),
  halfOpen: orNull(
    fc.record({ maxProbes: anyCount(1), probeTimeout: anyDuration }, OPTIONAL),
  ),
  openBackoff: orNull(
    fc.record({
      multiplier: anyFactor,
      maxTimeout: anyDuration,
      jitter: fc.double({ min: 0, max: 1, noNaN: true }).map((jitter) => jitter + 0),
    }, OPTIONAL),
  ),
  ramp: orNull(
    fc.record({ calls: anyCount(1), per: anyDuration, growth: anyFactor, steps: anyCount(1) }, {
      requiredKeys: ["calls", "per"],
    }),
  ),
  maxHold: orNull(anyDuration),
  mode: orNull(fc.constantFrom("normal", "disabled", "forced-open", "metrics-only")),
  $schema: orNull(anyText),
  description: orNull(anyText),
}, OPTIONAL);
