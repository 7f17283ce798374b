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
    const returned: unknown = logger?.[level](message, fields);
    if (returned instanceof Promise) returned.catch(() => {});
  } catch {
    // There is nowhere left to report to.
  }
}
