import { collectionSchema, policySchema } from "../src/policy/schema.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./usage_error.ts";

/** `switchgear schema`: prints the JSON Schema of policies, for editors. */
export const SCHEMA: Command = {
  name: "schema",
  summary: "print the JSON Schema of a policy document, for editors",
  operands: "",
  options: {
    collection: {
      type: "boolean",
      description: "the schema of breakers.json, one object of name to policy",
    },
  },
  details: [
    "Keep it outside the policy folder, where every .json file is a policy, and name it in each",
    "policy, so that an editor completes and checks as you type:",
    "",
    '  { "$schema": "../policy.schema.json", "failureThreshold": 3 }',
  ],
  run: ({ operands, flags }, io) => {
    const [unexpected] = operands;
    if (unexpected !== undefined) {
      throw new UsageError(`Unexpected argument ${JSON.stringify(unexpected)}`);
    }
    const schema = flags.has("collection") ? collectionSchema() : policySchema();
    io.stdout(`${JSON.stringify(schema, null, 2)}\n`);
    return Promise.resolve(0);
  },
};
