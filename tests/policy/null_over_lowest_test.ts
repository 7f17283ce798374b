import assert from "node:assert/strict";
import { type Policy, resolvePolicy } from "../../mod.ts";

const FEATURES = {
  failureThresholdWithin: "1m",
  failureCountThreshold: 3,
  failureRateThreshold: 0.5,
  slowCallRateThreshold: 0.5,
  timeoutRateThreshold: 0.5,
  slowCallThreshold: "1s",
  timeout: "2s",
  openBackoff: { multiplier: 2 },
  ramp: { calls: 1, per: "1s" },
} satisfies Policy;

for (const [name, value] of Object.entries(FEATURES)) {
  Deno.test(`null turns ${name} off also where the lowest document has it`, () => {
    assert(name in resolvePolicy({ [name]: value }));
    assert(!(name in resolvePolicy({ [name]: value }, { [name]: null })));
    assert(!(name in resolvePolicy({ [name]: value }, { [name]: value }, { [name]: null })));
  });
}

Deno.test("null turns failureThreshold off also where the lowest document has it", () => {
  assert.equal(
    resolvePolicy({ failureThreshold: 3 }, { failureThreshold: null }).failureThreshold,
    0,
  );
});
