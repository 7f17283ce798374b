import assert from "node:assert/strict";
import { Ajv } from "npm:ajv@8.17.1";
import fc from "npm:fast-check@4.9.0";
import { plainDuration } from "../../cli/plain_duration.ts";
import { explainPolicy } from "../../cli/explain_policy.ts";
import {
  parseCollectionText,
  parsePolicy,
  parsePolicyText,
} from "../../src/policy/parse_policy.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";
import { collectionSchema, policySchema } from "../../src/policy/schema.ts";
import { policyWarnings } from "../../src/policy/warnings.ts";
import { POLICY_CODEC } from "../../src/provider/config_codec.ts";
import { anyPolicy } from "./any_policy.ts";
import { mergedByHand } from "./merge_oracle.ts";
import { holds } from "./settings.ts";

const ajv = new Ajv({ strict: true, allowUnionTypes: true });
const fitsSchema = ajv.compile(policySchema());
const fitsCollectionSchema = ajv.compile(collectionSchema());

const anyName = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("default", "__proto__", "constructor", "toString", "hasOwnProperty", ""),
);

function accepted(text: string): Policy {
  const result = parsePolicyText(text);
  assert(result.ok, JSON.stringify(result));
  return result.policy;
}

Deno.test("any valid policy is accepted as it was written, through text and back", () => {
  holds(
    fc.property(anyPolicy, (policy) => {
      const plain: unknown = JSON.parse(JSON.stringify(policy));
      const fromText = accepted(JSON.stringify(policy));
      assert.deepEqual(fromText, plain);
      assert.deepEqual(parsePolicy(policy), { ok: true, policy: fromText });
      assert.deepEqual(accepted(JSON.stringify(fromText, undefined, "\t")), fromText);
      assert.deepEqual(POLICY_CODEC.parse("it", POLICY_CODEC.format(policy)), fromText);
      assert(fitsSchema(plain), "the schema refuses it");
    }),
    { runs: 800 },
  );
});

Deno.test("any policy in force is a valid document that means itself", () => {
  holds(
    fc.property(anyPolicy, anyPolicy, (environment, named) => {
      const effective = resolvePolicy(environment, named);
      const text = JSON.stringify(effective);
      assert.deepEqual(resolvePolicy(accepted(text)), effective);
      assert.deepEqual(accepted(text), effective);
      assert(fitsSchema(JSON.parse(text)), "the schema refuses it");
      assert(Object.isFrozen(effective) && Object.isFrozen(effective.window));
    }),
    { runs: 800 },
  );
});

Deno.test("a named policy over the default over the environment's is what the table says", () => {
  holds(
    fc.property(anyPolicy, anyPolicy, anyPolicy, (environment, byDefault, named) => {
      for (const documents of [[], [byDefault], [byDefault, named]]) {
        const resolved = resolvePolicy(environment, ...documents);
        assert.deepEqual(resolved, mergedByHand({ ...environment }, ...plain(documents)));
      }
      assert.deepEqual(resolvePolicy(environment, {}, named), resolvePolicy(environment, named));
      assert.deepEqual(resolvePolicy(named, named), resolvePolicy(named));
    }),
    { runs: 800 },
  );
});

function plain(documents: readonly Policy[]): Record<string, unknown>[] {
  return documents.map((document) => ({ ...document }));
}

Deno.test("any policy can be explained and warned of, in whole sentences", () => {
  holds(
    fc.property(anyPolicy, (policy) => {
      const effective = resolvePolicy(policy);
      const text = JSON.stringify(explainPolicy(effective));
      assert.doesNotMatch(text, /undefined|NaN|Infinity|\[object/);
      for (const warning of policyWarnings(effective)) {
        assert.match(warning, /^[a-zA-Z.]+/);
        assert.doesNotMatch(warning, /undefined|NaN|Infinity|\[object/);
      }
      assert.match(plainDuration(effective.openStateTimeout), /\d/);
    }),
    { runs: 400 },
  );
});

Deno.test("a collection holds each policy under its name, whatever the name", () => {
  const anyCollection = fc.uniqueArray(fc.tuple(anyName, anyPolicy), {
    selector: ([name]) => name,
    maxLength: 6,
  });
  holds(
    fc.property(anyCollection, (entries) => {
      const text = `{${entries.map(([n, p]) => `${JSON.stringify(n)}:${JSON.stringify(p)}`)}}`;
      const result = parseCollectionText(text);
      assert(result.ok);
      const plain = entries.map(([name, policy]) => [name, JSON.parse(JSON.stringify(policy))]);
      assert.deepEqual(result.policies, new Map(plain.map(pair)));
      if (!entries.some(([name]) => name === "__proto__")) {
        assert(fitsCollectionSchema(JSON.parse(text)), "the schema refuses it");
      }
    }),
    { runs: 400 },
  );
});

const YEAR_AND_ONE_MS = 365 * 24 * 3_600_000 + 1;

function pair([name, value]: unknown[]): [unknown, unknown] {
  return [name, value];
}

/** Values that are wrong in some field and right in another. */
const anyValue = fc.oneof(
  fc.constantFrom(null, true, false, "", "0s", "1s", "-1s", "1d", "normal", "count", [], {}),
  fc.constantFrom(-1, -0, 0, 1, 1.5, 2, 3_601, 10_000_001, 2 ** 53, YEAR_AND_ONE_MS, 1e-9, 4e-7),
  fc.jsonValue({ maxDepth: 2 }),
);

Deno.test("parser and schema agree on any policy with one value put in the place of another", () => {
  const places = fc.constantFrom(
    ...["failureThreshold", "window.size", "window.kind", "window.buckets", "halfOpen.maxProbes"],
    ...["ramp.calls", "ramp.per", "openBackoff.jitter", "openBackoff.multiplier", "timeout"],
    ...["mode", "window", "ramp", "$schema", "unknown", "window.unknown", "ramp.unknown"],
  );
  let taken = 0;
  let cases = 0;
  holds(
    fc.property(anyPolicy, places, anyValue, (policy, place, value) => {
      const document = changed(policy, place.split("."), value);
      const { ok } = parsePolicy(document);
      cases++;
      if (ok) taken++;
      assert.equal(ok, fitsSchema(document), `${ok}: ${JSON.stringify(document)}`);
      assert.deepEqual(parsePolicyText(JSON.stringify(document)), parsePolicy(document));
    }),
    { runs: 3_000 },
  );
  assert(taken > cases / 50 && taken < cases * 0.9, `${taken} of ${cases} were valid`);
});

function changed(value: unknown, [name = "", ...rest]: string[], to: unknown): unknown {
  const fields = typeof value === "object" && value !== null ? { ...value } : {};
  const inner: unknown = Object.entries(fields).find(([key]) => key === name)?.[1];
  const replaced = rest.length === 0 ? to : changed(inner, rest, to);
  return JSON.parse(JSON.stringify({ ...fields, [name]: replaced }));
}
