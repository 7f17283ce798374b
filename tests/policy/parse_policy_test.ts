import assert from "node:assert/strict";
import type { Fault } from "../../src/check/fault.ts";
import { InvalidPolicyError } from "../../src/errors.ts";
import { assertPolicy, parsePolicy } from "../../src/policy/parse_policy.ts";
import type { Policy } from "../../src/policy/policy.ts";

function faultsOf(value: unknown): readonly Fault[] {
  const result = parsePolicy(value);
  assert(!result.ok, "expected the document to be refused");
  return result.faults;
}

function onlyFaultOf(value: unknown): Fault {
  const faults = faultsOf(value);
  assert.equal(faults.length, 1, JSON.stringify(faults));
  const [fault] = faults;
  assert(fault);
  return fault;
}

function policyOf(value: unknown): Policy {
  const result = parsePolicy(value);
  assert(result.ok, result.ok ? "" : JSON.stringify(result.faults));
  return result.policy;
}

const VALID: readonly (readonly [what: string, document: Policy])[] = [
  ["an empty document", {}],
  ["every field", {
    failureThreshold: 5,
    failureThresholdWithin: "1m",
    failureCountThreshold: 10,
    successThreshold: 2,
    openStateTimeout: "1m",
    window: { kind: "time", duration: "10s", buckets: 10 },
    minimumCalls: 20,
    failureRateThreshold: 0.5,
    slowCallRateThreshold: 1,
    timeoutRateThreshold: 0.001,
    slowCallThreshold: 250,
    timeout: "1.5h",
    halfOpen: { maxProbes: 1, probeTimeout: "30s" },
    openBackoff: { multiplier: 2, maxTimeout: "10m", jitter: 0.1 },
    ramp: { calls: 10, per: "1m", growth: 2, steps: 4 },
    maxHold: "5m",
    mode: "metrics-only",
    $schema: "./policy.schema.json",
    description: "payments",
  }],
  ["null in every field", {
    failureThreshold: null,
    failureThresholdWithin: null,
    failureCountThreshold: null,
    successThreshold: null,
    openStateTimeout: null,
    window: null,
    minimumCalls: null,
    failureRateThreshold: null,
    slowCallRateThreshold: null,
    timeoutRateThreshold: null,
    slowCallThreshold: null,
    timeout: null,
    halfOpen: null,
    openBackoff: null,
    ramp: null,
    maxHold: null,
    mode: null,
    $schema: null,
    description: null,
  }],
  ["the least that each field allows", {
    failureThreshold: 0,
    failureThresholdWithin: "1ns",
    failureCountThreshold: 0,
    successThreshold: 1,
    openStateTimeout: "1ns",
    window: { kind: "count", size: 1 },
    minimumCalls: 1,
    failureRateThreshold: Number.MIN_VALUE,
    slowCallThreshold: 5e-7,
    halfOpen: { maxProbes: 1, probeTimeout: 0.000001 },
    openBackoff: { multiplier: 1, maxTimeout: "1ns", jitter: 0 },
    ramp: { calls: 1, per: "1ns", growth: 1, steps: 1 },
    maxHold: "1ns",
  }],
  ["the most that each field allows", {
    failureThreshold: Number.MAX_SAFE_INTEGER,
    failureThresholdWithin: "8760h",
    failureCountThreshold: Number.MAX_SAFE_INTEGER,
    successThreshold: Number.MAX_SAFE_INTEGER,
    openStateTimeout: "8760h",
    window: { kind: "count", size: 10_000_000 },
    minimumCalls: Number.MAX_SAFE_INTEGER,
    failureRateThreshold: 1,
    timeout: 31_536_000_000,
    halfOpen: { maxProbes: Number.MAX_SAFE_INTEGER },
    openBackoff: { multiplier: Number.MAX_VALUE, jitter: 1 },
    ramp: { calls: Number.MAX_SAFE_INTEGER, per: "8760h", growth: 1e300, steps: 1e9 },
    maxHold: "8760h",
  }],
  ["a count window without a size", { window: { kind: "count" } }],
  ["a time window without duration and buckets", { window: { kind: "time" } }],
  ["a time window of the most buckets", { window: { kind: "time", buckets: 3_600 } }],
  ["nested objects with nothing in them", { halfOpen: {}, openBackoff: {} }],
  ["the mode normal", { mode: "normal" }],
  ["the mode disabled", { mode: "disabled" }],
  ["the mode forced-open", { mode: "forced-open" }],
];

