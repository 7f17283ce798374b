import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { writeFile } from "node:fs/promises";
import { envBackend } from "../../backends/env.ts";
import { fileBackend } from "../../backends/file/mod.ts";
import { memoryBackend } from "../../backends/memory.ts";
import { createProvider, restoreBreaker } from "../../mod.ts";
import type { Fault } from "../../src/check/fault.ts";
import { InvalidPolicyError } from "../../src/errors.ts";
import { parseCollectionText, parsePolicyText } from "../../src/policy/parse_policy.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { parseDuration } from "../../src/time/duration.ts";
import { run } from "../cli/captured_io.ts";
import { parseCases } from "../conformance/case.ts";
import { KeptLog } from "../support/kept_log.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";
import { assertUntouched } from "./untouched.ts";

const MB_10 = 10_000_000;
const DEEP = 100_000;
/** Only time can show that nothing large is gone over again and again; a tenth of this is usual. */
const LONGEST_MS = 30_000;

function list(count: number, item: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => item(i)).join(",");
}

/** Documents that are refused, each with the path at which it is. */
const REFUSED: Readonly<Record<string, readonly [make: () => string, path: string]>> = {
  "100,000 arrays within one another": [() => "[".repeat(DEEP) + "]".repeat(DEEP), "$"],
  "100,000 objects within one another": [
    () => '{"window":'.repeat(DEEP) + "1" + "}".repeat(DEEP),
    "$",
  ],
  "a field with 100,000 levels": [
    () => `{"ramp":${"[".repeat(DEEP)}${"]".repeat(DEEP)}}`,
    "$",
  ],
  "100,000 arrays that never end": [() => "[".repeat(DEEP), "$"],
  "a number beyond all numbers": [() => '{"failureThreshold":1e400}', "$.failureThreshold"],
  "a rate below all numbers": [() => '{"failureRateThreshold":1e-400}', "$.failureRateThreshold"],
  "a rate of minus nothing": [() => '{"failureRateThreshold":-0}', "$.failureRateThreshold"],
  "a count that is one too large": [() => '{"minimumCalls":9007199254740993}', "$.minimumCalls"],
  "a number of 10 MB": [() => `{"minimumCalls":${"9".repeat(MB_10)}}`, "$.minimumCalls"],
  "a duration of 1 MB": [() => `{"timeout":"${"9".repeat(1_000_000)}s"}`, "$.timeout"],
  "a mode of 10 MB": [() => `{"mode":"${"x".repeat(MB_10)}"}`, "$.mode"],
  "a text of 10 MB that never ends": [() => `{"mode":"${"x".repeat(MB_10)}`, "$"],
  "10 MB of white space and then nothing": [() => " \r\n".repeat(MB_10 / 3), "$"],
  "10 MB of numbers": [() => `[${list(MB_10 / 10, () => "123456789")}]`, "$"],
  "an unknown field with a value of 10 MB": [() => `{"a":"${"x".repeat(MB_10)}"}`, "$.a"],
  "10 MB of one field again and again": [
    () => `{${list(MB_10 / 100, () => `"timeout":${" ".repeat(88)}1`)}}`,
    "$.timeout",
  ],
  "10 MB of unknown fields": [
    () => `{${list(MB_10 / 200, (i) => `"x${i}":"${"y".repeat(190)}"`)}}`,
    "$.x0",
  ],
  "a field called __proto__": [() => '{"__proto__":{"failureThreshold":1}}', "$.__proto__"],
  "a field called constructor": [
    () => '{"constructor":{"prototype":{"timeout":1}}}',
    "$.constructor",
  ],
  "a field called toString": [() => '{"toString":1}', "$.toString"],
  "__proto__ within a field": [
    () => '{"ramp":{"calls":1,"per":1,"__proto__":{"steps":1}}}',
    "$.ramp.__proto__",
  ],
  "__proto__ in place of what is required": [
    () => '{"ramp":{"__proto__":{"calls":1,"per":1}}}',
    "$.ramp.__proto__",
  ],
  "a window of the kind constructor": [() => '{"window":{"kind":"constructor"}}', "$.window.kind"],
  "a window of the kind __proto__": [() => '{"window":{"kind":"__proto__"}}', "$.window.kind"],
  "a field twice, once with escapes": [
    () => '{"timeout":1,"\\u0074imeout":2}',
    "$.timeout",
  ],
  "two byte order marks": [() => "\ufeff\ufeff{}", "$"],
  "a NUL": [() => "{}\0", "$"],
  "a NUL within a text": [() => '{"description":"\0"}', "$"],
  "lone surrogates as a field": [() => '{"\\ud800":1}', '$["\\ud800"]'],
};

