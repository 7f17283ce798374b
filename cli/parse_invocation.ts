import { parseArgs } from "node:util";
import type { CommandOption, CommandOptions, Invocation } from "./command.ts";
import { unknownName, UsageError } from "./usage_error.ts";

/** The options that every command has. */
export const COMMON_OPTIONS: CommandOptions = {
  help: { type: "boolean", short: "h", description: "show this help" },
  version: { type: "boolean", short: "V", description: "show the version" },
};

/**
 * Takes a command line apart. Of an option that is given twice the last counts;
 * what follows `--` is no option.
 *
 * @param args The arguments after the command's name.
 * @param own The command's options besides the common ones.
 * @throws {UsageError} if an option is unknown or refused, lacks its value or has one that it does not take.
 */
export function parseInvocation(args: readonly string[], own: CommandOptions): Invocation {
  const options = new Map(Object.entries({ ...own, ...COMMON_OPTIONS }));
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      [...options].map(([name, { type, short }]) => [
        name,
        short === undefined ? { type } : { type, short },
      ]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const operands: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const option = options.get(token.name);
    if (option === undefined) throw unknownOption(token.rawName, options);
    if (option.refusal !== undefined) throw new UsageError(option.refusal);
    if (option.type === "boolean") {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      flags.add(token.name);
    } else {
      values.set(token.name, checkedValue(token, option));
    }
  }
  return { operands, flags, values };
}

interface GivenOption {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function checkedValue({ rawName, value, inlineValue }: GivenOption, option: CommandOption): string {
  const isNextOption = !inlineValue && value !== undefined && /^-./.test(value);
  if (value === undefined || value === "" || isNextOption) {
    throw new UsageError(`${rawName} needs a value: ${rawName} ${valueOf(option)}`);
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    throw unknownName(
      `value for ${rawName} (${option.choices.join(" or ")}):`,
      value,
      option.choices,
    );
  }
  return value;
}

/** What an option's value is called in messages and in the help. */
export function valueOf({ choices, valueName = "VALUE" }: CommandOption): string {
  return choices?.join("|") ?? valueName;
}

function unknownOption(
  rawName: string,
  options: ReadonlyMap<string, CommandOption>,
): UsageError {
  const accepted = [...options].filter(([, { refusal }]) => refusal === undefined);
  return unknownName("option", rawName, accepted.map(([name]) => `--${name}`));
}
