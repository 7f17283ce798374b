/**
 * Anything that logs a message with fields: `console`, a LogTape logger and
 * most structured loggers fit as they are.
 */
export interface Logger {
  /** Detail that only a developer of the surrounding program wants. */
  debug(message: string, fields?: Record<string, unknown>): void;
  /** Ordinary changes: a policy in force, a breaker closed. */
  info(message: string, fields?: Record<string, unknown>): void;
  /** What an operator should look at: a breaker opened, a backend is out of reach. */
  warn(message: string, fields?: Record<string, unknown>): void;
  /** What somebody must mend: a refused policy, a callback that throws. */
  error(message: string, fields?: Record<string, unknown>): void;
}

/** The levels of a {@linkcode Logger}, least urgent first. */
export type LogLevel = keyof Logger;

/** What a logger must have. */
export const LOGGER_METHODS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/**
 * Logs, and swallows what the logger throws: a broken logger must never reach
 * the code that is being guarded.
 */
export function logSafely(
  logger: Logger | undefined,
  level: LogLevel,
  message: string,
  fields: Record<string, unknown>,
): void {
  try {
    const line = logger === console ? consoleLine(message) : message;
    const returned: unknown = logger?.[level](line, fields);
    if (returned instanceof Promise) returned.catch(() => {});
  } catch {
    // There is nowhere left to report to.
  }
}

/**
 * A message as the console must be given it: a name with `%` in it is no format
 * that takes the fields for its argument, and one with a line break begins no
 * line of its own.
 */
function consoleLine(message: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is replaced
  const line = message.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return line.replaceAll("%", "%%");
}
