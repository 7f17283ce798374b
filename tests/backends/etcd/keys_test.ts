import assert from "node:assert/strict";
import { KeySpace } from "../../../backends/etcd/keys.ts";
import { parseRevision, revisionText } from "../../../backends/etcd/held_key.ts";
import { rawKey } from "../../../etcd/key_range.ts";
import { TRICKY_NAMES } from "../contract_documents.ts";

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
