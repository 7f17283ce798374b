import { type Logger, logSafely } from "../../src/log.ts";
import { adaptLogger } from "./adapt_logger.ts";
import { traceFields } from "./trace_id.ts";

/**
 * A logger that writes to `logger`, with `trace_id` and, for a span of
 * OpenTelemetry, `span_id` on every line that is written within a trace. Given to
 * a provider, the line that says that a breaker has opened tells which request
 * opened it.
 *
 * What `logger` throws is swallowed.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import { withTrace, withTraceId } from "@switchgear/breaker/logs";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
 *   backend: memoryBackend({}),
 *   logger: withTrace(console),
 * });
 * await withTraceId("4bf92f35", () => provider.getBreaker("users").do(() => Promise.resolve("Ada")));
 * ```
 *
 * @param logger `console`, or what `pinoLogger` or `logTapeLogger` makes.
 * @returns The logger to hand to a provider.
 * @throws {TypeError} If `logger` is none.
 */
export function withTrace(logger: Logger): Logger {
  return adaptLogger("add traces to logger", logger, (level, message, fields) => {
    logSafely(logger, level, message, { ...fields, ...traceFields() });
  });
}
