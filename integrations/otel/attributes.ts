import type { MetricAttributes } from "../telemetry/meter.ts";

/** Names of the attributes, on metrics and span events alike. */
export const NAME = "switchgear.breaker.name";
/** What OpenTelemetry marks a series with that stands for all beyond a limit. */
const OVERFLOW = "otel.metric.overflow";

/** The attributes of a breaker that is reported as `label`; `undefined`: among those beyond the limit. */
export function breakerAttributes(label: string | undefined): MetricAttributes {
  return label === undefined ? { [OVERFLOW]: true } : { [NAME]: label };
}
