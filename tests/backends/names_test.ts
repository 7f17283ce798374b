import assert from "node:assert/strict";
import { decodeEnvName, encodeEnvName } from "../../backends/env/env_names.ts";
import { breakerOfFile, isPolicyFile, policyFileName } from "../../backends/file/file_names.ts";
import { codePointBytes, readCodePoint } from "../../backends/wtf8.ts";
import { TRICKY_NAMES } from "./contract_documents.ts";

const FRAGMENTS = [
  "a",
  "Z",
  "0",
  "_",
  "__",
  "-",
  ".",
  "..",
  "/",
  "\\",
  "%",
  "%41",
  "%2",
  "_41",
  "_4",
  " ",
  "\0",
  "é",
  "用",
  "⚡",
  "\u{1F600}",
  "\uD800",
  "\uDBFF",
  "\uDC00",
  "\uDFFF",
  "\uFFFD",
  "CON",
  "breakers",
  ".json",
];

/** A fixed sequence of random numbers in [0, 1), so that a failure can be repeated (mulberry32). */
function* draws(seed: number): Generator<number> {
  for (let state = seed;;) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** The tricky names, every single fragment, and 3000 random strings of fragments and code units. */
function names(): Set<string> {
  const random = draws(20);
  const draw = (below: number): number => Math.floor((random.next().value ?? 0) * below);
  const all = new Set([...TRICKY_NAMES, ...FRAGMENTS]);
  while (all.size < 3000) {
    let name = "";
    for (let length = draw(6); length >= 0; length--) {
      name += draw(4) === 0
        ? String.fromCharCode(draw(0x10000))
        : FRAGMENTS[draw(FRAGMENTS.length)];
    }
    all.add(name);
  }
  return all;
}

Deno.test("env names: every string has a name of its own that turns back into it", () => {
  const encoded = new Set<string>();
  for (const name of names()) {
    const variable = encodeEnvName(name);
    assert.match(variable, /^[A-Za-z0-9_]*$/);
    assert.equal(decodeEnvName(variable), name);
    encoded.add(variable);
  }
  assert.equal(encoded.size, names().size);
});

Deno.test("env names: the encoding is what the documentation says", () => {
  const table = {
    "": "",
    users: "users",
    user_service: "user__service",
    "grpc:user-service": "grpc_3Auser_2Dservice",
    "/user.UserService/GetUser": "_2Fuser_2EUserService_2FGetUser",
    用: "_E7_94_A8",
    "\u{1F600}": "_F0_9F_98_80",
    "\uD800": "_ED_A0_80",
  };
  for (const [name, variable] of Object.entries(table)) {
    assert.equal(encodeEnvName(name), variable);
  }
});

for (
  const [variable, why] of [
    ["user_service", "an underscore before neither another nor two digits"],
    ["a_", "an underscore at the end"],
    ["a___", "three underscores"],
    ["a_2f", "a lower-case digit"],
    ["_61", "an escape for a letter"],
    ["_5F", "an escape for an underscore"],
    ["_C0_AF", "an overlong form"],
    ["_E7_94", "a character cut short"],
    ["_E7a_94_A8", "a character torn apart"],
    ["_FF", "a byte that begins nothing"],
    ["_ED_A0_BD_ED_B8_80", "a pair of surrogates in six bytes"],
    ["_F4_90_80_80", "a number past U+10FFFF"],
    ["a-b", "a character that must be escaped"],
  ] as const
) {
  Deno.test(`env names: ${variable} stands for no breaker: ${why}`, () => {
    assert.equal(decodeEnvName(variable), undefined);
  });
}

Deno.test("file names: every string has a file of its own that turns back into it", () => {
  const files = new Set<string>();
  for (const name of names()) {
    const file = policyFileName(name);
    assert.match(file, /^[A-Za-z0-9_%-][A-Za-z0-9_.%-]*\.json$/);
    assert.ok(isPolicyFile(file));
    assert.notEqual(file.toLowerCase(), "breakers.json");
    assert.doesNotMatch(file, /^(con|prn|aux|nul|com\d|lpt\d)\./i);
    assert.equal(breakerOfFile(file), name);
    files.add(file);
  }
  assert.equal(files.size, names().size);
});

Deno.test("file names: the encoding is what the documentation says", () => {
  const table = {
    users: "users.json",
    "a.b-c_D": "a.b-c_D.json",
    "grpc:user-service": "grpc%3Auser-service.json",
    "/user.UserService/GetUser": "%2Fuser.UserService%2FGetUser.json",
    用: "%E7%94%A8.json",
    "..": "%2E..json",
    "": "%.json",
    "%": "%25.json",
    "a%2Fb": "a%252Fb.json",
    breakers: "%62reakers.json",
    CON: "%43ON.json",
    "com1.x": "%63om1.x.json",
    console: "console.json",
    "\uD800": "%ED%A0%80.json",
  };
  for (const [name, file] of Object.entries(table)) assert.equal(policyFileName(name), file);
});

for (
  const [file, name] of [
    ["grpc:user-service.json", "grpc:user-service"],
    ["用户服务.json", "用户服务"],
    ["100%.json", "100%"],
    ["50%zz.json", "50%zz"],
    ["%2fusers.json", "/users"],
    ["%75sers.json", "users"],
    ["%E7%94.json", "%E7%94"],
    ["%FFa.json", "%FFa"],
    ["%FF%41.json", "%FFA"],
    ["a b.json", "a b"],
    ["CON.json", "CON"],
    ["x.json.json", "x.json"],
    ["%ED%A0%BD%ED%B8%80.json", "\u{1F600}"],
  ] as const
) {
  Deno.test(`file names: ${file}, written by hand, is the breaker ${name}`, () => {
    assert.equal(breakerOfFile(file), name);
  });
}

Deno.test("WTF-8: well-formed text has the bytes of UTF-8", () => {
  for (
    const codePoint of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]
  ) {
    const bytes = codePointBytes(codePoint);
    assert.deepEqual(bytes, [...new TextEncoder().encode(String.fromCodePoint(codePoint))]);
    assert.deepEqual(readCodePoint([...bytes, 0x41]), { codePoint, length: bytes.length });
    for (let cut = 0; cut < bytes.length; cut++) {
      assert.equal(readCodePoint(bytes.slice(0, cut)), undefined);
    }
  }
});
