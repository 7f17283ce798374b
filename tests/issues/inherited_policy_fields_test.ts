import assert from "node:assert/strict";
import { createBreaker, type Policy, resolvePolicy } from "../../mod.ts";
import { parsePolicyText } from "../../src/policy/parse_policy.ts";
import { policyWarnings } from "../../src/policy/warnings.ts";
import { ManualClock } from "../../src/testing/mod.ts";

/** A value for every field of a policy that somebody could have put on `Object.prototype`. */
const INHERITED: Readonly<Record<string, unknown>> = {
  failureThreshold: 1,
  successThreshold: 1,
  openStateTimeout: 1,
  window: { kind: "count", size: 1 },
  minimumCalls: 1,
  failureRateThreshold: 0.1,
  slowCallRateThreshold: 0.1,
  timeoutRateThreshold: 0.1,
  slowCallThreshold: 1,
  timeout: 1,
  halfOpen: { maxProbes: 7 },
  openBackoff: { multiplier: 3 },
  ramp: { calls: 1, per: 1 },
  mode: "forced-open",
  description: "inherited",
  kind: "time",
  size: 1,
  duration: 1,
  buckets: 1,
  maxProbes: 9,
  probeTimeout: 1,
  multiplier: 9,
  maxTimeout: 1,
  jitter: 1,
  calls: 9,
  per: 1,
  growth: 9,
  steps: 9,
};

const TEXTS = [
  "{}",
  '{"window":{"kind":"time"},"openBackoff":{},"ramp":{"calls":2,"per":"1s"},"halfOpen":{}}',
  '{"window":{"kind":"count"},"mode":"metrics-only","minimumCalls":2}',
  '{"window":{"size":5}}',
  '{"ramp":{}}',
];

function withInherited<T>(name: string, body: () => T): T {
  const value = INHERITED[name];
  Object.defineProperty(Object.prototype, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  try {
    return body();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}

/** What is made of a document, and how a breaker under it behaves. */
function behaviour(text: string): string {
  const parsed = parsePolicyText(text);
  if (!parsed.ok) return JSON.stringify(parsed.faults.map(({ message }) => message));
  const effective = resolvePolicy({ minimumCalls: 3 }, parsed.policy);
  const clock = new ManualClock();
  const policy: Policy = { ...parsed.policy, failureThreshold: 4 };
  const breaker = createBreaker("b", policy, { clock });
  const seen: unknown[] = [];
  for (let i = 0; i < 12; i++) {
    const permit = breaker.tryAcquire();
    clock.advance(5);
    if (i % 3 === 2) permit?.success();
    else permit?.failure();
    if (i > 6) breaker.setPolicy({ ...policy, window: { kind: "time", duration: "1m" } });
    clock.advance(i > 8 ? "20s" : 50);
    seen.push(breaker.state, breaker.counts.calls, breaker.peek());
  }
  return JSON.stringify([parsed.policy, effective, policyWarnings(effective), seen]);
}

for (const name of Object.keys(INHERITED)) {
  Deno.test(`${name} that Object.prototype has is no field of a policy`, () => {
    for (const text of TEXTS) {
      const expected = behaviour(text);
      assert.equal(withInherited(name, () => behaviour(text)), expected, text);
    }
  });
}
