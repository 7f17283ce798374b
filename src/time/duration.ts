import { describeValue } from "../check/describe_value.ts";

/**
 * A length of time: Go's notation (`"1m30s"`, `"250ms"`, `"1.5h"`, `"10us"`)
 * or a number of milliseconds.
 */
export type Duration = string | number;

/** The longest text that is read as a duration; any sensible one is far shorter. */
export const MAX_DURATION_LENGTH = 256;

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;
const NS_PER_MIN = 60n * NS_PER_S;
const NS_PER_H = 60n * NS_PER_MIN;
const MAX_INT64 = 2n ** 63n - 1n;

/** Nanoseconds in each unit; the micro sign and the Greek letter mu both stand for micro. */
const NS_PER_UNIT: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["\u00b5s", 1_000n],
  ["\u03bcs", 1_000n],
  ["ms", NS_PER_MS],
  ["s", NS_PER_S],
  ["m", NS_PER_MIN],
  ["h", NS_PER_H],
]);

/** One number with its unit. Whatever stands in the unit's place is matched, so that it can be named. */
const PART = /(\d*)(?:\.(\d*))?([^\d.]*)/y;

/**
 * Reads a duration as a number of milliseconds.
 *
 * A text is read exactly as Go's `time.ParseDuration` reads it: an optional
 * sign, then decimal numbers, each with an optional fraction and a unit (`ns`,
 * `us` or `µs`, `ms`, `s`, `m`, `h`), or a bare `0`. What lies below a
 * nanosecond is cut off, what does not fit into 64 bits of nanoseconds is
 * refused. A number is taken as milliseconds already.
 *
 * @example Usage
 * ```ts
 * import { parseDuration } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseDuration("1m30s"), 90_000);
 * assert.equal(parseDuration("10us"), 0.01);
 * assert.equal(parseDuration(250), 250);
 * ```
 *
 * @param value Go's notation, at most 256 characters of it, or milliseconds.
 * @returns The duration in milliseconds, fractions included; negative if its sign is.
 * @throws {RangeError} if a text is no duration or is out of range, or a number is not finite.
 * @throws {TypeError} if `value` is neither text nor a number.
 */
export function parseDuration(value: Duration): number {
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new RangeError(`Cannot read ${value} as a duration: milliseconds must be finite`);
  }
  if (typeof value !== "string") {
    throw new TypeError(
      `Cannot read ${
        describeValue(value)
      } as a duration: neither text nor a number of milliseconds`,
    );
  }
  if (value.length > MAX_DURATION_LENGTH) {
    throw unreadable(
      value,
      `its ${value.length} characters are more than ${MAX_DURATION_LENGTH}`,
    );
  }
  return toMilliseconds(parseNanoseconds(value));
}

/**
 * Writes milliseconds in Go's canonical notation, that of `Duration.String`:
 * `1m30s`, `250ms`, `1h30m0s`, `0s`. It is exact to the nanosecond as far as
 * the number is, which is up to 99 days.
 *
 * @example Usage
 * ```ts
 * import { formatDuration } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * assert.equal(formatDuration(5_400_000), "1h30m0s");
 * ```
 *
 * @param ms Milliseconds, rounded to the nearest nanosecond.
 * @returns Text that {@linkcode parseDuration} reads back.
 * @throws {RangeError} if `ms` is not finite or does not fit into 64 bits of nanoseconds.
 */
export function formatDuration(ms: number): string {
  const ns = toNanoseconds(ms);
  if (ns === 0n) return "0s";
  return ns < 0n ? `-${formatPositive(-ns)}` : formatPositive(ns);
}

function parseNanoseconds(text: string): bigint {
  const negative = text.startsWith("-");
  const start = negative || text.startsWith("+") ? 1 : 0;
  if (start === text.length) throw unreadable(text, "it holds no number");
  if (text.slice(start) === "0") return 0n;

  let total = 0n;
  PART.lastIndex = start;
  while (PART.lastIndex < text.length) {
    const [, whole = "", fraction = "", unit = ""] = PART.exec(text) ?? [];
    total += partNanoseconds(text, whole, fraction, unit);
  }
  if (total > (negative ? MAX_INT64 + 1n : MAX_INT64)) {
    throw unreadable(text, "it is longer than 292 years");
  }
  return negative ? -total : total;
}

function partNanoseconds(text: string, whole: string, fraction: string, unit: string): bigint {
  if (whole === "" && fraction === "") throw unreadable(text, "a number is missing");
  if (unit === "") throw unreadable(text, "a number has no unit (ns, us, ms, s, m or h)");
  const unitNs = NS_PER_UNIT.get(unit);
  if (unitNs === undefined) {
    throw unreadable(text, `its unit ${describeValue(unit)} is none of ns, us, ms, s, m and h`);
  }
  return BigInt(whole) * unitNs + fractionNanoseconds(fraction, unitNs);
}

/**
 * A fraction's worth as Go computes it: as many digits as fit into 63 bits,
 * scaled in floating point and cut off, so that both programs agree to the
 * nanosecond on the same policy.
 */
function fractionNanoseconds(digits: string, unitNs: bigint): bigint {
  let numerator = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = numerator * 10n + BigInt(digit);
    if (next > MAX_INT64 + 1n) break;
    numerator = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(numerator) * (Number(unitNs) / scale)));
}

function toMilliseconds(ns: bigint): number {
  const asNumber = Number(ns);
  if (Number.isSafeInteger(asNumber)) return asNumber / 1e6;
  return Number(ns / NS_PER_MS) + Number(ns % NS_PER_MS) / 1e6;
}

function toNanoseconds(ms: number): bigint {
  if (!Number.isFinite(ms)) {
    throw new RangeError(`Cannot write ${ms} ms as a duration: it is not finite`);
  }
  const wholeMs = Math.trunc(ms);
  const ns = BigInt(wholeMs) * NS_PER_MS + BigInt(Math.round((ms - wholeMs) * 1e6));
  if (ns > MAX_INT64 || ns < -MAX_INT64 - 1n) {
    throw new RangeError(`Cannot write ${ms} ms as a duration: it is longer than 292 years`);
  }
  return ns;
}

function formatPositive(ns: bigint): string {
  if (ns < 1_000n) return `${ns}ns`;
  if (ns < NS_PER_MS) return `${decimal(ns, 3)}\u00b5s`;
  if (ns < NS_PER_S) return `${decimal(ns, 6)}ms`;
  const seconds = `${decimal(ns % NS_PER_MIN, 9)}s`;
  if (ns < NS_PER_MIN) return seconds;
  const minutes = `${(ns % NS_PER_H) / NS_PER_MIN}m${seconds}`;
  return ns < NS_PER_H ? minutes : `${ns / NS_PER_H}h${minutes}`;
}

/** `value` divided by 10 to the `places`, without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return digits.slice(0, -places) + (fraction === "" ? "" : `.${fraction}`);
}

function unreadable(text: string, why: string): RangeError {
  return new RangeError(`Cannot read ${describeValue(text)} as a duration: ${why}`);
}
