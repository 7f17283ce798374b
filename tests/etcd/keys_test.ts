import assert from "node:assert/strict";
import { rawKey } from "../../etcd/key_range.ts";
import { KeySpace } from "../../backends/etcd/keys.ts";
import { LineSplitter } from "../../etcd/json_lines.ts";
import { parseRevision, revisionText } from "../../backends/etcd/held_key.ts";
import { TRICKY_NAMES } from "../backends/contract_documents.ts";

const PREFIX = "/config/dev/im-gateway/breakers/";
const keys = new KeySpace(PREFIX);

const KEYS: readonly (readonly [name: string, key: string])[] = [
  ["grpc:user-service", `${PREFIX}grpc:user-service.json`],
  ["/user.UserService/GetUser", `${PREFIX}/user.UserService/GetUser.json`],
  ["..", `${PREFIX}...json`],
  ["", `${PREFIX}.json`],
  ["breakers", `${PREFIX}breakers.json.json`],
  ["breakers.json", `${PREFIX}breakers.json.json.json`],
];

for (const [name, key] of KEYS) {
  Deno.test(`etcd: the key of ${JSON.stringify(name)} is ${key}`, () => {
    assert.equal(new TextDecoder().decode(keys.keyOf(name)), key);
  });
}

Deno.test("etcd: every name has a key of its own, and is read back from it", () => {
  const names = [...TRICKY_NAMES, "breakers.json", "breakers.json.json", "a.json", "\uFEFF"];
  for (const name of names) {
    const meaning = keys.meaningOf(keys.keyOf(name));
    assert.deepEqual([meaning?.kind, meaning?.name], ["policy", name]);
  }
  assert.equal(new Set(names.map((name) => rawKey(keys.keyOf(name)))).size, names.length);
});

const NO_DOCUMENTS: readonly (readonly [what: string, key: Uint8Array])[] = [
  ["without .json", new TextEncoder().encode(`${PREFIX}users`)],
  ["outside the prefix", new TextEncoder().encode("/elsewhere/users.json")],
  ["that is no text", Uint8Array.of(...new TextEncoder().encode(PREFIX), 0xff, 0x2e, 0x6a)],
  ["where a write leaves its mark", keys.writeMark],
  [
    "with a pair in two halves",
    Uint8Array.of(
      ...new TextEncoder().encode(PREFIX),
      ...[0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80],
      ...new TextEncoder().encode(".json"),
    ),
  ],
];

for (const [what, key] of NO_DOCUMENTS) {
  Deno.test(`etcd: a key ${what} is no document`, () => {
    assert.equal(keys.meaningOf(key), undefined);
  });
}

Deno.test("etcd: breakers.json is the collection", () => {
  const source = `${PREFIX}breakers.json`;
  assert.deepEqual(keys.meaningOf(new TextEncoder().encode(source)), {
    kind: "collection",
    name: "breakers",
    source,
  });
});

const RANGES: readonly (readonly [prefix: string, key: number[], end: number[]])[] = [
  ["", [0], [0]],
  ["ab", [0x61, 0x62], [0x61, 0x63]],
  ["a\x7f", [0x61, 0x7f], [0x61, 0x80]],
];

for (const [prefix, key, end] of RANGES) {
  Deno.test(`etcd: the keys under ${JSON.stringify(prefix)} end before the next prefix`, () => {
    const { range } = new KeySpace(prefix);
    assert.deepEqual([[...range.key], [...range.end ?? []]], [key, end]);
  });
}

Deno.test("etcd: a revision of another era of the cluster is nobody's", () => {
  assert.equal(revisionText(42, 0), "42");
  assert.equal(parseRevision("42", 0), 42);
  assert.equal(parseRevision(revisionText(42, 2), 2), 42);
  assert.equal(parseRevision("42", 1), undefined);
  assert.equal(parseRevision("42~1", 0), undefined);
  for (const text of ["", "never seen", "-1", "1.5", "1e3", " 1"]) {
    assert.equal(parseRevision(text, 0), undefined);
  }
});

Deno.test("etcd: lines are whole however the bytes arrive", () => {
  const text = `{"a":"用户⚡️"}\n\n{"b":2}\r\n{"c":"${"x".repeat(50)}"}\n{"cut`;
  const bytes = new TextEncoder().encode(text);
  for (let size = 1; size <= bytes.length; size++) {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (let start = 0; start < bytes.length; start += size) {
      splitter.push(bytes.subarray(start, start + size));
    }
    assert.deepEqual(lines, [`{"a":"用户⚡️"}`, `{"b":2}`, `{"c":"${"x".repeat(50)}"}`]);
    assert.equal(splitter.isMidLine, true);
  }
});
