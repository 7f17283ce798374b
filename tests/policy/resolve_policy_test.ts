import assert from "node:assert/strict";
import { DEVELOPMENT_POLICY, PRODUCTION_POLICY } from "../../src/policy/defaults.ts";
import { parsePolicy } from "../../src/policy/parse_policy.ts";
import type { EffectivePolicy, Policy } from "../../src/policy/policy.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";

const BUILT_IN: EffectivePolicy = {
  failureThreshold: 5,
  successThreshold: 2,
  openStateTimeout: 60_000,
  window: { kind: "count", size: 100 },
  minimumCalls: 20,
  halfOpen: { maxProbes: 1 },
  maxHold: 300_000,
  mode: "normal",
};

const EVERYTHING: Policy = {
  failureThreshold: 7,
  failureThresholdWithin: "2m",
  failureCountThreshold: 9,
  successThreshold: 3,
  openStateTimeout: "5s",
  window: { kind: "time", duration: "1m30s", buckets: 30 },
  minimumCalls: 8,
  failureRateThreshold: 0.5,
  slowCallRateThreshold: 0.6,
  timeoutRateThreshold: 0.7,
  slowCallThreshold: "250ms",
  timeout: "1.5s",
  halfOpen: { maxProbes: 4, probeTimeout: "30s" },
  openBackoff: { multiplier: 3, maxTimeout: "10m", jitter: 0.1 },
  ramp: { calls: 10, per: "1m", growth: 1.5, steps: 6 },
  maxHold: "1h",
  mode: "metrics-only",
  $schema: "x",
  description: "y",
};

const NOTHING: Policy = Object.fromEntries(Object.keys(EVERYTHING).map((name) => [name, null]));

