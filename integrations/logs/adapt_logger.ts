import { OptionsCheck } from "../../src/check/check_options.ts";
import { type Logger, LOGGER_METHODS, type LogLevel } from "../../src/log.ts";

/** Writes one line. */
export type WriteLine = (
  level: LogLevel,
  message: string,
  fields: Record<string, unknown>,
) => void;

/**
 * A logger whose lines go to `write`.
 *
 * @throws {TypeError} If `target`, which `write` writes to, is no logger; `task` says for what it was needed.
 */
export function adaptLogger(
  task: string,
  target: Readonly<Record<LogLevel, unknown>>,
  write: WriteLine,
): Logger {
  new OptionsCheck(task).methods("logger", target, LOGGER_METHODS);
  return {
    debug: (message, fields = {}) => write("debug", message, fields),
    info: (message, fields = {}) => write("info", message, fields),
    warn: (message, fields = {}) => write("warn", message, fields),
    error: (message, fields = {}) => write("error", message, fields),
  };
}
