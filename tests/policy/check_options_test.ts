import assert from "node:assert/strict";
import { type NumberRange, OptionsCheck } from "../../src/check/check_options.ts";

const check = new OptionsCheck('create thing "t"');

/** A check, and the message that it must refuse with; `undefined`: it must accept. */
type Case = readonly [value: unknown, range: NumberRange, message?: string];

const NUMBERS: readonly Case[] = [
  [0, {}],
  [-1.5, {}],
  [1, { min: 1 }],
  [1, { max: 1 }],
  [0.001, { above: 0, max: 1 }],
  [0, { above: 0 }, "RangeError: a number above 0, received 0"],
  [0.5, { min: 1 }, "RangeError: a number of at least 1, received 0.5"],
  [2, { max: 1 }, "RangeError: a number of at most 1, received 2"],
  [2, { min: 0, max: 1 }, "RangeError: a number from 0 to 1, received 2"],
  [2, { above: 0, max: 1 }, "RangeError: a number above 0 and at most 1, received 2"],
  [Number.NaN, {}, "RangeError: a finite number, received NaN"],
  [Infinity, { min: 1 }, "RangeError: a finite number of at least 1, received Infinity"],
  [-Infinity, {}, "RangeError: a finite number, received -Infinity"],
  ["1", { min: 1 }, 'TypeError: a number of at least 1, received "1"'],
  [null, {}, "TypeError: a number, received null"],
  [undefined, {}, "TypeError: a number, received undefined"],
  [new Date(0), {}, "TypeError: a number, received an object"],
];

const INTEGERS: readonly Case[] = [
  [0, {}],
  [Number.MAX_SAFE_INTEGER, { min: 1 }],
  [1.5, { min: 1 }, "RangeError: an integer of at least 1, received 1.5"],
  [0, { min: 1 }, "RangeError: an integer of at least 1, received 0"],
  [Number.NaN, {}, "RangeError: an integer, received NaN"],
  [Infinity, {}, "RangeError: an integer, received Infinity"],
  [2 ** 53, {}, "RangeError: an integer, received 9007199254740992"],
  ["1", {}, 'TypeError: an integer, received "1"'],
];

const DURATIONS: readonly Case[] = [
  ["1m30s", {}],
  [0, {}],
  [-5, {}],
  [0.5, { above: 0 }],
  ["1s", { min: 1_000, max: 1_000 }],
  [0, { above: 0 }, "RangeError: a duration above 0 ms, received 0"],
  ["500ms", { min: 1_000 }, 'RangeError: a duration of at least 1000 ms, received "500ms"'],
  [9, { min: 1, max: 5 }, "RangeError: a duration from 1 ms to 5 ms, received 9"],
  [9, { above: 0, max: 5 }, "RangeError: a duration above 0 ms and at most 5 ms, received 9"],
  [9, { max: 5 }, "RangeError: a duration of at most 5 ms, received 9"],
  ["soon", {}, 'RangeError: a duration such as "250ms" or milliseconds, received "soon"'],
  ["5", {}, 'RangeError: a duration such as "250ms" or milliseconds, received "5"'],
  [Number.NaN, {}, 'RangeError: a duration such as "250ms" or milliseconds, received NaN'],
  [null, {}, 'TypeError: a duration such as "250ms" or milliseconds, received null'],
  [[], {}, 'TypeError: a duration such as "250ms" or milliseconds, received an array'],
];

const NUMERIC: Record<string, readonly Case[]> = {
  number: NUMBERS,
  integer: INTEGERS,
  duration: DURATIONS,
};

function run(kind: string, value: unknown, range: NumberRange): unknown {
  if (kind === "number") return check.number("field", value, range);
  if (kind === "integer") return check.integer("field", value, range);
  // @ts-expect-error -- a caller in JavaScript can do this
  return check.duration("field", value, range);
}

for (const [kind, cases] of Object.entries(NUMERIC)) {
  for (const [value, range, message] of cases) {
    const shown = typeof value === "number" ? String(value) : JSON.stringify(value);
    const verdict = message === undefined ? "accepts" : "refuses";
    Deno.test(`${kind} ${verdict} ${shown} within ${JSON.stringify(range)}`, () => {
      if (message === undefined) {
        const expected = value === "1m30s" ? 90_000 : value === "1s" ? 1_000 : value;
        assert.equal(run(kind, value, range), expected);
        return;
      }
      const [error, allowed] = message.split(": ");
      assert.throws(() => run(kind, value, range), {
        name: error,
        message: `Cannot create thing "t": "field" must be ${allowed}`,
      });
    });
  }
}

const OPTIONS: readonly (readonly [options: unknown, known: string[], message?: string])[] = [
  [{}, ["rate"]],
  [{ rate: 1 }, ["rate"]],
  [{ rate: undefined }, ["rate"]],
  [Object.create({ inherited: 1 }), ["rate"]],
  [{ rat: 1 }, ["rate", "burst"], 'unknown option "rat"; did you mean "rate"?'],
  [{ RATE: 1 }, ["rate"], 'unknown option "RATE"; did you mean "rate"?'],
  [{ zzzzzzzz: 1 }, ["rate", "burst"], 'unknown option "zzzzzzzz"; known are rate, burst'],
  [{ rate: 1 }, [], 'unknown option "rate"; there are no options'],
  [{ ["__proto__"]: 1 }, ["rate"], 'unknown option "__proto__"; known are rate'],
  [JSON.parse('{"constructor":1}'), [], 'unknown option "constructor"; there are no options'],
  [null, [], "options must be an object, received null"],
  [undefined, [], "options must be an object, received undefined"],
  [[], [], "options must be an object, received an array"],
  ["1s", [], 'options must be an object, received "1s"'],
  [() => {}, [], "options must be an object, received a function"],
];

for (const [index, [options, known, message]] of OPTIONS.entries()) {
  const verdict = message === undefined ? "accepted" : `refused: ${message}`;
  Deno.test(`options, case ${index + 1}, are ${verdict}`, () => {
    if (message === undefined) check.known(options, known);
    else {
      assert.throws(() => check.known(options, known), {
        name: "TypeError",
        message: `Cannot create thing "t": ${message}`,
      });
    }
  });
}

Deno.test("oneOf gives what it was given, and names the choices where it refuses", () => {
  assert.equal(check.oneOf("mode", "hard", ["hard", "soft"]), "hard");
  for (const value of ["Hard", "", 0, undefined, ["hard"]]) {
    assert.throws(() => check.oneOf("mode", value, ["hard", "soft"]), {
      name: "TypeError",
      message: /^Cannot create thing "t": "mode" must be one of hard, soft, received /,
    });
  }
});

Deno.test("text accepts any text, and nothing else", () => {
  assert.equal(check.text("name", ""), "");
  for (const value of [undefined, null, 7, {}, Symbol("name")]) {
    assert.throws(() => check.text("name", value), {
      name: "TypeError",
      message: /^Cannot create thing "t": "name" must be a text, received /,
    });
  }
});

Deno.test("callable accepts functions and classes, and nothing else", () => {
  for (const value of [() => {}, async () => {}, Map]) check.callable("handler", value);
  for (const value of [undefined, null, {}, "fetch"]) {
    assert.throws(() => check.callable("handler", value), {
      name: "TypeError",
      message: /^Cannot create thing "t": "handler" must be a function, received /,
    });
  }
});
