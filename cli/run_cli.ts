import type { Command, CommandGroup } from "./command.ts";
import { commandLine } from "./command_line.ts";
import { DEMO } from "./demo.ts";
import { doctorCommand } from "./doctor.ts";
import { EXPLAIN } from "./explain.ts";
import type { CliIo } from "./io.ts";
import { policyGroup } from "./policy/policy_group.ts";
import { SCHEMA } from "./schema.ts";
import { openStore } from "./store/open_store.ts";
import { VALIDATE } from "./validate.ts";

const COMMANDS: readonly (Command | CommandGroup)[] = [
  VALIDATE,
  EXPLAIN,
  SCHEMA,
  policyGroup(openStore),
  doctorCommand(openStore),
  DEMO,
];

/**
 * Runs one command line of `switchgear`.
 *
 * @example Usage
 * ```ts
 * import { processIo, runCli } from "@switchgear/breaker/cli";
 * import assert from "node:assert/strict";
 *
 * let printed = "";
 * const io = { ...processIo(), stdout: (text: string) => void (printed += text) };
 * assert.equal(await runCli(["schema"], io), 0);
 * assert.equal(JSON.parse(printed).title, "Circuit breaker policy");
 * ```
 *
 * @param args The arguments, without the program's own name.
 * @param io What to read from and write to.
 * @returns The exit status: 0 if all is well, 1 if it is not, 2 for wrong usage.
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  return await commandLine(COMMANDS)(args, io);
}
