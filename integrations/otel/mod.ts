/**
 * Breakers in OpenTelemetry: their state, calls, rejections and transitions as
 * metrics, their changes as events of the active span.
 *
 * Works with Deno's own exporter (`OTEL_DENO=true`), with any SDK that is
 * registered with `@opentelemetry/api`, and with a meter that is handed in.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import { createTelemetry } from "@switchgear/breaker/otel";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
 *   backend: memoryBackend({}),
 * });
 * using _telemetry = createTelemetry(provider, { spanEvents: "all" });
 * await provider.getBreaker("users").do(() => Promise.resolve("Ada"));
 * ```
 *
 * @module
 */
export type {
  DurationHistogram,
  InstrumentOptions,
  MetricAttributes,
  MetricObserver,
  TelemetryMeter,
  TelemetryMeterProvider,
} from "../telemetry/meter.ts";
export type { SpanEvents } from "./span_events.ts";
export { createTelemetry, Telemetry, type TelemetryOptions } from "./telemetry.ts";
