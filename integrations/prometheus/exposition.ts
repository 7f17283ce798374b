import type { Measure } from "../telemetry/measures.ts";

/** A format of Prometheus's: its own text, or OpenMetrics. */
export type ExpositionFormat = "text" | "openmetrics";

/** One value with its labels. */
export interface Sample {
  /** Labels by name. */
  readonly labels: Readonly<Record<string, string>>;
  /** The value. */
  readonly value: number;
}

/** What a response says of its body. */
export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** What stands at the end. */
export const ENDS: Readonly<Record<ExpositionFormat, string>> = {
  text: "",
  openmetrics: "# EOF\n",
};

/** A measure with its samples, as lines. */
export function family<Source>(
  measure: Measure<Source>,
  samples: readonly Sample[],
  format: ExpositionFormat,
): string {
  const name = familyName(measure);
  const sampleName = measure.kind === "counter" ? `${name}_total` : name;
  // OpenMetrics names the family, the older text each metric.
  const described = format === "openmetrics" ? name : sampleName;
  const type = measure.kind === "counter" ? "counter" : "gauge";
  const lines = [`# HELP ${described} ${escapeHelp(measure.description, format)}`];
  lines.push(`# TYPE ${described} ${type}`);
  if (format === "openmetrics" && measure.unit === "s") lines.push(`# UNIT ${name} seconds`);
  for (const { labels, value } of samples) lines.push(`${sampleName}${labelSet(labels)} ${value}`);
  return `${lines.join("\n")}\n`;
}

/** The name without `_total`, made as OpenTelemetry's exporters make it. */
function familyName({ name, unit }: { readonly name: string; readonly unit: string }): string {
  const base = name.replaceAll(".", "_");
  return unit === "s" ? `${base}_seconds` : base;
}

function labelSet(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function escapeHelp(text: string, format: ExpositionFormat): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return format === "openmetrics" ? escaped.replaceAll('"', '\\"') : escaped;
}