const MERGES: readonly {
  readonly what: string;
  readonly documents: readonly Policy[];
  readonly merged: EffectivePolicy;
}[] = [
  { what: "no document gives the built-in defaults", documents: [], merged: BUILT_IN },
  {
    what: "the production policy gives the built-in defaults",
    documents: [PRODUCTION_POLICY],
    merged: BUILT_IN,
  },
  {
    what: "the development policy differs in the open time",
    documents: [DEVELOPMENT_POLICY],
    merged: { ...BUILT_IN, openStateTimeout: 10_000 },
  },
  {
    what: "every field is taken over, durations as milliseconds, notes left out",
    documents: [EVERYTHING],
    merged: {
      failureThreshold: 7,
      failureThresholdWithin: 120_000,
      failureCountThreshold: 9,
      successThreshold: 3,
      openStateTimeout: 5_000,
      window: { kind: "time", duration: 90_000, buckets: 30 },
      minimumCalls: 8,
      failureRateThreshold: 0.5,
      slowCallRateThreshold: 0.6,
      timeoutRateThreshold: 0.7,
      slowCallThreshold: 250,
      timeout: 1_500,
      halfOpen: { maxProbes: 4, probeTimeout: 30_000 },
      openBackoff: { multiplier: 3, maxTimeout: 600_000, jitter: 0.1 },
      ramp: { calls: 10, per: 60_000, growth: 1.5, steps: 6 },
      maxHold: 3_600_000,
      mode: "metrics-only",
    },
  },
  {
    what: "null everywhere takes back everything and turns the failure threshold off",
    documents: [{}, EVERYTHING, NOTHING],
    merged: { ...BUILT_IN, failureThreshold: 0 },
  },
  {
    what: "null goes back to the lowest document, which is the environment's",
    documents: [DEVELOPMENT_POLICY, { openStateTimeout: "3s" }, { openStateTimeout: null }],
    merged: { ...BUILT_IN, openStateTimeout: 10_000 },
  },
  {
    what: "a document after a null gives the field again",
    documents: [{}, EVERYTHING, NOTHING, { timeout: 5, failureThreshold: 1 }],
    merged: { ...BUILT_IN, timeout: 5, failureThreshold: 1 },
  },
  {
    what: "a later document wins field by field",
    documents: [{ timeout: "1s", minimumCalls: 5 }, { timeout: "2s" }, { mode: "disabled" }],
    merged: { ...BUILT_IN, timeout: 2_000, minimumCalls: 5, mode: "disabled" },
  },
  {
    what: "a failure threshold of 0 is a value like any other",
    documents: [{ failureThreshold: 3 }, { failureThreshold: 0 }],
    merged: { ...BUILT_IN, failureThreshold: 0 },
  },
  {
    what: "a failure count of 0 is off, as none is",
    documents: [{ failureCountThreshold: 3 }, { failureCountThreshold: 0 }],
    merged: BUILT_IN,
  },
  {
    what: "nested objects replace whole",
    documents: [
      {
        window: { kind: "count", size: 7 },
        halfOpen: { maxProbes: 9 },
        openBackoff: { multiplier: 9, jitter: 1 },
        ramp: { calls: 9, per: 9, steps: 9 },
      },
      {
        window: { kind: "count" },
        halfOpen: { probeTimeout: 5 },
        openBackoff: { maxTimeout: 7 },
        ramp: { calls: 1, per: 2, growth: 3 },
      },
    ],
    merged: {
      ...BUILT_IN,
      halfOpen: { probeTimeout: 5 },
      openBackoff: { multiplier: 2, maxTimeout: 7, jitter: 0 },
      ramp: { calls: 1, per: 2, growth: 3, steps: 4 },
    },
  },
  {
    what: "a time window defaults to ten seconds in ten slices",
    documents: [{ window: { kind: "time" } }],
    merged: { ...BUILT_IN, window: { kind: "time", duration: 10_000, buckets: 10 } },
  },
  {
    what: "a backoff defaults to doubling up to ten minutes without jitter",
    documents: [{ openBackoff: {} }],
    merged: { ...BUILT_IN, openBackoff: { multiplier: 2, maxTimeout: 600_000, jitter: 0 } },
  },
  {
    what: "a ramp defaults to doubling four times and lifts the limit of one probe",
    documents: [{ ramp: { calls: 10, per: "1m" } }],
    merged: {
      ...BUILT_IN,
      halfOpen: {},
      ramp: { calls: 10, per: 60_000, growth: 2, steps: 4 },
    },
  },
  {
    what: "a ramp over the production policy lifts the limit too",
    documents: [PRODUCTION_POLICY, { ramp: { calls: 1, per: 1 } }],
    merged: { ...BUILT_IN, halfOpen: {}, ramp: { calls: 1, per: 1, growth: 2, steps: 4 } },
  },
  {
    what: "a limit that is given stands beside a ramp",
    documents: [{ halfOpen: { maxProbes: 3 } }, { ramp: { calls: 1, per: 1 } }],
    merged: {
      ...BUILT_IN,
      halfOpen: { maxProbes: 3 },
      ramp: { calls: 1, per: 1, growth: 2, steps: 4 },
    },
  },
  {
    what: "a ramp turned off brings back the limit of one probe",
    documents: [{ ramp: { calls: 1, per: 1 } }, { ramp: null, halfOpen: { probeTimeout: 5 } }],
    merged: { ...BUILT_IN, halfOpen: { maxProbes: 1, probeTimeout: 5 } },
  },
];

for (const { what, documents, merged } of MERGES) {
  Deno.test(what, () => {
    const policy = resolvePolicy(...documents);
    assert.deepEqual(policy, merged);
    assert.deepEqual(Object.keys(policy).toSorted(), Object.keys(merged).toSorted());
  });

  Deno.test(`${what}: the merged policy is a valid document that resolves to itself, deep-frozen`, () => {
    const policy = resolvePolicy(...documents);
    assert.deepEqual(parsePolicy(policy), { ok: true, policy });
    assert.deepEqual(resolvePolicy(policy), policy);
    const parts = [policy, policy.window, policy.halfOpen, policy.openBackoff, policy.ramp];
    for (const part of parts) assert(Object.isFrozen(part));
  });
}

Deno.test("the environments' default policies are valid and frozen", () => {
  for (const policy of [PRODUCTION_POLICY, DEVELOPMENT_POLICY]) {
    assert.deepEqual(parsePolicy(policy), { ok: true, policy });
    assert(Object.isFrozen(policy) && Object.isFrozen(policy.window));
  }
  assert.equal(PRODUCTION_POLICY.openStateTimeout, "1m");
  assert.equal(DEVELOPMENT_POLICY.openStateTimeout, "10s");
});
