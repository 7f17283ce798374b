import type { Logger } from "../../src/log.ts";
import { adaptLogger } from "./adapt_logger.ts";

/**
 * A LogTape logger that takes messages as they are. LogTape itself reads what
 * stands in braces as the name of a field, so that a breaker called `/users/{id}`
 * would be logged under another name; where no name has braces its loggers fit
 * as they are.
 *
 * @example Usage
 * ```ts
 * import { logTapeLogger } from "@switchgear/breaker/logs";
 * import assert from "node:assert/strict";
 *
 * const lines: string[] = [];
 * const write = (message: string) => void lines.push(message);
 * const logger = logTapeLogger({ debug: write, info: write, warn: write, error: write });
 * logger.warn('Breaker "/users/{id}" is open');
 * assert.deepEqual(lines, ['Breaker "/users/{{id}}" is open']);
 * ```
 *
 * @param logger What LogTape's `getLogger` returns.
 * @returns The logger to hand to `withTrace` or a provider.
 * @throws {TypeError} If `logger` is none.
 */
export function logTapeLogger(logger: Logger): Logger {
  return adaptLogger("adapt LogTape logger", logger, (level, message, fields) => {
    logger[level](message.replaceAll("{", "{{").replaceAll("}", "}}"), fields);
  });
}