function assertShort(faults: readonly Fault[]): void {
  assert(faults.length > 0);
  for (const { message } of faults) assert(message.length < 2_000, `${message.length} characters`);
  assert(new InvalidPolicyError("it", faults).message.length < 100_000);
}

for (const [what, [make, path]] of Object.entries(REFUSED)) {
  Deno.test(`refused in a few words, as a policy and in a collection: ${what}`, () => {
    const text = make();
    const startMs = performance.now();
    const alone = parsePolicyText(text);
    assert(!alone.ok);
    assert.equal(alone.faults[0]?.path, path);
    assertShort(alone.faults);
    const among = parseCollectionText(`{"b":${text}}`);
    assert(!among.ok);
    assertShort(among.faults);
    assert(performance.now() - startMs < LONGEST_MS);
    assertUntouched();
  });
}

/** Documents that are taken, each with what is in force then. */
const TAKEN: Readonly<Record<string, readonly [make: () => string, policy: object]>> = {
  "a byte order mark, carriage returns and tabs": [
    () => '\ufeff{\r\n\t"failureThreshold"\r:\n3\r\n}\r\n',
    { failureThreshold: 3 },
  ],
  "minus nothing where nothing is allowed": [
    () => '{"failureThreshold":-0,"openBackoff":{"jitter":-0.0}}',
    { failureThreshold: 0, openBackoff: { jitter: 0 } },
  ],
  "a jitter below all numbers": [
    () => '{"openBackoff":{"jitter":1e-400}}',
    { openBackoff: { jitter: 0 } },
  ],
  "numbers with an exponent": [() => '{"minimumCalls":2E+1,"timeout":1e3}', {
    minimumCalls: 20,
    timeout: 1_000,
  }],
  "lone surrogates in a description": [() => '{"description":"\\udfff\\ud800"}', {
    description: "\udfff\ud800",
  }],
  "10 MB of description": [() => `{"timeout":1,"description":"${"x".repeat(MB_10)}"}`, {
    timeout: 1,
    description: "x".repeat(MB_10),
  }],
  "10 MB of white space": [() => `${" ".repeat(MB_10)}{"timeout":1}`, { timeout: 1 }],
};

for (const [what, [make, policy]] of Object.entries(TAKEN)) {
  Deno.test(`taken as it stands: ${what}`, () => {
    const startMs = performance.now();
    assert.deepEqual(parsePolicyText(make()), { ok: true, policy });
    assert(performance.now() - startMs < LONGEST_MS);
  });
}

Deno.test("a collection of 10 MB is taken whole", () => {
  const note = "x".repeat(160);
  const text = `{${list(50_000, (i) => `"breaker-${i}":{"timeout":1,"description":"${note}"}`)}}`;
  assert(text.length > MB_10);
  const startMs = performance.now();
  const result = parseCollectionText(text);
  assert(result.ok && result.policies.size === 50_000);
  assert(performance.now() - startMs < LONGEST_MS);
});

Deno.test("breakers named like what objects inherit have policies of their own, through a provider", async () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "then", "default"];
  const text = `{${
    names.map((name, i) => `${JSON.stringify(name)}:{"failureThreshold":${i + 1}}`)
  }}`;
  const backend = memoryBackend();
  backend.setCollection("/p/", text);
  const config = { serviceName: "s", policiesPath: "/p/", defaultPolicy: {} };
  const clock = new ManualClock();
  const logger = new KeptLog();
  await using provider = await createProvider(config, { backend, clock, logger });
  for (const [i, name] of names.entries()) {
    assert.equal(provider.getBreaker(name).policy.failureThreshold, i + 1, name);
    const snapshot = JSON.parse(JSON.stringify(provider.getBreaker(name).snapshot()));
    assert.equal(restoreBreaker(snapshot).name, name);
  }
  assert.equal(provider.getBreaker("valueOf").policy.failureThreshold, names.length);
  assert.equal(provider.status().breakers.length, names.length + 1);
  assertUntouched();
});

