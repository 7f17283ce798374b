import assert from "node:assert/strict";
import type { Fault } from "../../../src/check/fault.ts";
import { InvalidPolicyError } from "../../../src/errors.ts";
import {
  type CollectionResult,
  parseCollectionText,
  parsePolicyText,
  type PolicyResult,
} from "../../../src/policy/parse_policy.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import { resolvePolicy } from "../../../src/policy/resolve_policy.ts";
import { policyWarnings } from "../../../src/policy/warnings.ts";
import { collectionText, policyText, valueText } from "../make_json.ts";
import { mutated } from "../mutate.ts";
import { isCollectionText, isPolicyText } from "../strict_policy.ts";
import type { FuzzTarget } from "../target.ts";

/** Policy documents: accepted if and only if the table of fields allows them, and then as they stand. */
export const POLICY_DOCUMENTS: FuzzTarget = {
  name: "policy documents",
  short: 5_000,
  input: (draws) => {
    const text = draws.chance(0.85) ? policyText(draws) : valueText(draws, 4);
    const marked = draws.chance(0.03) ? `\ufeff${text}` : text;
    return draws.chance(0.4) ? mutated(draws, marked) : marked;
  },
  check: (text) => {
    const result = parsePolicyText(text);
    assert.equal(result.ok, isPolicyText(text), verdict(result));
    if (result.ok) assertPolicy(result.policy);
    else assertFaults(result.faults, text);
  },
};

/** Collections: the same of each policy in them. */
export const COLLECTIONS: FuzzTarget = {
  name: "collections",
  short: 2_000,
  input: (draws) => {
    const text = collectionText(draws);
    return draws.chance(0.3) ? mutated(draws, text) : text;
  },
  check: (text) => {
    const result = parseCollectionText(text);
    assert.equal(result.ok, isCollectionText(text), verdict(result));
    if (!result.ok) return assertFaults(result.faults, text);
    for (const policy of result.policies.values()) assertPolicy(policy);
    const written: object = JSON.parse(text.replace(/^\ufeff/, ""));
    const names = Object.entries(written)
      .filter(([name, policy]) => name !== "$schema" || typeof policy !== "string");
    assert.deepEqual([...result.policies.keys()], names.map(([name]) => name));
  },
};

function verdict(result: PolicyResult | CollectionResult): string {
  return result.ok ? "wrongly accepted" : `wrongly refused: ${result.faults[0]?.message}`;
}

/** What is accepted is plain, frozen, reads back as itself and can be put in force. */
function assertPolicy(policy: Policy): void {
  assert.equal(Object.getPrototypeOf(policy), Object.prototype);
  assert(Object.isFrozen(policy));
  const text = JSON.stringify(policy);
  assert.deepEqual(parsePolicyText(text), { ok: true, policy });
  const effective = resolvePolicy(policy);
  assert.doesNotMatch(JSON.stringify(effective), /"\w+":null/, "a number is none");
  assert.deepEqual(parsePolicyText(JSON.stringify(effective)), { ok: true, policy: effective });
  policyWarnings(effective);
}

/** Faults are told in few words, however much was found, and no more of them than there can be. */
function assertFaults(faults: readonly Fault[], text: string): void {
  assert(faults.length > 0);
  const most = 4 + 3 * (text.split(":").length + text.split("{").length);
  assert(faults.length <= most, `${faults.length} faults in ${text.length} characters`);
  for (const { path, found, message, suggestion, allowed } of faults) {
    assert(path.startsWith("$"));
    assert(path.length < 3_000 && found.length < 500 && allowed.length < 1_000);
    assert(message.length < 4_500, `${message.length} characters`);
    assert(suggestion === undefined || suggestion.length < 30);
  }
  assert(new InvalidPolicyError("it", faults).faults === faults);
}
