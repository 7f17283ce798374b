import assert from "node:assert/strict";
import { explainPolicy } from "../../cli/explain_policy.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";

Deno.test("explain: a ramp that takes longer than a duration can say is explained all the same", () => {
  const ramp = { calls: 1, per: "8760h", steps: Number.MAX_SAFE_INTEGER };
  const text = JSON.stringify(explainPolicy(resolvePolicy({ ramp })));
  assert.match(text, /takes centuries at least/);
});

Deno.test("explain: a ramp that grows beyond all numbers admits any number", () => {
  const ramp = { calls: 1, per: "1m", growth: 1e200 };
  const text = JSON.stringify(explainPolicy(resolvePolicy({ ramp })));
  assert.match(text, /any number/);
  assert.doesNotMatch(text, /Infinity/);
});
