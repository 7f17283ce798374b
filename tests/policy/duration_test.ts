import assert from "node:assert/strict";
import { type Duration, formatDuration, parseDuration } from "../../src/time/duration.ts";
import { seededRandom } from "../support/seeded_random.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const READABLE: readonly (readonly [text: string, ms: number])[] = [
  ["0", 0],
  ["+0", 0],
  ["-0", 0],
  ["0s", 0],
  ["5s", 5 * SECOND],
  ["30s", 30 * SECOND],
  ["1478s", 1_478 * SECOND],
  ["-5s", -5 * SECOND],
  ["+5s", 5 * SECOND],
  ["5.0s", 5 * SECOND],
  ["5.6s", 5_600],
  ["5.s", 5 * SECOND],
  [".5s", 500],
  ["-.5s", -500],
  ["1.0s", SECOND],
  ["1.00s", SECOND],
  ["1.1s", 1_100],
  ["1.004s", 1_004],
  ["1.0040s", 1_004],
  ["100.00100s", 100_001],
  ["007s", 7 * SECOND],
  ["10ns", 0.00001],
  ["10us", 0.01],
  ["11\u00b5s", 0.011],
  ["12\u03bcs", 0.012],
  ["13ms", 13],
  ["14s", 14 * SECOND],
  ["15m", 15 * MINUTE],
  ["16h", 16 * HOUR],
  ["1m30s", 90 * SECOND],
  ["1.5h", 90 * MINUTE],
  ["3h30m", 3 * HOUR + 30 * MINUTE],
  ["10.5s4m", 4 * MINUTE + 10_500],
  ["-2m3.4s", -(2 * MINUTE + 3_400)],
  ["1h2m3s4ms5us6ns", HOUR + 2 * MINUTE + 3 * SECOND + 4.005006],
  ["39h9m14.425s", 39 * HOUR + 9 * MINUTE + 14_425],
  ["52763797000ns", 52_763.797],
  ["0.3333333333333333333h", 20 * MINUTE],
  ["0.100000000000000000000h", 6 * MINUTE],
  ["0.830103483285477580700h", 49 * MINUTE + 48 * SECOND + 372.539827],
  ["0.9999999999999999999999999s", SECOND],
  ["0.4ns", 0],
  ["9007199254740993ns", 9_007_199_254.740993],
  ["9223372036854775807ns", 9_223_372_036_854.775807],
  ["9223372036854775.807us", 9_223_372_036_854.775807],
  ["9223372036s854ms775us807ns", 9_223_372_036_854.775807],
  ["-9223372036854775808ns", -9_223_372_036_854.775808],
  ["-9223372036854775.808us", -9_223_372_036_854.775808],
];

const UNREADABLE: readonly string[] = [
  "",
  "+",
  "-",
  "--1s",
  "+-1s",
  "3",
  "00",
  "0.0",
  "s",
  ".",
  "-.",
  ".s",
  "+.s",
  "1..5s",
  "1.5.5s",
  "1d",
  "1S",
  "1 s",
  " 1s",
  "1s ",
  "1s\n",
  "1e3s",
  "1,5s",
  "1s-1m",
  "1m30",
  "1 m 30 s",
  "0x1s",
  "\u0661s",
  "Infinity",
  "NaN",
  "constructor",
  "1__proto__",
  "3000000h",
  "9223372036854775808ns",
  "9223372036854775.808us",
  "9223372036854ms775us808ns",
  "-9223372036854775809ns",
  "99999999999999999999999999999999h",
];

for (const [text, ms] of READABLE) {
  Deno.test(`the duration ${JSON.stringify(text)} is ${ms} ms`, () => {
    assert.equal(parseDuration(text), ms);
  });
}

for (const text of UNREADABLE) {
  Deno.test(`the duration ${JSON.stringify(text)} is refused, and the message names it`, () => {
    assert.throws(() => parseDuration(text), (error) => {
      assert(error instanceof RangeError);
      assert(error.message.includes(JSON.stringify(text)), error.message);
      return true;
    });
  });
}

Deno.test("a number is a duration in milliseconds", () => {
  for (const ms of [0, 250, 0.5, -3, Number.MAX_VALUE]) assert.equal(parseDuration(ms), ms);
});

Deno.test("a number that is not finite is no duration", () => {
  for (const ms of [NaN, Infinity, -Infinity]) {
    assert.throws(() => parseDuration(ms), { name: "RangeError", message: new RegExp(`${ms}`) });
  }
});

Deno.test("what is neither text nor a number is no duration", () => {
  const others: unknown[] = [null, undefined, true, 5n, {}, ["1s"], Symbol("s")];
  for (const other of others) {
    assert.throws(() => parseDuration(other as Duration), TypeError);
  }
});

Deno.test("an over-long text is refused without being read, however long", () => {
  assert.equal(parseDuration(`${"0".repeat(254)}1s`), 1_000);
  for (const text of ["0".repeat(256) + "1s", "1s".repeat(5_000_000), "9".repeat(10_000_000)]) {
    const startedAt = performance.now();
    assert.throws(() => parseDuration(text), (error) => {
      assert(error instanceof RangeError);
      assert.match(error.message, /more than 256/);
      assert(error.message.length < 200);
      return true;
    });
    assert(performance.now() - startedAt < 5_000);
  }
});

const FORMATTED: readonly (readonly [ms: number, text: string])[] = [
  [0, "0s"],
  [1e-6, "1ns"],
  [0.0011, "1.1\u00b5s"],
  [0.01, "10\u00b5s"],
  [0.999999, "999.999\u00b5s"],
  [1, "1ms"],
  [2.2, "2.2ms"],
  [250, "250ms"],
  [3_300, "3.3s"],
  [60_000, "1m0s"],
  [90_000, "1m30s"],
  [245_000, "4m5s"],
  [245_001, "4m5.001s"],
  [5_400_000, "1h30m0s"],
  [18_367_001, "5h6m7.001s"],
  [31_536_000_000, "8760h0m0s"],
  [-90_000, "-1m30s"],
  [-0.5, "-500\u00b5s"],
  [1e-7, "0s"],
];

for (const [ms, text] of FORMATTED) {
  Deno.test(`${ms} ms is written ${text}`, () => {
    assert.equal(formatDuration(ms), text);
  });
}

Deno.test("what cannot be a duration is not written as one", () => {
  for (const ms of [NaN, Infinity, -Infinity, 1e13, -1e13]) {
    assert.throws(() => formatDuration(ms), { name: "RangeError", message: /Cannot write/ });
  }
});

Deno.test("writing and reading a duration gives it back to the nanosecond", () => {
  const random = seededRandom(1);
  for (let round = 0; round < 2_000; round++) {
    const ns = Math.floor(random() * 10 ** Math.floor(1 + random() * 15.9));
    const ms = (random() < 0.5 ? -ns : ns) / 1e6;
    assert.equal(parseDuration(formatDuration(ms)), ms + 0, `${ns} ns`);
  }
});

Deno.test("a duration of whole milliseconds is written and read back however long it is", () => {
  const random = seededRandom(2);
  for (let round = 0; round < 1_000; round++) {
    const ms = Math.floor(random() * 9.2e12);
    assert.equal(parseDuration(formatDuration(ms)), ms);
  }
});
