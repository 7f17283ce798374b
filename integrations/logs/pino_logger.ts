import type { Logger } from "../../src/log.ts";
import { adaptLogger } from "./adapt_logger.ts";

/** A logger that takes the fields first and the message second, as pino and bunyan do. */
export interface FieldsFirstLogger {
  /** Detail. */
  debug(fields: object, message: string): void;
  /** Ordinary changes. */
  info(fields: object, message: string): void;
  /** What an operator should look at. */
  warn(fields: object, message: string): void;
  /** What somebody must mend. */
  error(fields: object, message: string): void;
}

/**
 * Makes a pino logger one that takes the message first, as this package and
 * `console` do. An error among the fields is called `err`, because that is the
 * field that pino writes out with message and stack.
 *
 * @example Usage
 * ```ts
 * import { pinoLogger } from "@switchgear/breaker/logs";
 * import assert from "node:assert/strict";
 *
 * const lines: unknown[] = [];
 * const write = (...line: unknown[]) => lines.push(line);
 * const logger = pinoLogger({ debug: write, info: write, warn: write, error: write });
 * logger.warn("Breaker opened", { breaker: "users" });
 * assert.deepEqual(lines, [[{ breaker: "users" }, "Breaker opened"]]);
 * ```
 *
 * @param logger What `pino()` or `logger.child()` returns.
 * @returns The logger to hand to `withTrace` or a provider.
 * @throws {TypeError} If `logger` is none.
 */
export function pinoLogger(logger: FieldsFirstLogger): Logger {
  return adaptLogger("adapt pino logger", logger, (level, message, fields) => {
    logger[level](withErr(fields), message);
  });
}

function withErr(fields: Record<string, unknown>): Record<string, unknown> {
  const { error, ...others } = fields;
  return error instanceof Error && !("err" in fields) ? { ...others, err: error } : { ...fields };
}
