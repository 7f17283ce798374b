import assert from "node:assert/strict";
import type { Fault } from "../../src/check/fault.ts";
import { parseCollectionText, parsePolicyText } from "../../src/policy/parse_policy.ts";
import { pick, seededRandom } from "../support/seeded_random.ts";

function faultsOf(text: string): readonly Fault[] {
  const result = parsePolicyText(text);
  assert(!result.ok, "expected the text to be refused");
  return result.faults;
}

Deno.test("the text of a valid document gives its policy", () => {
  const text = ' {\r\n\t"timeout" : "1s", "window": {"kind":"count"} }\n ';
  assert.deepEqual(parsePolicyText(text), {
    ok: true,
    policy: { timeout: "1s", window: { kind: "count" } },
  });
});

Deno.test("one leading byte order mark is skipped, a second is no JSON", () => {
  assert.deepEqual(parsePolicyText('\ufeff{"timeout":1}'), { ok: true, policy: { timeout: 1 } });
  assert.equal(faultsOf("\ufeff\ufeff{}")[0]?.found, '"\ufeff" at line 1, column 1');
});

Deno.test("faults of the document are those of its value", () => {
  assert.deepEqual(faultsOf('{"timeout":0,"mode":1e999}').map(({ path, found }) => [path, found]), [
    ["$.timeout", "0"],
    ["$.mode", "Infinity"],
  ]);
});

const VALUE = "a value";
const NAME = "a field name in double quotes";
const END = "the end of the text";
const STRING_END = "the rest of the string and a double quote";
const ESCAPE = "one of JSON's escapes";

const NO_JSON: readonly (readonly [text: string, found: string, place: string, allowed: string])[] =
  [
    ["", END, "line 1, column 1", VALUE],
    [" \n ", END, "line 2, column 2", VALUE],
    ["{", END, "line 1, column 2", NAME],
    ['{"a"', END, "line 1, column 5", '":"'],
    ['{"a":', END, "line 1, column 6", VALUE],
    ['{"a":1', END, "line 1, column 7", '"," or "}"'],
    ['{"a":1,', END, "line 1, column 8", NAME],
    ['{"a":1,}', '"}"', "line 1, column 8", NAME],
    ["{a:1}", '"a"', "line 1, column 2", NAME],
    ["{'a':1}", `"'"`, "line 1, column 2", NAME],
    ['{"a" 1}', '"1"', "line 1, column 6", '":"'],
    ['{"a":1 "b":2}', '"\\""', "line 1, column 8", '"," or "}"'],
    ['{"a":1]', '"]"', "line 1, column 7", '"," or "}"'],
    ["[1", END, "line 1, column 3", '"," or "]"'],
    ["[1,]", '"]"', "line 1, column 4", VALUE],
    ["[1 2]", '"2"', "line 1, column 4", '"," or "]"'],
    ["{}{}", '"{"', "line 1, column 3", END],
    ["{} x", '"x"', "line 1, column 4", END],
    ["tru", '"tru"', "line 1, column 1", VALUE],
    ["truex", '"x"', "line 1, column 5", END],
    ["undefined", '"undefined"', "line 1, column 1", VALUE],
    ["NaN", '"NaN"', "line 1, column 1", VALUE],
    ["-", '"-"', "line 1, column 1", VALUE],
    ["+1", '"+1"', "line 1, column 1", VALUE],
    ["01", '"1"', "line 1, column 2", END],
    ["1.", '"."', "line 1, column 2", END],
    [".5", '".5"', "line 1, column 1", VALUE],
    ["1e", '"e"', "line 1, column 2", END],
    ["// no\n{}", '"/"', "line 1, column 1", VALUE],
    ['"a', END, "line 1, column 3", STRING_END],
    ['"a\nb"', '"\\n"', "line 1, column 3", STRING_END],
    ['"a\\', '"\\\\"', "line 1, column 3", ESCAPE],
    ['"a\\x"', '"\\\\"', "line 1, column 3", ESCAPE],
    ['"\\u12g4"', '"\\\\"', "line 1, column 2", ESCAPE],
    ['{"a":"b\\\nc"}', '"\\\\"', "line 1, column 8", ESCAPE],
    ["😀", '"😀"', "line 1, column 1", VALUE],
    ["{\n  \r\n\r  x", '"x"', "line 4, column 3", NAME],
    ['{"😀":1\n, x', '"x"', "line 2, column 3", NAME],
    ["\u00a0{}", '"\u00a0"', "line 1, column 1", VALUE],
    ["x".repeat(100), `"${"x".repeat(60)}…"`, "line 1, column 1", VALUE],
  ];