Deno.test("secrets under unknown fields are in no fault, no log line and no status", async () => {
  const secret = "hunter2-hunter2";
  const text = JSON.stringify({ password: secret, ramp: { token: secret }, timeout: 1 });
  const backend = memoryBackend();
  backend.set("/p/", "b", text);
  backend.setCollection("/p/", `{"c":${text}}`);
  const config = { serviceName: "s", policiesPath: "/p/", defaultPolicy: {} };
  const logger = new KeptLog();
  const clock = new ManualClock();
  await using provider = await createProvider(config, { backend, logger, clock });
  assert.equal(logger.lines.filter((line) => line.includes("refused")).length, 2);
  const shown = JSON.stringify([logger.lines, logger.fields, provider.status()]);
  assert(!shown.includes(secret));
});

Deno.test("1 MB of digits is no duration, and costs no more than its length", () => {
  assert.throws(() => parseDuration("9".repeat(1_000_000)), /more than 256/);
  assert.throws(() => parseDuration(`0.${"3".repeat(1_000_000)}h`), RangeError);
});

Deno.test("a file of 100,000 levels or of strange bytes is refused, and the one beside it is in force", async () => {
  await using folder = await TemporaryFolder.create();
  const files: Record<string, string | Uint8Array> = {
    "deep.json": `{"ramp":${"[".repeat(DEEP)}`,
    "bytes.json": Uint8Array.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
    "nul.json": Buffer.alloc(1_000),
    "empty.json": "",
    "breakers.json": '{"__proto__":{"timeout":5},"good":{"timeout":1}}',
    "good.json": '{"timeout":2}',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(folder.path(name), content);
  const config = { serviceName: "s", policiesPath: "", defaultPolicy: {} };
  const logger = new KeptLog();
  await using provider = await createProvider(config, {
    backend: fileBackend(folder.policies),
    logger,
  });
  assert.equal(provider.getBreaker("good").policy.timeout, 2);
  assert.equal(provider.getBreaker("__proto__").policy.timeout, 5);
  const refused = provider.status().documents.filter((document) => document.refused !== null);
  assert.deepEqual(refused.map(({ name }) => name).sort(), ["bytes", "deep", "empty", "nul"]);
  for (const line of logger.lines) assert(line.length < 2_000);
  const { status, stdout, stderr } = await run(["validate", folder.policies]);
  assert.equal(status, 1);
  assert((stdout + stderr).length < 10_000);
  assertUntouched();
});

Deno.test("variables named and valued strangely are documents or notes", async () => {
  const env = Object.fromEntries([
    ["SWITCHGEAR_POLICY___proto", '{"timeout":1}'],
    [`SWITCHGEAR_POLICY_${"_".repeat(100_001)}`, "{}"],
    ["SWITCHGEAR_POLICY_constructor", "{".repeat(DEEP)],
    ["__proto__", "{}"],
  ]);
  const { entries, notes = [] } = await envBackend({ env }).read("");
  assert.deepEqual(entries.map(({ name }) => name).sort(), ["_proto", "constructor"]);
  assert.equal(notes.length, 1);
  assert((notes[0]?.length ?? 0) < 1_000, "a note repeats 100,000 characters");
  assertUntouched();
});

Deno.test("conformance cases with 100,000 levels are faults or taken, never an overflow", () => {
  const deep = "[".repeat(DEEP) + "]".repeat(DEEP);
  const text = `[{"name":"a","rule":"R1","steps":[{"begin":${deep}},{"policy":${deep}}]},${deep}]`;
  for (const each of parseCases(text, "f")) assert("fault" in each && each.fault.length < 300);
});
