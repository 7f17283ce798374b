import assert from "node:assert/strict";
import { parseCases } from "../../conformance/case.ts";
import { policyText } from "../make_json.ts";
import { mutated, mutatedTree } from "../mutate.ts";
import { NASTY_NAMES } from "../nasty.ts";
import type { FuzzTarget } from "../target.ts";

const KINDS = [
  ...["begin", "settle", "call", "advance", "policy", "mode", "reset", "random", "restore"],
  ...["hold", "release", "trip", "expect"],
];

/** Files of conformance cases: a TypeError for the file, or for each case itself or its fault. */
export const CASES: FuzzTarget = {
  name: "conformance cases",
  short: 2_000,
  input: (draws) => {
    const steps = draws.list(5, () => {
      const kind = draws.chance(0.8) ? draws.pick(KINDS) : draws.pick(NASTY_NAMES);
      const value: unknown = draws.pick(["success", "a", true, 1, null, {}, [0.5], "1s"]);
      return Object.fromEntries([[kind, value], ...(draws.chance(0.2) ? [["as", "failure"]] : [])]);
    });
    const cases = [{ name: "fuzzed", rule: "R1", policy: { failureThreshold: 1 }, steps }];
    const text = JSON.stringify(draws.chance(0.4) ? mutatedTree(draws, cases) : cases);
    return draws.chance(0.2) ? mutated(draws, text) + policyText(draws).slice(0, 2) : text;
  },
  check: (text) => {
    let parsed;
    try {
      parsed = parseCases(text, "cases.json");
    } catch (error) {
      assert(error instanceof TypeError, String(error));
      assert.match(error.message, /^Cannot read conformance cases from cases.json: /);
      assert(error.message.length < 500);
      return;
    }
    const written: unknown[] = JSON.parse(text);
    assert.equal(parsed.length, written.length);
    for (const [index, each] of parsed.entries()) {
      if ("fault" in each) {
        assert(each.fault.length < 2_000);
        continue;
      }
      assert.deepEqual(each, written[index]);
      for (const step of each.steps) assert(KINDS.some((kind) => Object.hasOwn(step, kind)));
    }
  },
};
