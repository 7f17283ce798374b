import { DEVELOPMENT_POLICY, PRODUCTION_POLICY } from "../src/policy/defaults.ts";
import type { Policy } from "../src/policy/policy.ts";
import type { Environment } from "../src/provider/config.ts";
import type { CommandOption, Invocation } from "./command.ts";

/** The option `--env`. */
export const ENVIRONMENT_OPTION: CommandOption = {
  type: "string",
  choices: ["production", "development"],
  description: "whose default policy holds beneath all others (production)",
};

/** The environment that the command line names, and its default policy. */
export function environmentOf(
  { values }: Invocation,
): { readonly name: Environment; readonly policy: Policy } {
  return values.get("env") === "development"
    ? { name: "development", policy: DEVELOPMENT_POLICY }
    : { name: "production", policy: PRODUCTION_POLICY };
}
