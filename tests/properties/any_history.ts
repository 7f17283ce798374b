import fc from "npm:fast-check@4.9.0";
import type { Mode, Policy } from "../../mod.ts";

/** What one call is made to end like. */
export type Ending = "success" | "failure" | "timeout" | "ignored";

/** One step in the life of a breaker. */
export type Step =
  | { readonly kind: "call"; readonly ending: Ending; readonly tookMs: number }
  | { readonly kind: "calls"; readonly endings: readonly Ending[]; readonly tookMs: number }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "policy"; readonly policy: Policy }
  | { readonly kind: "override"; readonly mode: Mode | null }
  | { readonly kind: "reset" };

const anyTime = fc.constantFrom(50, 100, 125, 250, 500, 1_000, 3_000);
const anyRate = fc.constantFrom(0.1, 0.25, 0.5, 1);

/** Policies of one small scale of times and counts, so that all of their deadlines are met. */
export const anySmallPolicy: fc.Arbitrary<Policy> = fc.record({
  failureThreshold: fc.integer({ min: 0, max: 4 }),
  successThreshold: fc.integer({ min: 1, max: 3 }),
  openStateTimeout: anyTime,
  window: fc.oneof(
    fc.record({ kind: fc.constant("count" as const), size: fc.integer({ min: 1, max: 12 }) }),
    fc.record({
      kind: fc.constant("time" as const),
      duration: anyTime,
      buckets: fc.integer({ min: 1, max: 12 }),
    }),
  ),
  minimumCalls: fc.integer({ min: 1, max: 5 }),
  failureRateThreshold: anyRate,
  slowCallRateThreshold: anyRate,
  timeoutRateThreshold: anyRate,
  slowCallThreshold: anyTime,
  halfOpen: fc.record({ maxProbes: fc.integer({ min: 1, max: 3 }), probeTimeout: anyTime }, {
    requiredKeys: [],
  }),
  openBackoff: fc.record({
    multiplier: fc.constantFrom(1, 1.5, 2),
    maxTimeout: fc.constantFrom(750, 4_000),
    jitter: fc.constantFrom(0, 0.25, 0.5, 1),
  }),
  ramp: fc.record({
    calls: fc.integer({ min: 1, max: 3 }),
    per: anyTime,
    growth: fc.constantFrom(1, 1.5, 2),
    steps: fc.integer({ min: 1, max: 3 }),
  }),
  mode: fc.constantFrom<Mode>("normal", "normal", "normal", "metrics-only", "disabled"),
}, { requiredKeys: ["openStateTimeout"] });

const anyEnding = fc.constantFrom<Ending>("success", "success", "failure", "timeout", "ignored");
const anyTook = fc.constantFrom(0, 0, 1, 60, 125, 250, 600);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("call" as const),
      ending: anyEnding,
      tookMs: anyTook,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("calls" as const),
      endings: fc.array(anyEnding, { minLength: 2, maxLength: 4 }),
      tookMs: anyTook,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("advance" as const),
      ms: fc.oneof(anyTime, fc.constantFrom(0.25, 1, 49.75, 60_000), fc.nat({ max: 700 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("policy" as const), policy: anySmallPolicy }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("override" as const),
      mode: fc.constantFrom<Mode | null>(null, null, "forced-open", "metrics-only", "disabled"),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "reset" }) },
);

/** Steps, after each of which no call is in flight. */
export const anySteps: fc.Arbitrary<Step[]> = fc.array(anyStep, { maxLength: 40 });
