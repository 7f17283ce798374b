import assert from "node:assert/strict";
import { DEVELOPMENT_POLICY, PRODUCTION_POLICY } from "../../src/policy/defaults.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";
import { policyWarnings } from "../../src/policy/warnings.ts";

function warningsOf(policy: Policy): readonly string[] {
  return policyWarnings(resolvePolicy(policy));
}

const QUIET: readonly (readonly [what: string, policy: Policy])[] = [
  ["built-in defaults", {}],
  ["production defaults", PRODUCTION_POLICY],
  ["development defaults", DEVELOPMENT_POLICY],
  ["no criterion at all, which only measures", { failureThreshold: 0 }],
  ["slow calls that are only measured", { slowCallThreshold: "1s" }],
  ["a slow rate with its threshold below the time limit", {
    slowCallRateThreshold: 0.5,
    slowCallThreshold: "1s",
    timeout: "2s",
  }],
  ["a timeout rate with a time limit, below the failure rate", {
    timeoutRateThreshold: 0.2,
    failureRateThreshold: 0.5,
    timeout: "2s",
  }],
  ["a failure rate that is just in reach of scattered failures", { failureRateThreshold: 20 / 24 }],
  ["a failure rate of 1 without a failure threshold", {
    failureThreshold: 0,
    failureRateThreshold: 1,
  }],
  ["a failure rate of 1 over fewer calls than the failure threshold", {
    failureThreshold: 5,
    minimumCalls: 4,
    failureRateThreshold: 1,
  }],
  ["a small window under no rate", { window: { kind: "count", size: 5 } }],
  ["a window of just the minimum", {
    window: { kind: "count", size: 20 },
    failureRateThreshold: 0.5,
  }],
  ["a time window, which holds any number of calls", {
    window: { kind: "time" },
    minimumCalls: 1_000_000,
    failureRateThreshold: 0.5,
  }],
  ["a failure rate above what failures close together reach before their count opens", {
    failureThresholdWithin: "1m",
    failureRateThreshold: 0.84,
  }],
  ["a failure count of the whole window", {
    failureCountThreshold: 10,
    window: { kind: "count", size: 10 },
  }],
  ["a failure count over a time window, which holds any number of calls", {
    failureCountThreshold: 1_000,
    window: { kind: "time" },
  }],
  ["a time limit above the open time, which lengthens the deadline of probes", { timeout: "90s" }],
  ["a backoff by default", { openBackoff: {} }],
  ["a backoff that only spreads", { openBackoff: { multiplier: 1, jitter: 0.5 } }],
  ["a ramp", { ramp: { calls: 1, per: "1m" } }],
];

for (const [what, policy] of QUIET) {
  Deno.test(`no warning: ${what}`, () => assert.deepEqual(warningsOf(policy), []));
}

