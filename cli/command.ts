import type { CliIo } from "./io.ts";

/** One option of a command. */
export interface CommandOption {
  /** Whether it stands alone or takes a value. */
  readonly type: "boolean" | "string";
  /** One letter that stands for it too. */
  readonly short?: string;
  /** What to call the value in the help. */
  readonly valueName?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  /** Why it is refused, as a sentence, whatever its value; it is then not in the help. */
  readonly refusal?: string;
  /** What it does, in one line. */
  readonly description: string;
}

/** The options of a command by name. */
export type CommandOptions = Readonly<Record<string, CommandOption>>;

/** A command line, taken apart and checked against the command's options. */
export interface Invocation {
  /** The arguments that are no options. */
  readonly operands: readonly string[];
  /** Which options without a value were given. */
  readonly flags: ReadonlySet<string>;
  /** The values of the options that take one. */
  readonly values: ReadonlyMap<string, string>;
}

/** One thing that `switchgear` does. */
export interface Command {
  /** What it is called on the command line. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** Its operands as the usage line shows them. */
  readonly operands: string;
  /** Its own options; `--help` and `--version` are everywhere. */
  readonly options: CommandOptions;
  /** What else the help says, as lines. */
  readonly details: readonly string[];
  /**
   * Does it, and resolves to the exit status.
   *
   * @throws {UsageError} if the command line asks for what cannot be done.
   */
  run(invocation: Invocation, io: CliIo): Promise<number>;
}

/** Commands with a first word in common. */
export interface CommandGroup {
  /** The first word. */
  readonly name: string;
  /** What they are for, in one line. */
  readonly summary: string;
  /** The commands, each named with both words. */
  readonly commands: readonly Command[];
  /** What else the help says, as lines. */
  readonly details: readonly string[];
}
