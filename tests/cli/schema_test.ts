import assert from "node:assert/strict";
import { collectionSchema, policySchema } from "../../src/policy/schema.ts";
import { run } from "./captured_io.ts";

const CASES = [
  { args: ["schema"], schema: policySchema() },
  { args: ["schema", "--collection"], schema: collectionSchema() },
];

for (const { args, schema } of CASES) {
  Deno.test(`CLI: "${args.join(" ")}" prints the schema as JSON`, async () => {
    const { status, stdout } = await run(args);
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(stdout), schema);
  });
}
