import type { Policy } from "../../src/policy/policy.ts";
import { pick } from "../support/seeded_random.ts";
import type { Way } from "./differential_move.ts";

/**
 * Times of one scale, so that deadlines of different kinds meet; with the
 * jitters and draws below, every instant is a whole number of nanoseconds.
 */
const TIMES_MS = [100, 200, 250, 500, 1000, 2000];
const RATES = [0.1, 0.25, 1 / 3, 0.5, 0.75, 1];

/** A valid policy for breakers that are driven this way; each field is left out now and then. */
export function randomPolicy(random: () => number, way: Way): Policy {
  const policy: Policy = {};
  const often = (): boolean => random() < 0.7;
  const seldom = (): boolean => random() < 0.3;
  const time = (): number => pick(random, TIMES_MS);
  policy.openStateTimeout = time();
  policy.failureThreshold = pick(random, [0, 1, 1, 2, 2, 3]);
  if (often()) policy.successThreshold = pick(random, [1, 1, 2, 3]);
  if (often()) policy.minimumCalls = pick(random, [1, 1, 2, 3, 4]);
  if (often()) policy.window = randomWindow(random);
  if (seldom()) policy.failureRateThreshold = pick(random, RATES);
  if (seldom()) policy.timeoutRateThreshold = pick(random, RATES);
  if (seldom()) policy.slowCallRateThreshold = pick(random, RATES);
  if (seldom()) policy.slowCallThreshold = time();
  if (often()) policy.halfOpen = randomHalfOpen(random);
  if (seldom()) {
    policy.openBackoff = {
      multiplier: pick(random, [1, 2, 3]),
      maxTimeout: pick(random, [100, 750, 4000]),
      jitter: pick(random, [0, 0.25, 0.5, 1]),
    };
  }
  if (seldom()) {
    policy.ramp = {
      calls: pick(random, [1, 2, 3]),
      per: time(),
      growth: pick(random, [1, 1.5, 2]),
      steps: pick(random, [1, 2, 3]),
    };
  }
  if (seldom()) policy.failureCountThreshold = pick(random, [0, 1, 2, 2, 3, 4]);
  if (seldom()) policy.failureThresholdWithin = time();
  if (seldom()) policy.maxHold = time();
  // Nothing ends the call of a permit, so that the limit shows in the deadlines of probes alone.
  if (way !== "do" && seldom()) policy.timeout = time();
  if (random() < 0.1) {
    policy.mode = pick(random, ["disabled", "forced-open", "metrics-only", "metrics-only"]);
  }
  return policy;
}

/** The same policy with a few fields taken from another one. */
export function editedPolicy(random: () => number, policy: Policy, way: Way): Policy {
  const other = randomPolicy(random, way);
  const edited: Record<string, unknown> = { ...policy };
  const names = [...new Set([...Object.keys(policy), ...Object.keys(other)])];
  for (let edits = 1 + Math.floor(random() * 3); edits > 0; edits--) {
    const name = pick(random, names);
    const value = Object.entries(other).find(([key]) => key === name)?.[1];
    if (value === undefined) delete edited[name];
    else edited[name] = value;
  }
  return edited;
}

function randomWindow(random: () => number): NonNullable<Policy["window"]> {
  return random() < 0.4 ? { kind: "count", size: pick(random, [1, 2, 3, 5, 9, 10, 11, 100]) } : {
    kind: "time",
    duration: pick(random, TIMES_MS),
    buckets: pick(random, [1, 2, 4, 5, 10, 50]),
  };
}

function randomHalfOpen(random: () => number): NonNullable<Policy["halfOpen"]> {
  return {
    ...(random() < 0.6 && { maxProbes: pick(random, [1, 2, 3]) }),
    ...(random() < 0.6 && { probeTimeout: pick(random, TIMES_MS) }),
  };
}
