import assert from "node:assert/strict";
import { nearestName } from "../../src/check/nearest_name.ts";
import { POLICY_FIELDS } from "../../src/policy/fields.ts";

const NAMES = Object.keys(POLICY_FIELDS);

const CASES: readonly (readonly [name: string, meant: string | undefined])[] = [
  ["failureTreshold", "failureThreshold"],
  ["failureTrheshold", "failureThreshold"],
  ["FailureThreshold", "failureThreshold"],
  ["failure_threshold", "failureThreshold"],
  ["failure-threshold", "failureThreshold"],
  ["FAILURETHRESHOLD", "failureThreshold"],
  ["succesThreshold", "successThreshold"],
  ["failureRateTreshold", "failureRateThreshold"],
  ["failureRate", "failureRateThreshold"],
  ["slowCallRate", "slowCallRateThreshold"],
  ["timeoutRate", "timeoutRateThreshold"],
  ["timeOut", "timeout"],
  ["timeoutMs", "timeout"],
  ["openTimeout", "openStateTimeout"],
  ["openStateTimeoutMs", "openStateTimeout"],
  ["minCalls", "minimumCalls"],
  ["halfopen", "halfOpen"],
  ["half_open", "halfOpen"],
  ["backoff", undefined],
  ["windows", "window"],
  ["mdoe", "mode"],
  ["rampUp", "ramp"],
  ["schema", "$schema"],
  ["desc", "description"],
  ["colour", undefined],
  ["", undefined],
  ["x", undefined],
  ["__proto__", undefined],
  ["constructor", undefined],
  ["timeout".repeat(100_000), undefined],
];

for (const [name, meant] of CASES) {
  Deno.test(`${JSON.stringify(name.slice(0, 40))} is taken for ${meant ?? "nothing known"}`, () => {
    assert.equal(nearestName(name, NAMES), meant);
  });
}

Deno.test("of two near names the nearer is meant, whatever their order", () => {
  assert.equal(nearestName("stepz", ["stop", "steps"]), "steps");
  assert.equal(nearestName("stepz", ["steps", "stop"]), "steps");
});

Deno.test("where no names are known none is near", () => {
  assert.equal(nearestName("timeout", []), undefined);
});
