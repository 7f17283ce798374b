import assert from "node:assert/strict";
import { collectionSchema, policySchema } from "../../src/policy/schema.ts";

/** What stands at a path of names and places within a schema. */
function at(schema: unknown, ...path: string[]): unknown {
  return path.reduce(
    (value, name) => typeof value === "object" && value !== null ? Reflect.get(value, name) : value,
    schema,
  );
}

Deno.test("each schema names its draft and itself", () => {
  const policy = policySchema();
  const collection = collectionSchema();
  assert.equal(policy["$schema"], "http://json-schema.org/draft-07/schema#");
  assert.equal(collection["$schema"], "http://json-schema.org/draft-07/schema#");
  assert.equal(policy["title"], "Circuit breaker policy");
  assert.equal(collection["title"], "Circuit breaker policies by breaker name");
});

Deno.test("each schema is plain JSON: no field of it is undefined", () => {
  for (const schema of [policySchema(), collectionSchema()]) {
    assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
  }
});

Deno.test("a field's description ends with its unit, or with how a duration is written", () => {
  const said = (name: string): unknown => at(policySchema(), "properties", name, "description");
  assert.equal(
    said("timeout"),
    "Time limit of one call. Left out: none. " +
      'A duration such as "1m30s" or "250ms", or a number of milliseconds.',
  );
  assert.equal(
    said("minimumCalls"),
    "Calls that the window must hold before a rate counts. Unit: calls.",
  );
  assert.equal(said("$schema"), "Where an editor finds the schema of this document.");
});

Deno.test("an object of a policy requires fields where it has any that must be given, and else says nothing of it", () => {
  const properties = at(policySchema(), "properties");
  assert.deepEqual(at(properties, "ramp", "required"), ["calls", "per"]);
  assert.deepEqual(at(properties, "window", "oneOf", "0", "required"), ["kind"]);
  for (const schema of [policySchema(), at(properties, "halfOpen")]) {
    assert(typeof schema === "object" && schema !== null);
    assert(!Object.hasOwn(schema, "required"));
  }
});

Deno.test("a number's bounds are those of its field, and no more", () => {
  const bounds = (...path: string[]): unknown => {
    const { description: _description, default: _default, ...rest } = Object(
      at(policySchema(), "properties", ...path),
    );
    return rest;
  };
  assert.deepEqual(bounds("failureRateThreshold"), {
    type: ["number", "null"],
    exclusiveMinimum: 0,
    maximum: 1,
  });
  assert.deepEqual(bounds("openBackoff", "properties", "multiplier"), {
    type: ["number"],
    minimum: 1,
  });
  assert.deepEqual(bounds("openBackoff", "properties", "jitter"), {
    type: ["number"],
    minimum: 0,
    maximum: 1,
  });
});
