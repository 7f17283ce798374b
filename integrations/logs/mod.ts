/**
 * Log lines that say to which request they belong, through any logger: the
 * `trace_id` of OpenTelemetry's active span, or one of the program's own.
 *
 * A provider writes changes of state (at `warn` when a breaker opens, else at
 * `info`), policies that come into force (`info`) and documents that are refused
 * (`error`), each once and with the service's name. Nothing is written per call.
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
 * @module
 */
export { logTapeLogger } from "./log_tape_logger.ts";
export { type FieldsFirstLogger, pinoLogger } from "./pino_logger.ts";
export { type TraceFields, traceFields, withTraceId } from "./trace_id.ts";
export { withTrace } from "./with_trace.ts";
