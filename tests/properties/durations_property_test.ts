import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { parsePolicyText } from "../../src/policy/parse_policy.ts";
import { formatDuration, parseDuration } from "../../src/time/duration.ts";
import { exactNanoseconds, goParseDuration } from "./go_duration.ts";
import { holds } from "./settings.ts";

const anyUnit = fc.constantFrom("ns", "us", "\u00b5s", "\u03bcs", "ms", "s", "m", "h");
const anyDigits = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 24 }),
  fc.constantFrom("0", "9223372036854775807", "9223372036854775808", "2562047", "2562048"),
);
const anyPart = fc.record({
  whole: anyDigits,
  fraction: fc.oneof(fc.constant(""), anyDigits),
  unit: anyUnit,
});
const anySign = fc.constantFrom("", "", "", "+", "-");

type Part = { readonly whole: string; readonly fraction: string; readonly unit: string };

function written({ whole, fraction, unit }: Part): string {
  return `${whole}${fraction === "" ? "" : `.${fraction}`}${unit}`;
}

/** The milliseconds of a whole number of nanoseconds, as near as a number comes. */
function nearestMs(ns: bigint): number {
  const sign = ns < 0n ? "-" : "";
  const digits = (ns < 0n ? -ns : ns).toString().padStart(7, "0");
  return Number(`${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`) + 0;
}

/** Whether two numbers are the same, or neighbours among those that there are. */
function areNeighbours(a: number, b: number): boolean {
  return Math.abs(a - b) <= Math.max(Math.abs(a), Math.abs(b)) * Number.EPSILON;
}

function assertAsGo(text: string): void {
  const ns = goParseDuration(text);
  if (ns === undefined) {
    assert.throws(() => parseDuration(text), RangeError, text);
    return;
  }
  const ms = parseDuration(text);
  const isExact = ns > -(2n ** 53n) && ns < 2n ** 53n;
  if (isExact) assert.equal(ms, nearestMs(ns), text);
  else assert(areNeighbours(ms, nearestMs(ns)), `${text}: ${ms}, not ${nearestMs(ns)}`);
}

Deno.test("any duration is read as Go reads it, to the nanosecond", () => {
  holds(
    fc.property(anySign, fc.array(anyPart, { minLength: 1, maxLength: 4 }), (sign, parts) => {
      assertAsGo(sign + parts.map(written).join(""));
    }),
    { runs: 6_000 },
  );
});

Deno.test("any text of a duration's characters is read, or refused, as by Go", () => {
  const piece = fc.constantFrom(
    ..."0123456789..+-",
    ...["ns", "us", "\u00b5s", "\u03bcs", "ms", "s", "m", "h", "n", "u", " ", "H", "\u0660", "e"],
  );
  holds(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => assertAsGo(pieces.join(""))),
    { runs: 6_000 },
  );
});

Deno.test("any text at all is a duration or a RangeError whose message stays short", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom("1", "h", "\ud800", "\0", "\u0661", "\u200b"),
      maxLength: 40,
    }),
  );
  holds(
    fc.property(anyText, (text) => {
      assertAsGo(text);
      try {
        parseDuration(text);
      } catch (error) {
        assert(error instanceof RangeError);
        assert(error.message.length < 600, error.message);
      }
    }),
    { runs: 800 },
  );
});

Deno.test("what is read is within a nanosecond for each fraction of what the digits say", () => {
  const small = fc.record({
    whole: fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 4 }),
    fraction: fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 18 }),
    unit: anyUnit,
  });
  holds(
    fc.property(fc.array(small, { minLength: 1, maxLength: 3 }), (parts) => {
      const read = BigInt(Math.round(parseDuration(parts.map(written).join("")) * 1e6));
      const { numerator, denominator } = exactNanoseconds(parts);
      const error = numerator - read * denominator;
      const most = BigInt(parts.length) * denominator;
      const isNear = read > 2n ** 50n || (error <= most && error >= -most);
      assert(isNear, `${parts.map(written)}: ${read} ns, off by ${error}/${denominator}`);
    }),
    { runs: 3_000 },
  );
});

/** Up to here, 99 days, milliseconds in a number tell nanoseconds apart. */
const EXACT_NS = 2n ** 33n * 1_000_000n;

Deno.test("any duration of whole nanoseconds is written as text that reads back as itself", () => {
  const anyNanoseconds = fc.oneof(
    fc.bigInt({ min: -EXACT_NS, max: EXACT_NS }),
    fc.tuple(fc.bigInt({ min: 0n, max: 9n }), fc.nat({ max: 15 })).map(([digit, zeros]) =>
      digit * 10n ** BigInt(zeros)
    ),
  );
  holds(
    fc.property(anyNanoseconds, (ns) => {
      const text = formatDuration(nearestMs(ns));
      assert.equal(goParseDuration(text), ns, text);
      assert.equal(parseDuration(text), nearestMs(ns));
      assert.match(text, /^(0s|-?(\d+h)?(\d+m)?(\d+(\.\d*[1-9])?(s|ms|\u00b5s|ns)))$/);
      assert.equal(formatDuration(parseDuration(text)), text);
    }),
    { runs: 4_000 },
  );
});

Deno.test("a policy takes a duration if and only if it is above 0 and at most a year", () => {
  const yearMs = 365 * 86_400_000;
  const anyText = fc.tuple(anySign, fc.array(anyPart, { maxLength: 3 }))
    .map(([sign, parts]) => sign + parts.map(written).join(""));
  holds(
    fc.property(anyText, (text) => {
      const ns = goParseDuration(text);
      // Judged as it is held: a number of milliseconds has steps of 4 ns at a year.
      const isTaken = ns !== undefined && ns > 0n && nearestMs(ns) <= yearMs && text.length <= 256;
      assert.equal(parsePolicyText(JSON.stringify({ timeout: text })).ok, isTaken, text);
    }),
    { runs: 3_000 },
  );
});