const WARNED: readonly (readonly [policy: Policy, warning: string])[] = [
  [
    { slowCallRateThreshold: 0.5 },
    "slowCallRateThreshold can never open the breaker: without slowCallThreshold no call is slow",
  ],
  [
    { slowCallThreshold: "2s", timeout: "1s" },
    "slowCallThreshold (2s) is not below timeout (1s), which ends a call before it can be slow",
  ],
  [
    { slowCallThreshold: "1s", timeout: "1s" },
    "slowCallThreshold (1s) is not below timeout (1s), which ends a call before it can be slow",
  ],
  [
    { failureCountThreshold: 11, window: { kind: "count", size: 10 } },
    "failureCountThreshold (11) can never open the breaker: the window holds 10 calls at most",
  ],
  [
    { failureThresholdWithin: "1m", failureThreshold: 0 },
    "failureThresholdWithin opens nothing later: failureThreshold is off",
  ],
  [
    { failureThresholdWithin: "1m", failureThreshold: 1 },
    "failureThresholdWithin opens nothing later: failureThreshold is 1, which no gap keeps from being reached",
  ],
  [
    { timeoutRateThreshold: 0.5 },
    "timeoutRateThreshold acts only on calls that bring a time limit of their own: there is no timeout",
  ],
  [
    { timeoutRateThreshold: 0.5, failureRateThreshold: 0.5, timeout: "1s" },
    "timeoutRateThreshold (0.5) is never the first to open the breaker: " +
    "timeouts are failures, and failureRateThreshold is 0.5",
  ],
  [
    { failureRateThreshold: 0.84 },
    "failureRateThreshold (0.84) can never open the breaker: among 20 calls or more, " +
    "that share is reached only after failureThreshold (5) consecutive failures",
  ],
  [
    { failureRateThreshold: 0.01, failureThreshold: 1, minimumCalls: 1 },
    "failureRateThreshold (0.01) can never open the breaker: among 1 calls or more, " +
    "that share is reached only after failureThreshold (1) consecutive failures",
  ],
  [
    { timeoutRateThreshold: 1, timeout: "1s", window: { kind: "time" } },
    "timeoutRateThreshold (1) can never open the breaker: among 20 calls or more, " +
    "that share is reached only after failureThreshold (5) consecutive failures",
  ],
  ...(["failureRateThreshold", "slowCallRateThreshold", "timeoutRateThreshold"] as const).map(
    (rate): readonly [Policy, string] => [
      {
        [rate]: 0.5,
        minimumCalls: 11,
        window: { kind: "count", size: 10 },
        timeout: "2s",
        slowCallThreshold: "1s",
      },
      "minimumCalls (11) counts as 10: the window holds no more calls",
    ],
  ),
  [
    { openBackoff: { maxTimeout: "1m" } },
    "openBackoff.maxTimeout (1m0s) keeps the open time from growing: openStateTimeout is 1m0s",
  ],
  [
    { openBackoff: { maxTimeout: "30s", jitter: 0.5 } },
    "openBackoff.maxTimeout (30s) keeps the open time from growing: openStateTimeout is 1m0s",
  ],
  [
    { timeout: "5s", halfOpen: { probeTimeout: "2s" } },
    "timeout (5s) never acts on a probe, which has failed after halfOpen.probeTimeout (2s)",
  ],
  [
    { openBackoff: { multiplier: 1 } },
    "openBackoff changes nothing: its multiplier is 1 and its jitter 0",
  ],
];

for (const [policy, warning] of WARNED) {
  Deno.test(`warning for ${JSON.stringify(policy)}`, () => {
    assert.deepEqual(warningsOf(policy), [warning]);
  });
}

Deno.test("every combination is warned of, not only the first", () => {
  const warnings = warningsOf({
    slowCallRateThreshold: 0.5,
    timeoutRateThreshold: 0.5,
    openBackoff: { multiplier: 1 },
  });
  assert.equal(warnings.length, 3);
});

/** The greatest share of ones in any window of `least` to `most` calls that has fewer than `run` in a row. */
function greatestShare(run: number, least: number, most: number): number {
  let greatest = 0;
  for (let calls = least; calls <= most; calls++) {
    for (let failed = 0; failed < 2 ** calls; failed++) {
      const outcomes = failed.toString(2);
      if (outcomes.includes("1".repeat(run))) continue;
      greatest = Math.max(greatest, outcomes.replaceAll("0", "").length / calls);
    }
  }
  return greatest;
}

Deno.test("a failure rate is called out of reach exactly where no order of outcomes reaches it", () => {
  for (let run = 1; run <= 4; run++) {
    for (let least = 1; least <= 9; least++) {
      for (const most of [least, least + 1, 10]) {
        const base = {
          failureThreshold: run,
          minimumCalls: least,
          window: { kind: "count", size: most },
        } as const;
        const share = greatestShare(run, least, most);
        const where = `${run} in a row, ${least} to ${most} calls, share ${share}`;
        if (share > 0) {
          assert.deepEqual(warningsOf({ ...base, failureRateThreshold: share }), [], where);
        }
        if (share < 1) {
          const beyond = warningsOf({ ...base, failureRateThreshold: share + 1e-9 });
          assert.equal(beyond.length, 1, where);
        }
      }
    }
  }
});