for (const [text, found, place, allowed] of NO_JSON) {
  Deno.test(`no JSON: ${JSON.stringify(text)}`, () => {
    assert.throws(() => JSON.parse(text), SyntaxError);
    assert.deepEqual(faultsOf(text), [{
      path: "$",
      found: `${found} at ${place}`,
      allowed,
      message: `$ is no JSON: found ${found} at ${place}; allowed: ${allowed}`,
    }]);
  });
}

const IS_JSON: readonly string[] = [
  "[]",
  "[[],{}]",
  "[1,-1,0,-0,1.5,1e5,1E+5,1e-5,-0.0e0]",
  '["","a","\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D","😀","\u2028\u007f"]',
  " [ true , false , null ] ",
  '{"a":{"b":[{"c":{}}]}}',
];

for (const text of IS_JSON) {
  Deno.test(`JSON, though no policy: ${text}`, () => {
    assert.doesNotThrow(() => JSON.parse(text));
    for (const { message } of faultsOf(text)) assert.doesNotMatch(message, /no JSON/);
  });
}

Deno.test("what is JSON is what JSON.parse takes, on mutated texts", () => {
  const random = seededRandom(3);
  const seed =
    '{"window": {"kind": "time", "duration": "1\\u0073"}, "a": [1.5e-3, true, null, ""]}';
  const pieces = [
    "",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "0",
    "-",
    ".",
    "e",
    "\n",
    "tru",
    "u",
  ];
  let refused = 0;
  for (let round = 0; round < 5_000; round++) {
    let text = seed;
    for (let edits = 0; edits < 1 + random() * 3; edits++) {
      const at = Math.floor(random() * text.length);
      text = text.slice(0, at) + pick(random, pieces) + text.slice(at + Math.floor(random() * 3));
    }
    let isJson = true;
    try {
      JSON.parse(text);
    } catch {
      isJson = false;
      refused++;
    }
    const noJson = faultsOf(text).some(({ message }) => message.startsWith("$ is no JSON"));
    assert.equal(noJson, !isJson, text);
  }
  assert(refused > 1_000 && refused < 4_900, `${refused} of 5000 mutations were no JSON`);
});

const REPEATED:
  readonly (readonly [text: string, faults: readonly (readonly [string, string])[]])[] = [
    ['{"timeout":1,\n "timeout":2}', [["$.timeout", "line 2, column 2"]]],
    ['{"timeout":1,"timeout":1,"timeout":1}', [["$.timeout", "line 1, column 14"]]],
    ['{"timeout":1,"time\\u006fut":2}', [["$.timeout", "line 1, column 14"]]],
    ['{"halfOpen":{"maxProbes":1,"maxProbes":1}}', [["$.halfOpen.maxProbes", "line 1, column 28"]]],
    ['{"halfOpen":{},"halfOpen":{"maxProbes":1,"maxProbes":1}}', [
      ["$.halfOpen", "line 1, column 16"],
      ["$.halfOpen.maxProbes", "line 1, column 42"],
    ]],
  ];

