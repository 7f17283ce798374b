import type { Draws } from "./draws.ts";
import { NASTY_DURATIONS, NASTY_NAMES, NASTY_NUMBERS, NOT_JSON } from "./nasty.ts";

/** The fields of a policy, and of the objects in one (DESIGN.md, section 4). */
const FIELDS: readonly string[] = [
  ...["failureThreshold", "successThreshold", "openStateTimeout", "window", "minimumCalls"],
  ...["failureRateThreshold", "slowCallRateThreshold", "timeoutRateThreshold", "timeout"],
  ...["failureThresholdWithin", "failureCountThreshold", "maxHold"],
  ...["slowCallThreshold", "halfOpen", "openBackoff", "ramp", "mode", "$schema", "description"],
];
const NESTED: Readonly<Record<string, readonly string[]>> = {
  window: ["kind", "size", "duration", "buckets"],
  halfOpen: ["maxProbes", "probeTimeout"],
  openBackoff: ["multiplier", "maxTimeout", "jitter"],
  ramp: ["calls", "per", "growth", "steps"],
};
const WORDS = ["count", "time", "normal", "disabled", "forced-open", "metrics-only", "Normal"];
/** Values of which each is right for many fields. */
const FITTING = ["1", "2", "5", "0.5", "100", '"1s"', '"1m30s"', "1000"];

/** The text of a policy document: most of its fields are known, most of their values fit. */
export function policyText(draws: Draws): string {
  return objectText(draws, draws.list(5, () => policyField(draws)));
}

/** The text of a collection. */
export function collectionText(draws: Draws): string {
  const name = (): string => draws.pick(draws.chance(0.5) ? NASTY_NAMES : ["a", "b", "default"]);
  return objectText(
    draws,
    draws.list(4, () => [name(), draws.chance(0.9) ? policyText(draws) : valueText(draws, 2)]),
  );
}

/** The text of any JSON value, or of what is near one. */
export function valueText(draws: Draws, depth: number): string {
  const kind = draws.below(depth > 0 ? 12 : 9);
  if (kind < 2) return draws.pick(FITTING);
  if (kind === 2) return draws.pick(NASTY_NUMBERS);
  if (kind === 3) return quoted(draws, draws.pick(NASTY_DURATIONS));
  if (kind === 4) return draws.pick(["true", "false", "null", "null"]);
  if (kind === 5) return quoted(draws, draws.pick(NASTY_NAMES));
  if (kind === 6) return quoted(draws, draws.pick(WORDS));
  if (kind === 7) return draws.chance(0.1) ? draws.pick(NOT_JSON) : draws.pick(FITTING);
  if (kind === 8) return draws.pick(["{}", "[]", '""']);
  if (kind === 9) return `[${draws.list(3, () => valueText(draws, depth - 1)).join(",")}]`;
  const name = (): string => draws.pick(draws.chance(0.5) ? FIELDS : NASTY_NAMES);
  return objectText(draws, draws.list(3, () => [name(), valueText(draws, depth - 1)]));
}

function policyField(draws: Draws): [name: string, value: string] {
  if (draws.chance(0.04)) return [draws.pick(NASTY_NAMES), valueText(draws, 2)];
  const name = draws.pick(FIELDS);
  const inner = NESTED[name];
  if (draws.chance(0.05)) return [name, valueText(draws, 3)];
  if (name === "mode") return [name, quoted(draws, draws.pick(WORDS))];
  if (inner === undefined) return [name, draws.pick(draws.chance(0.8) ? FITTING : NASTY_NUMBERS)];
  const entries = draws.list(3, (): [string, string] => {
    const field = draws.chance(0.95) ? draws.pick(inner) : draws.pick(NASTY_NAMES);
    if (field === "kind") return [field, quoted(draws, draws.pick(WORDS.slice(0, 2)))];
    return [field, draws.chance(0.9) ? draws.pick(FITTING) : valueText(draws, 1)];
  });
  if (name === "window" && draws.chance(0.8)) entries.unshift(["kind", '"count"']);
  if (name === "ramp" && draws.chance(0.8)) entries.unshift(["calls", "10"], ["per", '"1m"']);
  // What stands twice is meant to be refused; most should not.
  const seen = new Set<string>();
  const once = entries.filter(([field]) =>
    draws.chance(0.03) || !seen.has(field) && seen.add(field)
  );
  return [name, objectText(draws, once)];
}

function objectText(draws: Draws, entries: readonly (readonly [string, string])[]): string {
  const space = draws.chance(0.1) ? draws.pick([" ", "\n", "\r\n", "\t", "\r"]) : "";
  const fields = entries.map(([name, value]) => `${space}${quoted(draws, name)}:${space}${value}`);
  return `{${fields.join(",")}${space}}`;
}

/** A text as JSON writes it: as it is, with escapes, or with every character escaped. */
function quoted(draws: Draws, text: string): string {
  const way = draws.below(10);
  if (way > 1) return JSON.stringify(text);
  // Raw: lone surrogates stay, and control characters are no JSON.
  if (way === 1) return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}
