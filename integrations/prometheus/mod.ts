/**
 * The metrics of breakers as text for Prometheus, with an HTTP handler.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import { createPrometheus } from "@switchgear/breaker/prometheus";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
 *   backend: memoryBackend({}),
 * });
 * using prometheus = createPrometheus(provider);
 * await using _server = Deno.serve({ port: 0, onListen: () => {} }, prometheus.handle);
 * ```
 *
 * @module
 */
export type { ExpositionFormat } from "./exposition.ts";
export {
  createPrometheus,
  Prometheus,
  type PrometheusOptions,
  prometheusText,
} from "./prometheus.ts";
