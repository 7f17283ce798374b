import type { Command, CommandGroup, CommandOption, CommandOptions } from "./command.ts";
import { COMMON_OPTIONS, valueOf } from "./parse_invocation.ts";

/** The help of one command. */
export function commandHelp(command: Command): string {
  const operands = command.operands === "" ? "" : ` ${command.operands}`;
  return text([
    `Usage: switchgear ${command.name}${operands} [options]`,
    "",
    `${capitalized(command.summary)}.`,
    "",
    ...command.details,
    ...(command.details.length > 0 ? [""] : []),
    "Options:",
    ...optionLines({ ...command.options, ...COMMON_OPTIONS }),
  ]);
}

/** The help of commands with a first word in common. */
export function groupHelp({ name, summary, commands, details }: CommandGroup): string {
  return text([
    `Usage: switchgear ${name} COMMAND [options]`,
    "",
    `${capitalized(summary)}.`,
    "",
    "Commands:",
    ...commandLines(commands),
    "",
    ...details,
    ...(details.length > 0 ? [""] : []),
    "Options:",
    ...optionLines(COMMON_OPTIONS),
    "",
    `Say "switchgear ${name} COMMAND --help" for the options of a command.`,
  ]);
}

/** The help of the whole. */
export function generalHelp(commands: readonly (Command | CommandGroup)[]): string {
  return text([
    "Usage: switchgear COMMAND [options]",
    "",
    "Circuit breakers whose policies change while the program runs.",
    "",
    "Commands:",
    ...commandLines(commands),
    "",
    "Options:",
    ...optionLines(COMMON_OPTIONS),
    "",
    'Say "switchgear COMMAND --help" for the options of a command.',
    "Exit status: 0 all is well, 1 it is not, 2 wrong usage or something cannot be read.",
  ]);
}

function commandLines(commands: readonly (Command | CommandGroup)[]): string[] {
  return table(commands.map((command) => {
    const operands = "operands" in command ? command.operands : "COMMAND …";
    return [`${command.name} ${operands}`.trim(), command.summary];
  }));
}

function optionLines(options: CommandOptions): string[] {
  return table(
    Object.entries(options)
      .filter(([, { refusal }]) => refusal === undefined)
      .map(([name, option]) => [spelling(name, option), option.description]),
  );
}

function spelling(name: string, option: CommandOption): string {
  const letter = option.short === undefined ? "    " : `-${option.short}, `;
  return `${letter}--${name}${option.type === "string" ? ` ${valueOf(option)}` : ""}`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

function capitalized(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function text(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