for (const [text, expected] of REPEATED) {
  Deno.test(`a field that stands twice is refused: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(
      faultsOf(text),
      expected.map(([path, place]) => ({
        path,
        found: `a second time at ${place}`,
        allowed: "once",
        message: `${path} must stand once; found a second time at ${place}`,
      })),
    );
  });
}

Deno.test("a repeated field stands beside the other faults", () => {
  const text = '{"mode":"no","__proto__":1,"__proto__":2,"mode":"off"}';
  assert.deepEqual(faultsOf(text).map(({ path, found }) => [path, found]), [
    ["$.__proto__", "a second time at line 1, column 28"],
    ["$.mode", "a second time at line 1, column 42"],
    ["$.mode", '"off"'],
    ["$.__proto__", 'the unknown field "__proto__"'],
  ]);
});

Deno.test("the same name in different objects is no repetition", () => {
  const text = '{"window":{"kind":"time","duration":1},"ramp":{"calls":1,"per":1},"timeout":1}';
  assert(parsePolicyText(text).ok);
  const inArray = '{"description":[{"a":1,"a":1}]}';
  assert.deepEqual(faultsOf(inArray).map(({ path }) => path), ["$.description"]);
});

Deno.test("text that is nested very deeply is refused at its thousandth level", () => {
  for (const open of ["[", '{"a":']) {
    const [fault] = faultsOf(open.repeat(1_000_000));
    assert.equal(fault?.allowed, "at most 1000 levels of nesting");
    assert.equal(fault?.found, `"${open[0]}" at line 1, column ${1_000 * open.length + 1}`);
    const close = open === "[" ? "]" : "}";
    const deepest = `${open.repeat(1_000)}1${close.repeat(1_000)}`;
    assert.doesNotMatch(faultsOf(deepest)[0]?.message ?? "", /no JSON/);
  }
});

Deno.test("ten megabytes of hostile text take little time", () => {
  const texts = [
    " ".repeat(10_000_000),
    "\n".repeat(10_000_000),
    `"${"x".repeat(10_000_000)}`,
    `"${"\\n".repeat(5_000_000)}"`,
    `{"timeout":"${"1".repeat(10_000_000)}s"}`,
    `{"timeout":${"1".repeat(10_000_000)}}`,
    `{${'"a":1,'.repeat(1_600_000)}"a":1}`,
    `[${"1,".repeat(5_000_000)}`,
    `[${"{},".repeat(3_300_000)}`,
  ];
  for (const text of texts) {
    const startedAt = performance.now();
    faultsOf(text);
    assert(performance.now() - startedAt < 30_000, text.slice(0, 20));
  }
});

function collectionFaultsOf(text: string): readonly (readonly [string, string])[] {
  const result = parseCollectionText(text);
  assert(!result.ok, "expected the collection to be refused");
  return result.faults.map(({ path, found }) => [path, found]);
}

Deno.test("a collection gives each breaker's policy by name, whatever the name", () => {
  const names = ["default", "grpc:user-service", "/user.UserService/Get", "用户服务", "..", ""];
  const text = JSON.stringify({
    ...Object.fromEntries(names.map((name, index) => [name, { minimumCalls: index + 1 }])),
    ["__proto__"]: { minimumCalls: 99 },
  });
  const result = parseCollectionText(`\ufeff${text}`);
  assert(result.ok);
  assert.deepEqual(
    [...result.policies].map(([name, policy]) => [name, policy.minimumCalls]),
    [...names.map((name, index) => [name, index + 1]), ["__proto__", 99]],
  );
  for (const policy of result.policies.values()) assert(Object.isFrozen(policy));
});

Deno.test("the faults of all policies in a collection are listed by their paths", () => {
  const text = `{
    "payments": {"failureThreshold": -1},
    "fine": {"timeout": "1s"},
    "grpc:user-service": {"tiemout": 1, "halfOpen": {"maxProbes": 0}},
    "nothing": null,
    "payments": {"failureThreshold": -2, "halfOpen": {"maxProbes": 1, "maxProbes": 2}}
  }`;
  assert.deepEqual(collectionFaultsOf(text), [
    ["$.payments", "a second time at line 6, column 5"],
    ["$.payments.halfOpen.maxProbes", "a second time at line 6, column 71"],
    ["$.payments.failureThreshold", "-2"],
    ['$["grpc:user-service"].tiemout', 'the unknown field "tiemout"'],
    ['$["grpc:user-service"].halfOpen.maxProbes', "0"],
    ["$.nothing", "null"],
  ]);
});

Deno.test("a collection must be JSON and an object", () => {
  assert.deepEqual(collectionFaultsOf("{"), [["$", "the end of the text at line 1, column 2"]]);
  assert.deepEqual(collectionFaultsOf("[{}]"), [["$", "an array"]]);
  assert.deepEqual(collectionFaultsOf("null"), [["$", "null"]]);
});

Deno.test("text under $schema in a collection is for editors, a policy there is a breaker's", () => {
  const ignored = parseCollectionText('{"$schema":"./breakers.schema.json","a":{}}');
  assert(ignored.ok);
  assert.deepEqual([...ignored.policies.keys()], ["a"]);
  const named = parseCollectionText('{"$schema":{"timeout":1}}');
  assert(named.ok);
  assert.deepEqual(named.policies.get("$schema"), { timeout: 1 });
  assert.deepEqual(collectionFaultsOf('{"$schema":5}'), [["$.$schema", "5"]]);
});
