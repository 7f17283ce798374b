/** What is said to people, word for word, and where a limit lies to the last unit. */
import assert from "node:assert/strict";
import { OptionsCheck } from "../../src/check/check_options.ts";
import { describeValue, shorten } from "../../src/check/describe_value.ts";
import { nearestName } from "../../src/check/nearest_name.ts";
import { parseCollectionText, parsePolicyText } from "../../src/policy/parse_policy.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { resolvePolicy } from "../../src/policy/resolve_policy.ts";
import { policyWarnings } from "../../src/policy/warnings.ts";
import { formatDuration, parseDuration } from "../../src/time/duration.ts";

Deno.test("a text is never cut in the middle of a character", () => {
  const CUT: [last: string, kept: string][] = [
    ["\u{10000}", ""], // high half d800
    ["\u{10ffff}", ""], // high half dbff
    ["\ud7ff", "\ud7ff"],
    ["\ue000", "\ue000"],
    ["\uffee", "\uffee"],
  ];
  for (const [last, kept] of CUT) {
    assert.equal(shorten(`abcd${last}efgh`, 5), `abcd${kept}…`, JSON.stringify(last));
  }
  assert.equal(shorten("abcde", 5), "abcde");
});

Deno.test("what is neither text nor a number is refused as a duration in words", () => {
  const others: [unknown, string][] = [[null, "null"], [{}, "an object"], [true, "true"]];
  for (const [other, shown] of others) {
    // @ts-expect-error -- a caller in JavaScript can do this
    assert.throws(() => parseDuration(other), {
      name: "TypeError",
      message: `Cannot read ${shown} as a duration: neither text nor a number of milliseconds`,
    });
  }
});

const UNREADABLE: Record<string, string> = {
  "": "it holds no number",
  "-": "it holds no number",
  "s": "a number is missing",
  "1s.m": "a number is missing",
  "15": "a number has no unit (ns, us, ms, s, m or h)",
  "1.5 s": 'its unit " s" is none of ns, us, ms, s, m and h',
  "300y": 'its unit "y" is none of ns, us, ms, s, m and h',
  "3000000h": "it is longer than 292 years",
};

for (const [text, why] of Object.entries(UNREADABLE)) {
  Deno.test(`the duration ${JSON.stringify(text)} is refused because ${why}`, () => {
    const message = `Cannot read ${describeValue(text)} as a duration: ${why}`;
    assert.throws(() => parseDuration(text), { name: "RangeError", message });
  });
}

Deno.test("a duration is written in the largest unit that it fills", () => {
  const WRITTEN: [ms: number, text: string][] = [
    [0.000999, "999ns"],
    [0.001, "1\u00b5s"],
    [0.999999, "999.999\u00b5s"],
    [1, "1ms"],
    [999.999999, "999.999999ms"],
    [1_000, "1s"],
    [59_999, "59.999s"],
    [60_000, "1m0s"],
    [3_599_999, "59m59.999s"],
    [3_600_000, "1h0m0s"],
    [-3_600_000, "-1h0m0s"],
  ];
  for (const [ms, text] of WRITTEN) assert.equal(formatDuration(ms), text);
});

Deno.test("a fraction is read to as many digits as fit into 63 bits, as Go reads it", () => {
  // With all of its digits the product would be rounded up to the next nanosecond.
  assert.equal(parseDuration("0.151138253320555555555555555555h"), 544_097.711953);
});

Deno.test("a name is near where case, a swap, or a third of its letters makes the difference, or where one begins the other", () => {
  const NEAR: [name: string, known: string, isNear: boolean][] = [
    ["\u212a", "k", true], // the sign for kelvin, which is a k in lower case
    ["timeouttimeout", "timeout", true], // twice as long and no longer
    ["timeouttimeouts", "timeout", false],
    ["timeoutOfCall", "timeout", true],
    ["callTheTimeoutOf", "timeoutOf", false],
    ["acb", "abc", true],
    ["baa", "cba", false],
    ["baa", "aca", false],
  ];
  for (const [name, known, isNear] of NEAR) {
    assert.equal(nearestName(name, [known]), isNear ? known : undefined, `${name} for ${known}`);
  }
});

Deno.test("the first thousand faults come with suggestions, the next ones without", () => {
  const names = Array.from({ length: 1_002 }, (_, i) => `timeout${i}`);
  const result = parsePolicyText(JSON.stringify(Object.fromEntries(names.map((n) => [n, 1]))));
  assert(!result.ok);
  const suggestions = result.faults.map(({ suggestion }) => suggestion);
  assert.deepEqual(suggestions.slice(998), ["timeout", "timeout", undefined, undefined]);
});

Deno.test("an object given in code may be a function, and may not be null", () => {
  const check = new OptionsCheck("create thing");
  for (const value of [{}, [], () => {}, class {}]) check.object("clock", value);
  for (const [value, shown] of [[null, "null"], [undefined, "undefined"], ["s", '"s"']] as const) {
    assert.throws(() => check.object("clock", value), {
      name: "TypeError",
      message: `Cannot create thing: "clock" must be an object, received ${shown}`,
    });
  }
});

Deno.test("of two names equally near the one that is listed first is meant", () => {
  assert.equal(nearestName("stoq", ["stop", "stor"]), "stop");
  assert.equal(nearestName("stoq", ["stor", "stop"]), "stor");
});

Deno.test("a line of JSON ends with a line feed, a carriage return or both", () => {
  const LINES: [text: string, line: number, column: number][] = [
    ["?", 1, 1],
    ["\n?", 2, 1],
    ["\r?", 2, 1],
    ["\r\n?", 2, 1],
    ["\n\r?", 3, 1],
    ["\r\r ?", 3, 2],
    ["\n\n\t ?", 3, 3],
    ["\r\n\r\n?", 3, 1],
    ['{"timeout":\r\n  ?', 2, 3],
  ];
  for (const [text, line, column] of LINES) {
    const result = parsePolicyText(text);
    assert(!result.ok);
    const found = `"?" at line ${line}, column ${column}`;
    assert.deepEqual(result.faults.map((fault) => fault.found), [found], JSON.stringify(text));
  }
});

Deno.test("a collection that is no object is refused in words", () => {
  const result = parseCollectionText("[]");
  assert(!result.ok);
  assert.deepEqual(result.faults, [{
    path: "$",
    found: "an array",
    allowed: "an object of breaker name to policy",
    message: "$ must be an object of breaker name to policy; found an array",
  }]);
});

Deno.test("a time limit as long as a probe may take is no reason for a warning", () => {
  const warningsOf = (policy: Policy): readonly string[] => policyWarnings(resolvePolicy(policy));
  assert.deepEqual(warningsOf({ timeout: "1m" }), []);
  assert.deepEqual(warningsOf({ timeout: "2s", halfOpen: { probeTimeout: "2s" } }), []);
  assert.equal(warningsOf({ timeout: 2_000.001, halfOpen: { probeTimeout: "2s" } }).length, 1);
});

Deno.test("warnings are about what a policy says, not about what somebody put on Object.prototype", () => {
  const policy = resolvePolicy({ timeout: "2s" });
  const name = "probeTimeout";
  Object.defineProperty(Object.prototype, name, { value: 1, configurable: true });
  try {
    assert.deepEqual(policyWarnings(policy), []);
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
});
