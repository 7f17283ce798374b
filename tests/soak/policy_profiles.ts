import type { Policy } from "../../mod.ts";

/** Policies under which breakers open, probe and recover within fractions of a second. */
export const PROFILES: readonly [Policy, ...Policy[]] = [
  { failureThreshold: 3, successThreshold: 2, openStateTimeout: "80ms" },
  {
    failureThreshold: 0,
    failureRateThreshold: 0.5,
    minimumCalls: 5,
    window: { kind: "count", size: 20 },
    openStateTimeout: "60ms",
    halfOpen: { maxProbes: 3, probeTimeout: "40ms" },
  },
  {
    failureThreshold: 0,
    failureRateThreshold: 0.4,
    minimumCalls: 8,
    window: { kind: "time", duration: "1s", buckets: 10 },
    openStateTimeout: "50ms",
    openBackoff: { multiplier: 2, maxTimeout: "400ms", jitter: 0.5 },
    successThreshold: 1,
  },
  {
    failureThreshold: 4,
    slowCallThreshold: "15ms",
    slowCallRateThreshold: 0.6,
    minimumCalls: 6,
    window: { kind: "count", size: 30 },
    openStateTimeout: "70ms",
  },
  {
    failureThreshold: 0,
    timeout: "30ms",
    timeoutRateThreshold: 0.25,
    minimumCalls: 6,
    window: { kind: "time", duration: "2s", buckets: 5 },
    openStateTimeout: "90ms",
    halfOpen: { maxProbes: 2, probeTimeout: "25ms" },
  },
  {
    failureThreshold: 3,
    openStateTimeout: "50ms",
    halfOpen: { probeTimeout: "80ms" },
    ramp: { calls: 2, per: "40ms", growth: 2, steps: 3 },
  },
  {
    failureThreshold: 2,
    openStateTimeout: "40ms",
    halfOpen: { maxProbes: 2, probeTimeout: "30ms" },
    ramp: { calls: 1, per: "30ms", growth: 1.5, steps: 2 },
    openBackoff: { multiplier: 1.5, maxTimeout: "200ms", jitter: 0 },
  },
  {
    failureThreshold: 3,
    failureRateThreshold: 0.5,
    minimumCalls: 10,
    openStateTimeout: "60ms",
    mode: "metrics-only",
  },
];
