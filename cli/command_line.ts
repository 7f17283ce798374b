import type { Command, CommandGroup } from "./command.ts";
import { commandHelp, generalHelp, groupHelp } from "./help.ts";
import type { CliIo } from "./io.ts";
import { parseInvocation } from "./parse_invocation.ts";
import { unknownName, UsageError } from "./usage_error.ts";
import { VERSION } from "./version.ts";

/** Exit status of a wrong command line, and of one that names what cannot be read. */
const USAGE_STATUS = 2;

/** Runs the command that its arguments name, and resolves to the exit status. */
export type CommandLine = (args: readonly string[], io: CliIo) => Promise<number>;

/** What the first words of a command line name, and the arguments after them. */
interface Choice {
  readonly chosen: Command | CommandGroup | undefined;
  readonly rest: readonly string[];
}

/** A command line over some commands, which answers `--help`, `--version` and `help` itself. */
export function commandLine(commands: readonly (Command | CommandGroup)[]): CommandLine {
  return async (args, io) => {
    const choice = choose(commands, args);
    try {
      return await run(commands, choice, io);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const of = choice.chosen === undefined ? "" : ` ${choice.chosen.name}`;
      io.stderr(`switchgear${of}: ${error.message}\nSay "switchgear${of} --help" for help.\n`);
      return USAGE_STATUS;
    }
  };
}

function choose(commands: readonly (Command | CommandGroup)[], args: readonly string[]): Choice {
  const [first, second] = args;
  const chosen = commands.find(({ name }) => name === first);
  if (chosen === undefined) return { chosen, rest: args };
  const inner = "commands" in chosen
    ? chosen.commands.find(({ name }) => name === `${first} ${second}`)
    : undefined;
  return { chosen: inner ?? chosen, rest: args.slice(inner === undefined ? 1 : 2) };
}

async function run(
  commands: readonly (Command | CommandGroup)[],
  { chosen, rest }: Choice,
  io: CliIo,
): Promise<number> {
  if (chosen !== undefined && "run" in chosen) return await runCommand(chosen, rest, io);
  const [first] = rest;
  if (first === undefined) throw new UsageError("No command given");
  if (first === "help") {
    const group = chosen === undefined ? [] : [chosen.name];
    return help(commands, [...group, ...rest.slice(1)], io);
  }
  if (!first.startsWith("-")) throw unknownCommand(chosen, commands, first);
  const { flags } = parseInvocation(rest.slice(0, 1), {});
  const overview = (): string => chosen === undefined ? generalHelp(commands) : groupHelp(chosen);
  io.stdout(flags.has("version") ? versionLine() : overview());
  return 0;
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

function help(
  commands: readonly (Command | CommandGroup)[],
  names: readonly string[],
  io: CliIo,
): number {
  const { chosen, rest: [unknown] } = choose(commands, names);
  if (unknown !== undefined) {
    if (chosen !== undefined && "run" in chosen) {
      throw new UsageError(`Unexpected argument ${JSON.stringify(unknown)}`);
    }
    throw unknownCommand(chosen, commands, unknown);
  }
  if (chosen === undefined) io.stdout(generalHelp(commands));
  else io.stdout("run" in chosen ? commandHelp(chosen) : groupHelp(chosen));
  return 0;
}

function unknownCommand(
  group: CommandGroup | undefined,
  commands: readonly (Command | CommandGroup)[],
  word: string,
): UsageError {
  if (group === undefined) return unknownName("command", word, commands.map(({ name }) => name));
  const words = group.commands.map(({ name }) => name.slice(group.name.length + 1));
  return unknownName(`${group.name} command`, word, words);
}

function versionLine(): string {
  return `switchgear ${VERSION}\n`;
}
