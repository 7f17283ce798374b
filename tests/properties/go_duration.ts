const UNITS: readonly (readonly [unit: string, ns: bigint])[] = [
  ["ns", 1n],
  ["us", 1_000n],
  ["\u00b5s", 1_000n],
  ["\u03bcs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
];
/** The magnitude of the least 64-bit integer. */
const LIMIT = 1n << 63n;

/**
 * Go's `time.ParseDuration`, character by character as its source reads
 * (go1.22, time/format.go), with 64-bit integers as `bigint` and `float64` as
 * `number`. `undefined` where Go returns an error.
 */
export function goParseDuration(text: string): bigint | undefined {
  let at = 0;
  const negative = text[0] === "-";
  if (negative || text[0] === "+") at++;
  if (text.slice(at) === "0") return 0n;
  if (at === text.length) return undefined;
  let total = 0n;
  while (at < text.length) {
    const wholeAt = at;
    while (isDigit(text[at])) at++;
    const whole = digitsBefore(text, wholeAt, at);
    if (whole > LIMIT) return undefined;
    let fractionDigits = 0;
    let fraction = { numerator: 0n, scale: 1 };
    const hasWhole = at > wholeAt;
    if (text[at] === ".") {
      const fractionAt = ++at;
      while (isDigit(text[at])) at++;
      fractionDigits = at - fractionAt;
      fraction = leadingFraction(text.slice(fractionAt, at));
    }
    if (!hasWhole && fractionDigits === 0) return undefined;
    const unitAt = at;
    while (at < text.length && text[at] !== "." && !isDigit(text[at])) at++;
    const unit = UNITS.find(([name]) => name === text.slice(unitAt, at))?.[1];
    if (unit === undefined) return undefined;
    if (whole > LIMIT / unit) return undefined;
    let part = whole * unit;
    if (fraction.numerator > 0n) {
      const share = Number(fraction.numerator) * (Number(unit) / fraction.scale);
      part += BigInt(Math.floor(share));
      if (part > LIMIT) return undefined;
    }
    total += part;
    if (total > LIMIT) return undefined;
  }
  if (negative) return -total;
  return total > LIMIT - 1n ? undefined : total;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9" && character.length === 1;
}

function digitsBefore(text: string, from: number, to: number): bigint {
  let value = 0n;
  for (let at = from; at < to; at++) value = value * 10n + BigInt(text.charCodeAt(at) - 48);
  return value;
}

/** As many digits of a fraction as fit, and the power of ten that they stand over. */
function leadingFraction(digits: string): { numerator: bigint; scale: number } {
  let numerator = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (numerator > (LIMIT - 1n) / 10n) break;
    const next = numerator * 10n + BigInt(digit);
    if (next > LIMIT) break;
    numerator = next;
    scale *= 10;
  }
  return { numerator, scale };
}

/**
 * The worth of a duration as an exact fraction of nanoseconds, whatever its
 * length: what Go's answer must be within a nanosecond of for each of its parts.
 */
export function exactNanoseconds(
  parts: readonly { readonly whole: string; readonly fraction: string; readonly unit: string }[],
): { readonly numerator: bigint; readonly denominator: bigint } {
  let numerator = 0n;
  let denominator = 1n;
  for (const { whole, fraction, unit } of parts) {
    const ns = UNITS.find(([name]) => name === unit)?.[1] ?? 0n;
    const scale = 10n ** BigInt(fraction.length);
    numerator = numerator * scale + BigInt(`0${whole}${fraction}`) * ns * denominator;
    denominator *= scale;
  }
  return { numerator, denominator };
}
