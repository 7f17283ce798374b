import assert from "node:assert/strict";
import { Ajv } from "npm:ajv@8.17.1";
import { POLICY_FIELDS } from "../../src/policy/fields.ts";
import { parseCollectionText, parsePolicy } from "../../src/policy/parse_policy.ts";
import { collectionSchema, policySchema } from "../../src/policy/schema.ts";
import { parseDuration } from "../../src/time/duration.ts";
import { pick, seededRandom } from "../support/seeded_random.ts";

const ajv = new Ajv({ strict: true, allowUnionTypes: true });
const fitsSchema = ajv.compile(policySchema());
const fitsCollectionSchema = ajv.compile(collectionSchema());

const YEAR_MS = 365 * 24 * 60 * 60 * 1_000;

/**
 * What the schema cannot say: a duration in text that fits the notation, but is
 * longer than a year, longer than 64 bits of nanoseconds or shorter than one.
 */
function isBeyondSchema(value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    const ms = parseDuration(value);
    return ms === 0 || ms > YEAR_MS;
  } catch (error) {
    return error instanceof RangeError && error.message.includes("longer than 292 years");
  }
}

const DURATION_FIELDS = [
  ...["failureThresholdWithin", "openStateTimeout", "slowCallThreshold", "timeout", "maxHold"],
];
const NESTED_DURATION_FIELDS = ["duration", "probeTimeout", "maxTimeout", "per"];

/** `document` with every duration that the schema cannot judge replaced by one second. */
function withoutBeyond(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document), (name, value) => {
    const isDuration = DURATION_FIELDS.includes(name) || NESTED_DURATION_FIELDS.includes(name);
    return isDuration && isBeyondSchema(value) ? "1s" : value;
  });
}

function assertAgree(document: unknown): boolean {
  const text = JSON.stringify(document);
  const { ok } = parsePolicy(document);
  const fits = fitsSchema(document);
  if (ok) assert(fits, `the parser takes it, the schema does not: ${text}`);
  assert.equal(parsePolicy(withoutBeyond(document)).ok, fitsSchema(withoutBeyond(document)), text);
  if (!ok && fits) {
    assert.notEqual(JSON.stringify(withoutBeyond(document)), text, `only the schema takes ${text}`);
  }
  return ok;
}

const RAMP = { calls: 10, per: "1m" };
const VALUES: readonly unknown[] = [
  ...[null, true, false, "", [], {}, [1], { kind: "count" }, { kind: "time" }],
  ...[-1, -0, 0, 1, 2, 10, 1.5, 0.5, 0.999, 1.0001, 1e-9, 5e-7, 4.9e-7, 1e300],
  ...[3_600, 3_601, 10_000_000, 10_000_001, 2 ** 53 - 1, 2 ** 53, YEAR_MS, YEAR_MS + 1],
  ...["0", "0s", "0.0h", "1s", "+1s", "-1s", "1m30s", "1.5h", ".5s", "1.s", ".s", "1..s", "250ms"],
  ...["10us", "10\u00b5s", "10\u03bcs", "1d", "1 s", "1s\n", "5", "1S", "s", "+", "0x1s", "1e3s"],
  ...["0".repeat(254) + "1s", "0".repeat(255) + "1s"],
  ...["normal", "disabled", "forced-open", "metrics-only", "Normal", "count", "time"],
  ...[RAMP, { ...RAMP, growth: 1, steps: 1 }, { calls: 10 }, { per: 5 }],
  ...[{ maxProbes: 1 }, { probeTimeout: 1 }, { jitter: 1 }, { maxTimeout: "1m" }],
  ...[{ kind: "count", size: 1 }, { kind: "time", size: 1 }, { kind: "count", buckets: 1 }],
];

const BEYOND_SCHEMA = ["8760h0m1s", "9000h", "0.4ns", "99999999999999999999h", "2562048h"];

for (const name of [...Object.keys(POLICY_FIELDS), "unknown", "__proto__", "constructor"]) {
  Deno.test(`schema and parser agree on what ${name} may be`, () => {
    const taken = VALUES.filter((value) => assertAgree({ [name]: value }));
    const isKnown = Object.hasOwn(POLICY_FIELDS, name);
    assert.equal(taken.length > 1, isKnown);
    assert(taken.length < VALUES.length);
  });
}

const PARENTS = {
  window: [{ kind: "count" }, { kind: "time" }, {}],
  halfOpen: [{}],
  openBackoff: [{}],
  ramp: [RAMP, {}],
};
const NESTED_NAMES = [
  ...["kind", "size", "duration", "buckets", "maxProbes", "probeTimeout", "multiplier"],
  ...["maxTimeout", "jitter", "calls", "per", "growth", "steps", "unknown", "__proto__"],
];