for (const [what, document] of VALID) {
  Deno.test(`valid: ${what}`, () => {
    assert.deepEqual(policyOf(document), document);
  });
}

const COUNT = "an integer of at least 1";
const RATE = "a number above 0 and at most 1";
const DURATION =
  'a duration above 0 and at most 365 days, such as "1m30s", "250ms" or 250 (milliseconds)';

interface Refusal {
  readonly document: unknown;
  readonly path: string;
  readonly found: string;
  readonly allowed: string;
}

function refused(document: unknown, path: string, found: string, allowed: string): Refusal {
  return { document, path, found, allowed };
}

function nullable(field: string, values: readonly unknown[], allowed: string): Refusal[] {
  return values.map((value) =>
    refused({ [field]: value }, `$.${field}`, shown(value), `${allowed}, or null`)
  );
}

function nested(
  parent: string,
  others: Record<string, unknown>,
  field: string,
  values: readonly unknown[],
  allowed: string,
): Refusal[] {
  return values.map((value) =>
    refused(
      { [parent]: { ...others, [field]: value } },
      `$.${parent}.${field}`,
      shown(value),
      allowed,
    )
  );
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

const NO_COUNTS = [0, -1, 1.5, NaN, Infinity, 2 ** 53, "5", true, [], {}];
const NO_RATES = [0, -0.1, 1.0000001, NaN, Infinity, "0.5", false, [0.5], {}];
const NO_DURATIONS = [
  ...[0, -1, 4e-7, 31_536_000_001, NaN, Infinity, true, [], {}],
  ...["", "0", "0s", "0.4ns", "-1s", "5", "soon", "8760h1ms", "9223372036854775808ns"],
];
const NO_FACTORS = [0.99, -2, NaN, Infinity, "2", [], {}];
const RAMP = { calls: 10, per: "1m" };

const REFUSED: readonly Refusal[] = [
  ...[[], null, undefined, "{}", 5, true, new Date(0), new Map()].map((document) =>
    refused(document, "$", shown(document), "an object")
  ),
  ...nullable("failureThreshold", [-1, 0.5, "5"], "an integer of at least 0"),
  ...nullable("failureThresholdWithin", NO_DURATIONS, DURATION),
  ...nullable("failureCountThreshold", [-1, 0.5, "5"], "an integer of at least 0"),
  ...nullable("successThreshold", NO_COUNTS, COUNT),
  ...nullable("minimumCalls", NO_COUNTS, COUNT),
  ...nullable("failureRateThreshold", NO_RATES, RATE),
  ...nullable("slowCallRateThreshold", NO_RATES, RATE),
  ...nullable("timeoutRateThreshold", NO_RATES, RATE),
  ...nullable("openStateTimeout", NO_DURATIONS, DURATION),
  ...nullable("slowCallThreshold", NO_DURATIONS, DURATION),
  ...nullable("timeout", NO_DURATIONS, DURATION),
  ...nullable("maxHold", NO_DURATIONS, DURATION),
  ...nullable(
    "mode",
    ["", "Usual", "open", "toString", 0, {}],
    'one of "normal", "disabled", "forced-open", "metrics-only"',
  ),
  ...nullable("$schema", [5, {}], "text"),
  ...nullable("description", [5, ["a"]], "text"),
  ...nullable("window", [100, "count", []], 'an object with "kind" one of "count", "time"'),
  ...nullable("halfOpen", [1, "1", []], "an object with any of maxProbes, probeTimeout"),
  ...nullable(
    "openBackoff",
    [2, "2", []],
    "an object with any of multiplier, maxTimeout, jitter",
  ),
  ...nullable("ramp", [2, "2", []], "an object with any of calls, per, growth, steps"),
  ...nested(
    "window",
    { kind: "count" },
    "size",
    [...NO_COUNTS, null, 10_000_001],
    "an integer from 1 to 10000000",
  ),
  ...nested("window", { kind: "time" }, "duration", [...NO_DURATIONS, null], DURATION),
  ...nested(
    "window",
    { kind: "time" },
    "buckets",
    [...NO_COUNTS, null, 3_601],
    "an integer from 1 to 3600",
  ),
  ...nested("window", {}, "kind", ["All", "calls", 1, null, {}], 'one of "count", "time"'),
  ...nested("halfOpen", {}, "maxProbes", [...NO_COUNTS, null], COUNT),
  ...nested("halfOpen", {}, "probeTimeout", [...NO_DURATIONS, null], DURATION),
  ...nested("openBackoff", {}, "multiplier", [...NO_FACTORS, null], "a number of at least 1"),
  ...nested("openBackoff", {}, "maxTimeout", [...NO_DURATIONS, null], DURATION),
  ...nested("openBackoff", {}, "jitter", [-0.1, 1.1, NaN, null], "a number from 0 to 1"),
  ...nested("ramp", RAMP, "calls", [...NO_COUNTS, null], COUNT),
  ...nested("ramp", RAMP, "per", [...NO_DURATIONS, null], DURATION),
  ...nested("ramp", RAMP, "growth", [...NO_FACTORS, null], "a number of at least 1"),
  ...nested("ramp", RAMP, "steps", [...NO_COUNTS, null], COUNT),
  refused({ window: {} }, "$.window.kind", "nothing", 'one of "count", "time"'),
  refused({ window: { kind: undefined } }, "$.window.kind", "nothing", 'one of "count", "time"'),
  refused({ ramp: { per: "1m" } }, "$.ramp.calls", "nothing", COUNT),
  refused({ ramp: { calls: 10 } }, "$.ramp.per", "nothing", DURATION),
  refused({ timeout: () => 5 }, "$.timeout", "a function", `${DURATION}, or null`),
  refused({ timeout: 5n }, "$.timeout", "5", `${DURATION}, or null`),
  refused({ timeout: Symbol("s") }, "$.timeout", "Symbol(s)", `${DURATION}, or null`),
];

for (const { document, path, found, allowed } of REFUSED) {
  Deno.test(`refused: ${path} that is ${found} in ${shown(document)}`, () => {
    const message = `${path} must be ${allowed}; found ${found}`;
    const expected = document instanceof Date || document instanceof Map
      ? {
        path,
        found: "an object",
        allowed,
        message: `${path} must be ${allowed}; found an object`,
      }
      : { path, found, allowed, message };
    assert.deepEqual(onlyFaultOf(document), expected);
  });
}

Deno.test("every fault is listed, in the order of the document, what is missing last in its object", () => {
  const faults = faultsOf({
    minimumCalls: 0,
    ramp: { steps: 0, calls: "ten", extra: 1 },
    mode: "off",
    window: { size: 0, buckets: 0 },
    nonsense: 1,
  });
  assert.deepEqual(faults.map(({ path }) => path), [
    "$.minimumCalls",
    "$.ramp.steps",
    "$.ramp.calls",
    "$.ramp.extra",
    "$.ramp.per",
    "$.mode",
    "$.window.size",
    "$.window.buckets",
    "$.window.kind",
    "$.nonsense",
  ]);
});

Deno.test("an unknown field is refused with the nearest known name", () => {
  assert.deepEqual(onlyFaultOf({ failureTreshold: 3 }), {
    path: "$.failureTreshold",
    found: 'the unknown field "failureTreshold"',
    allowed: "any of failureThreshold, failureThresholdWithin, failureCountThreshold, " +
      "successThreshold, openStateTimeout, window, minimumCalls, failureRateThreshold, " +
      "slowCallRateThreshold, timeoutRateThreshold, slowCallThreshold, timeout, halfOpen, " +
      "openBackoff, ramp, maxHold, mode, $schema, description",
    suggestion: "failureThreshold",
    message: '$.failureTreshold is an unknown field; did you mean "failureThreshold"?',
  });
  assert.equal(onlyFaultOf({ halfOpen: { maxProbe: 1 } }).suggestion, "maxProbes");
});

Deno.test("an unknown field that is near to nothing is refused with the known names", () => {
  assert.deepEqual(onlyFaultOf({ halfOpen: { colour: "red" } }), {
    path: "$.halfOpen.colour",
    found: 'the unknown field "colour"',
    allowed: "any of maxProbes, probeTimeout",
    message: "$.halfOpen.colour is an unknown field; allowed are maxProbes, probeTimeout",
  });
});

Deno.test("a field of the other kind of window is refused with the kind that has it", () => {
  const size = onlyFaultOf({ window: { kind: "time", size: 100 } });
  assert.equal(
    size.message,
    '$.window.size is no field of this kind; only "kind": "count" has it',
  );
  assert.equal(size.allowed, 'any of kind, duration, buckets; only "kind": "count" has it');
  assert.match(onlyFaultOf({ window: { kind: "count", buckets: 5 } }).message, /"kind": "time"/);
  const unknown = onlyFaultOf({ window: { kind: "count", length: 5 } });
  assert.match(unknown.message, /allowed are kind, size/);
});

Deno.test("a name that is no identifier is quoted in the path", () => {
  const paths = faultsOf({ "max-probes": 1, "a.b": 1, "": 1, "5": 1, "\n": 1, "größe": 1 })
    .map(({ path }) => path);
  assert.deepEqual(
    new Set(paths),
    new Set([
      '$["max-probes"]',
      '$["a.b"]',
      '$[""]',
      '$["5"]',
      '$["\\n"]',
      '$["größe"]',
    ]),
  );
});

Deno.test("names with a meaning in JavaScript are unknown fields and change no prototype", () => {
  const document = JSON.parse(
    '{"__proto__":{"timeout":1},"constructor":{"prototype":{"x":1}},"toString":1,"hasOwnProperty":1}',
  );
  assert.deepEqual(faultsOf(document).map(({ path }) => path), [
    "$.__proto__",
    "$.constructor",
    "$.toString",
    "$.hasOwnProperty",
  ]);
  const nestedProto = JSON.parse('{"halfOpen":{"__proto__":{"maxProbes":5}}}');
  assert.equal(onlyFaultOf(nestedProto).path, "$.halfOpen.__proto__");
  assert.equal(Reflect.get({}, "timeout"), undefined);
  assert.equal(Reflect.get({}, "x"), undefined);
});

Deno.test("only own fields count", () => {
  const inherited = Object.create({ failureThreshold: -1, nonsense: 1 });
  inherited.minimumCalls = 7;
  assert.deepEqual(policyOf(inherited), { minimumCalls: 7 });
  const bare = Object.assign(Object.create(null), { minimumCalls: 8 });
  assert.deepEqual(policyOf(bare), { minimumCalls: 8 });
});

Deno.test("undefined counts as left out", () => {
  assert.deepEqual(policyOf({ timeout: undefined, halfOpen: { maxProbes: undefined } }), {
    halfOpen: {},
  });
});

Deno.test("minus zero becomes zero", () => {
  const policy = policyOf({ failureThreshold: -0, openBackoff: { jitter: -0 } });
  assert(Object.is(policy.failureThreshold, 0));
  assert(Object.is(policy.openBackoff?.jitter, 0));
});

Deno.test("the policy is a frozen copy, nested objects too", () => {
  const document = {
    timeout: "1s",
    window: { kind: "count", size: 5 },
    halfOpen: { maxProbes: 2 },
  };
  const policy = policyOf(document);
  document.timeout = "2s";
  document.window.size = 6;
  document.halfOpen.maxProbes = 3;
  assert.deepEqual(policy, {
    timeout: "1s",
    window: { kind: "count", size: 5 },
    halfOpen: { maxProbes: 2 },
  });
  assert.equal(Object.getPrototypeOf(policy), Object.prototype);
  for (const part of [policy, policy.window, policy.halfOpen]) assert(Object.isFrozen(part));
});

Deno.test("long names and values from outside are cut in faults", () => {
  const long = "x".repeat(1_000_000);
  const value = onlyFaultOf({ timeout: long });
  assert.equal(value.found, `"${"x".repeat(60)}…"`);
  assert(value.message.length < 300);
  const name = onlyFaultOf({ [long]: 1 });
  assert.equal(name.path, `$["${"x".repeat(256)}…"]`);
  assert(name.message.length < 800);
  const emoji = onlyFaultOf({ mode: "x".repeat(59) + "😀😀" });
  assert.equal(emoji.found, `"${"x".repeat(59)}…"`, "a surrogate pair is not cut in two");
});

Deno.test("a value that is nested very deeply is refused without a look inside", () => {
  let deep: unknown = 1;
  for (let level = 0; level < 200_000; level++) deep = level % 2 === 0 ? [deep] : { deep };
  assert.equal(onlyFaultOf({ timeout: deep }).found, "an object");
  assert.equal(onlyFaultOf({ halfOpen: { maxProbes: [deep] } }).found, "an array");
  assert.equal(onlyFaultOf({ halfOpen: { deep } }).path, "$.halfOpen.deep");
});

Deno.test("very many unknown fields are all listed, the first with suggestions, in little time", () => {
  const entries = Array.from({ length: 20_000 }, (_, index) => [`timeouts${index}`, 1] as const);
  const startedAt = performance.now();
  const faults = faultsOf({ ...Object.fromEntries(entries), mode: "nrmal" });
  assert(performance.now() - startedAt < 30_000);
  assert.equal(faults.length, 20_001);
  assert.equal(faults[0]?.suggestion, "timeout");
  assert.deepEqual(faults.slice(-2).map(({ suggestion }) => suggestion), [undefined, undefined]);
});

Deno.test("assertPolicy gives the policy, or throws an error with every fault", () => {
  assert.deepEqual(assertPolicy('"users"', { timeout: "1s" }), { timeout: "1s" });
  assert.throws(() => assertPolicy('"users"', { timeout: 0, mode: 1 }), (error) => {
    assert(error instanceof InvalidPolicyError);
    assert.deepEqual(error.faults.map(({ path }) => path), ["$.timeout", "$.mode"]);
    assert.match(error.message, /policy "users".*\$\.timeout must be.*\$\.mode must be/);
    return true;
  });
});

for (
  const { document, suggestion } of [
    { document: { window: { kind: "tme" } }, suggestion: "time" },
    { document: { window: { kind: "Count" } }, suggestion: "count" },
    { document: { mode: "forced_open" }, suggestion: "forced-open" },
    { document: { mode: "off" }, suggestion: undefined },
    { document: { mode: 7 }, suggestion: undefined },
  ]
) {
  Deno.test(
    `the word in ${JSON.stringify(document)} ${
      suggestion === undefined ? "is near no other" : `was most likely meant as ${suggestion}`
    }`,
    () => {
      const fault = onlyFaultOf(document);
      assert.equal(fault.suggestion, suggestion);
      const hint = suggestion === undefined ? "" : `; did you mean "${suggestion}"?`;
      const { path, found, allowed } = fault;
      assert.equal(fault.message, `${path} must be ${allowed}; found ${found}${hint}`);
    },
  );
}
