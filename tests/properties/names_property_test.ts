import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "npm:fast-check@4.9.0";
import { decodeEnvName, encodeEnvName } from "../../backends/env/env_names.ts";
import { KeySpace } from "../../backends/etcd/keys.ts";
import { breakerOfFile, isPolicyFile, policyFileName } from "../../backends/file/file_names.ts";
import { fileOfEachBreaker } from "../../backends/file/folder_state.ts";
import { codePointBytes, readCodePoint } from "../../backends/wtf8.ts";
import { holds } from "./settings.ts";

/** Pieces that mean something to one encoding or another, or to a file system. */
const PIECES = [
  ...["default", "breakers", ".json", "..", "/", "\\", ":", "%", "%2F", "%ED%A0%80", "_", "__"],
  ...["_2F", "_5F", "\0", "\n", "\r\n", "CON", "nul.", "a", "A", "\u00e9", "e\u0301", "\u0130"],
  ...["\ud800", "\udc00", "\udbff", "\udfff", "\ufeff", "\ufffd", "\u{10ffff}", "\u{1f600}", " "],
];
/** Any text: code units that need not pair, with tricky pieces in between, at times very long. */
const anyName = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }) },
  {
    weight: 6,
    arbitrary: fc.array(fc.integer({ min: 0, max: 0xffff }).map((u) => String.fromCharCode(u)), {
      maxLength: 12,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...PIECES), fc.nat({ max: 400 })).map((
      [piece, times],
    ) => [
      piece.repeat(times),
    ]),
  },
).map((pieces) => pieces.join(""));

/** The bytes of a text in WTF-8, by Node's UTF-8 where it is one, by hand for lone surrogates. */
function bytesOf(text: string): number[] {
  return Array.from(text).flatMap((character) => {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0xd800 || point > 0xdfff) return [...Buffer.from(character, "utf8")];
    return [0xed, 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f)];
  });
}

Deno.test("any name has a file name of its own, safe in a folder, that reads back as the name", () => {
  holds(
    fc.property(anyName, (name) => {
      const file = policyFileName(name);
      assert.equal(breakerOfFile(file), name);
      assert(isPolicyFile(file));
      assert.match(file, /^[A-Za-z0-9_%-][A-Za-z0-9_.%-]*\.json$/);
      assert.notEqual(file.toLowerCase(), "breakers.json");
      assert.equal(fileOfEachBreaker([file, "breakers.json"]).get(name), file);
      const plain = name.replaceAll(/[^A-Za-z0-9_.-]/gu, "");
      assert(file.length <= 3 * bytesOf(name).length + ".json".length + 1, plain);
    }),
    { runs: 700 },
  );
});

Deno.test("any name has a variable of its own that reads back as the name", () => {
  holds(
    fc.property(anyName, (name) => {
      const variable = encodeEnvName(name);
      assert.match(variable, /^[A-Za-z0-9_]*$/);
      assert.equal(decodeEnvName(variable), name);
    }),
    { runs: 700 },
  );
});

Deno.test("any name has a key of its own under any prefix that reads back as the name", () => {
  holds(
    fc.property(anyName, anyName, (prefix, name) => {
      const keys = new KeySpace(prefix);
      const key = keys.keyOf(name);
      const meaning = keys.meaningOf(key);
      // A prefix that ends, and a name that begins, with half a pair make a whole one between them.
      const source = prefix + name + ".json";
      const isTorn =
        bytesOf(prefix).length + bytesOf(name).length !== bytesOf(prefix + name).length;
      if (!isTorn) {
        assert.equal(meaning?.name, name);
        assert.equal(meaning?.kind, "policy");
        assert(meaning?.source === source || meaning?.source === `${source}.json`);
      }
      assert(key.length >= bytesOf(prefix + name).length + 5);
      const inRange = Buffer.compare(key, keys.range.key) >= 0 || prefix === "";
      const end = keys.range.end;
      assert(inRange && end !== undefined);
      assert(isTorn || end.length === 1 && end[0] === 0 || Buffer.compare(key, end) < 0);
    }),
    { runs: 400 },
  );
});

Deno.test("any two names have two files, two variables and two keys", () => {
  const keys = new KeySpace("/p/");
  const near = fc.tuple(anyName, anyName).map(([a, b]): [string, string] => [a, a + b]);
  holds(
    fc.property(fc.oneof(fc.tuple(anyName, anyName), near), ([one, other]) => {
      const same = one === other;
      assert.equal(policyFileName(one) === policyFileName(other), same);
      assert.equal(encodeEnvName(one) === encodeEnvName(other), same);
      assert.equal(Buffer.compare(keys.keyOf(one), keys.keyOf(other)) === 0, same);
    }),
    { runs: 700 },
  );
});

Deno.test("any text is a variable of one breaker or of none, and only its own encoding is", () => {
  const anyVariable = fc.oneof(
    fc.array(fc.constantFrom(..."_0123456789ABCDEFaz", "__", "_ED_A0_BD", "_ED_B8_80", "_C0_80"))
      .map((pieces) => pieces.join("")),
    anyName,
  );
  holds(
    fc.property(anyVariable, (variable) => {
      const name = decodeEnvName(variable);
      if (name !== undefined) assert.equal(encodeEnvName(name), variable);
    }),
    { runs: 700 },
  );
});

Deno.test("any file name is one breaker's, and that breaker's own file takes its place", () => {
  const anyFile = fc.oneof(
    fc.array(fc.constantFrom(..."%0123456789ABCDEFabz.", "%ED%A0%BD", "%ED%B8%80", "%C0%80"))
      .map((pieces) => `${pieces.join("")}.json`),
    anyName.map((name) => `${name}.json`),
  );
  holds(
    fc.property(anyFile, (file) => {
      const name = breakerOfFile(file);
      const own = policyFileName(name);
      assert.equal(breakerOfFile(own), name);
      const winner = fileOfEachBreaker([file, own].sort()).get(name);
      assert.equal(winner, own);
    }),
    { runs: 700 },
  );
});

Deno.test("any bytes are a key of one breaker or of none, and no two keys are one breaker's", () => {
  const keys = new KeySpace("p/");
  const anyTail = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 12 }),
    anyName.map((name) => bytesOf(name)),
  );
  holds(
    fc.property(anyTail, fc.boolean(), (tail, hasSuffix) => {
      const suffix = hasSuffix ? [...Buffer.from(".json")] : [];
      const key = Uint8Array.from([...Buffer.from("p/"), ...tail, ...suffix]);
      const meaning = keys.meaningOf(key);
      if (meaning?.kind === "policy") assert.deepEqual([...keys.keyOf(meaning.name)], [...key]);
    }),
    { runs: 700 },
  );
});

Deno.test("WTF-8: any code point is read back from its bytes, and any bytes are one or none", () => {
  const anyBytes = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 5 }),
    fc.array(fc.constantFrom(0xc0, 0xe0, 0xed, 0xf0, 0xf4, 0xf8, 0x80, 0x90, 0xa0, 0xbf, 0x41)),
  );
  holds(
    fc.property(fc.integer({ min: 0, max: 0x10ffff }), anyBytes, (codePoint, bytes) => {
      const own = codePointBytes(codePoint);
      assert.deepEqual(own, bytesOf(String.fromCodePoint(codePoint)));
      assert.deepEqual(readCodePoint([...own, ...bytes]), { codePoint, length: own.length });
      const read = readCodePoint(bytes);
      if (read !== undefined) {
        assert.deepEqual(codePointBytes(read.codePoint), bytes.slice(0, read.length));
      }
    }),
    { runs: 4_000 },
  );
});
