import type { Command } from "./command.ts";
import { DEMO } from "./demo.ts";
import { EXPLAIN } from "./explain.ts";
import { commandHelp, generalHelp } from "./help.ts";
import type { CliIo } from "./io.ts";
import { parseInvocation } from "./parse_invocation.ts";
import { SCHEMA } from "./schema.ts";
import { unknownName, UsageError } from "./usage_error.ts";
import { VALIDATE } from "./validate.ts";
import { VERSION } from "./version.ts";

const COMMANDS: readonly Command[] = [VALIDATE, EXPLAIN, SCHEMA, DEMO];

/** Exit status of a wrong command line, and of one that names what cannot be read. */
const USAGE_STATUS = 2;

/**
 * Runs one command line of `switchgear`.
 *
 * @param args The arguments, without the program's own name.
 * @param io What to read from and write to.
 * @returns The exit status: 0 if all is well, 1 if it is not, 2 for wrong usage.
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  const [first, ...rest] = args;
  const command = COMMANDS.find(({ name }) => name === first);
  try {
    if (first === undefined) throw new UsageError("No command given");
    if (command !== undefined) return await runCommand(command, rest, io);
    if (first === "help") return help(rest, io);
    if (!first.startsWith("-")) throw unknownCommand(first);
    const { flags } = parseInvocation(args.slice(0, 1), {});
    io.stdout(flags.has("version") ? versionLine() : generalHelp(COMMANDS));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const of = command === undefined ? "" : ` ${command.name}`;
    io.stderr(`switchgear${of}: ${error.message}\nSay "switchgear${of} --help" for help.\n`);
    return USAGE_STATUS;
  }
}

async function runCommand(command: Command, args: readonly string[], io: CliIo): Promise<number> {
  const invocation = parseInvocation(args, command.options);
  const { flags } = invocation;
  if (flags.has("help") || flags.has("version")) {
    io.stdout(flags.has("help") ? commandHelp(command) : versionLine());
    return 0;
  }
  return await command.run(invocation, io);
}

function help([name, unexpected]: readonly string[], io: CliIo): number {
  if (unexpected !== undefined) throw new UsageError(`Unexpected argument "${unexpected}"`);
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined && name !== undefined) throw unknownCommand(name);
  io.stdout(command === undefined ? generalHelp(COMMANDS) : commandHelp(command));
  return 0;
}

function unknownCommand(name: string): UsageError {
  return unknownName("command", name, COMMANDS.map((command) => command.name));
}

function versionLine(): string {
  return `switchgear ${VERSION}\n`;
}
