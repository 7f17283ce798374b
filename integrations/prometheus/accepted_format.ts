import type { ExpositionFormat } from "./exposition.ts";

/**
 * The format that an `Accept` header asks for: OpenMetrics where it is named,
 * wanted, and not wanted less than plain text (RFC 9110, section 12.5.1).
 */
export function acceptedFormat(accept: string | null): ExpositionFormat {
  let openMetrics = 0;
  let text = 0;
  for (const range of (accept ?? "").split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const weight = weightOf(parameters);
    if (type === "application/openmetrics-text" && isSpoken(parameters)) {
      openMetrics = Math.max(openMetrics, weight);
    } else if (type === "text/plain") {
      text = Math.max(text, weight);
    }
  }
  return openMetrics > 0 && openMetrics >= text ? "openmetrics" : "text";
}

function weightOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith("q="));
  const weight = given === undefined ? 1 : Number(given.slice(2));
  return weight >= 0 && weight <= 1 ? weight : 0;
}

/** Whether the version asked for is the one that is written here. */
function isSpoken(parameters: readonly string[]): boolean {
  const version = parameters.find((parameter) => parameter.startsWith("version="));
  return version === undefined || /^version="?1\./.test(version);
}