for (const [parent, bases] of Object.entries(PARENTS)) {
  Deno.test(`schema and parser agree on the fields of ${parent}`, () => {
    let taken = 0;
    for (const base of bases) {
      for (const name of NESTED_NAMES) {
        for (const value of VALUES) {
          const object = Object.fromEntries([...Object.entries(base), [name, value]]);
          if (assertAgree({ [parent]: object })) taken++;
        }
      }
    }
    assert(taken > 20, `only ${taken} documents were valid`);
  });
}

Deno.test("schema and parser agree on what is a document", () => {
  for (const value of VALUES) assertAgree(value);
});

Deno.test("schema and parser agree on random documents", () => {
  const random = seededRandom(4);
  const names = [...Object.keys(POLICY_FIELDS), ...Object.keys(POLICY_FIELDS), "unknown"];
  const values = [...VALUES, ...BEYOND_SCHEMA];
  let taken = 0;
  for (let round = 0; round < 20_000; round++) {
    const document: Record<string, unknown> = {};
    for (let field = random() * 3; field >= 0; field--) {
      const value = pick(random, values);
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      document[pick(random, names)] = isObject && random() < 0.5
        ? { ...value, [pick(random, NESTED_NAMES)]: pick(random, values) }
        : value;
    }
    if (assertAgree(document)) taken++;
  }
  assert(taken > 500 && taken < 15_000, `${taken} of 20000 documents were valid`);
});

Deno.test("the schema agrees with Go's notation on random texts", () => {
  const random = seededRandom(5);
  const pieces = ["0", "1", "9", ".", "ns", "us", "ms", "s", "m", "h", "+", "-", " ", "d", "µs"];
  let taken = 0;
  for (let round = 0; round < 20_000; round++) {
    let text = "";
    for (let piece = random() * 6; piece >= 0; piece--) text += pick(random, pieces);
    if (assertAgree({ timeout: text })) taken++;
  }
  assert(taken > 300, `only ${taken} durations were valid`);
});

for (const text of BEYOND_SCHEMA) {
  Deno.test(`the schema cannot tell that ${text} is out of range, the parser can`, () => {
    assert(fitsSchema({ timeout: text }));
    assert(!parsePolicy({ timeout: text }).ok);
  });
}

const COLLECTIONS: readonly unknown[] = [
  {},
  { default: {}, "grpc:user-service": { timeout: "1s", ramp: null } },
  { $schema: "./breakers.schema.json", a: {} },
  { $schema: { timeout: 1 } },
  { $schema: { timeout: 0 } },
  { $schema: 5 },
  { a: null },
  { a: "1s" },
  { a: { timeout: 0 } },
  { a: {}, b: { tiemout: 1 } },
  { "a*": {}, "*": {}, "a**b": {}, "***": {}, "a*b****": {}, "\n*\n": {} },
  { "a*b*": {} },
  { "*a**b*": {} },
  { "***a*": {} },
  [],
  null,
];

for (const collection of COLLECTIONS) {
  const text = JSON.stringify(collection);
  Deno.test(`schema and parser agree on the collection ${text}`, () => {
    assert.equal(fitsCollectionSchema(collection), parseCollectionText(text).ok);
  });
}

Deno.test("the schema describes every field, with its default where it has one", () => {
  const schema: Record<string, Record<string, Record<string, unknown>>> = JSON.parse(
    JSON.stringify(policySchema()),
  );
  assert.deepEqual(Object.keys(schema["properties"] ?? {}), Object.keys(POLICY_FIELDS));
  for (const [name, field] of Object.entries(schema["properties"] ?? {})) {
    assert(typeof field["description"] === "string" && field["description"].length > 10, name);
  }
  assert.deepEqual(schema["properties"]?.["window"]?.["default"], { kind: "count", size: 100 });
  assert.equal(schema["properties"]?.["openStateTimeout"]?.["default"], "1m");
  assert.equal(schema["properties"]?.["timeout"]?.["default"], undefined);
});

Deno.test("every default in the schema is valid", () => {
  // Not strict, because it fills in no defaults inside alternatives such as the kinds of window.
  const withDefaults = new Ajv({ strict: false, useDefaults: true });
  const document = { halfOpen: {}, openBackoff: {}, ramp: { calls: 1, per: 1 } };
  assert(withDefaults.compile(policySchema())(document));
  assert("failureThreshold" in document && "jitter" in document.openBackoff);
  assert.deepEqual(parsePolicy(document), { ok: true, policy: document });
});

Deno.test("each schema is a new object, so that changing one changes no other", () => {
  for (const make of [policySchema, collectionSchema]) {
    const before = JSON.stringify(make());
    scramble(make());
    assert.equal(JSON.stringify(make()), before);
  }
});

function scramble(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const inner of Object.values(value)) scramble(inner);
  Reflect.set(value, "scrambled", true);
}
