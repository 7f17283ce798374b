import assert from "node:assert/strict";
import { envBackend } from "../../../backends/env.ts";
import { encodeEnvName } from "../../../backends/env/env_names.ts";
import { policyText } from "../make_json.ts";
import { mutated } from "../mutate.ts";
import { NASTY_NAMES } from "../nasty.ts";
import { pairsIn } from "../pairs.ts";
import type { FuzzTarget } from "../target.ts";

const PREFIX = "SWITCHGEAR_POLICY_";

/** Environments: a variable is one breaker's document or none, and never an error. */
export const VARIABLES: FuzzTarget = {
  name: "environment variables",
  short: 700,
  input: (draws) =>
    JSON.stringify(draws.list(5, () => {
      const name = draws.pick(NASTY_NAMES);
      const variable = draws.chance(0.7)
        ? PREFIX + (draws.chance(0.5) ? encodeEnvName(name) : mutated(draws, encodeEnvName(name)))
        : draws.pick(["SWITCHGEAR_POLICIES", "PATH", PREFIX, "SWITCHGEAR_", name]);
      return [variable, draws.chance(0.8) ? policyText(draws) : name];
    })),
  check: async (input) => {
    const pairs = pairsIn(input);
    if (pairs === undefined) return;
    const env = Object.fromEntries(pairs);
    const { entries, notes = [] } = await envBackend({ env }).read("");
    const ours = Object.keys(env).filter((name) => name.startsWith(PREFIX));
    const policies = entries.filter(({ kind }) => kind === "policy");
    assert.equal(policies.length + notes.length, ours.length);
    for (const { name, source, text } of policies) {
      assert.equal(source, PREFIX + encodeEnvName(name));
      assert.equal(text, Object.entries(env).find(([each]) => each === source)?.[1]);
    }
    const hasCollection = Object.hasOwn(env, "SWITCHGEAR_POLICIES");
    assert.equal(entries.length - policies.length, hasCollection ? 1 : 0);
    for (const note of notes) assert(note.length < 1_000, `a note of ${note.length} characters`);
  },
};
