import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { holds, parametersFrom } from "./settings.ts";

Deno.test("without settings a run is always the same one", () => {
  assert.deepEqual(parametersFrom({}, 300), parametersFrom({ SWITCHGEAR_SEED: "" }, 300));
  assert.equal(parametersFrom({}, 300).numRuns, 300);
});

Deno.test("the environment sets the seed, the number of cases and the one case to try", () => {
  const env = { SWITCHGEAR_SEED: "-7", SWITCHGEAR_RUNS: "9", SWITCHGEAR_PATH: "1:2" };
  assert.deepEqual(parametersFrom(env, 300), {
    seed: -7,
    numRuns: 9,
    path: "1:2",
    endOnFailure: true,
  });
});

Deno.test("a setting that is no integer is named", () => {
  assert.throws(() => parametersFrom({ SWITCHGEAR_SEED: "1e3" }, 1), /SWITCHGEAR_SEED.*"1e3"/);
  assert.throws(() => parametersFrom({ SWITCHGEAR_RUNS: "x" }, 1), /SWITCHGEAR_RUNS.*"x"/);
});

Deno.test("a property that fails says by which seed and path to try it again", () => {
  const fails = fc.property(fc.integer(), (value) => value < 1_000);
  assert.throws(() => holds(fails, { runs: 1_000 }), /seed: -?\d+, path: "[\d:]+"/);
});
