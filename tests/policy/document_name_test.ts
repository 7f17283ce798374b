import assert from "node:assert/strict";
import { documentNameOf, nameFault, scopeOf } from "../../src/policy/document_name.ts";
import { NameGroup, NameGroups } from "../../src/policy/name_group.ts";

/** The groups of the given names, in order. */
function groupsOf(...names: readonly string[]): NameGroups {
  const groups = names.map(scopeOf).map((scope) => {
    assert(scope.kind === "group");
    return scope.group;
  });
  return new NameGroups(groups);
}

const BREAKERS: readonly (readonly [document: string, breaker: string])[] = [
  ["", ""],
  ["users", "users"],
  ["a**b", "a*b"],
  ["**", "*"],
  ["****", "**"],
  ["tenant-**", "tenant-*"],
];

for (const [document, breaker] of BREAKERS) {
  Deno.test(`R28: the document ${JSON.stringify(document)} is for the breaker ${JSON.stringify(breaker)}`, () => {
    assert.deepEqual(scopeOf(document), { kind: "breaker", breaker });
    assert.equal(documentNameOf(breaker), document);
    assert.equal(nameFault(document, "$"), undefined);
  });
}

const MATCHES: readonly (readonly [group: string, matching: string[], others: string[]])[] = [
  ["tenant-*", ["tenant-", "tenant-7", "tenant-*", "tenant-a/b\n"], ["Tenant-7", "tenant", "a"]],
  ["*-api", ["-api", "users-api"], ["users-api2", "api"]],
  ["grpc:*/Get", ["grpc:/Get", "grpc:users/Get"], ["grpc:users/GetAll", "grpc:Get"]],
  ["*", ["", "a", "*", "\n"], ["default"]],
  ["ab*ba", ["abba", "abxba"], ["aba", "ab"]],
  ["a**b*", ["a*b", "a*bc"], ["ab", "axb"]],
  ["***", ["*", "*a", "**"], ["", "a*"]],
  ["*x**", ["x*", "ax*"], ["x", "x*a"]],
  ["def*", ["defaults", "def"], ["default"]],
  ["__proto__*", ["__proto__"], ["constructor"]],
];

for (const [group, matching, others] of MATCHES) {
  Deno.test(`R28: the group ${group} is for ${JSON.stringify(matching)}, not for ${JSON.stringify(others)}`, () => {
    const groups = groupsOf(group);
    const found = (breakers: string[]) => breakers.map((breaker) => groups.find(breaker)?.name);
    assert.deepEqual(found(matching), matching.map(() => group));
    assert.deepEqual(found(others), others.map(() => undefined));
  });
}

for (const name of ["a*b*", "*a*", "***a*", "a*b*c*d", "*-***"]) {
  Deno.test(`R28: a document called ${name} is for nobody, and the fault says why`, () => {
    assert.deepEqual(scopeOf(name), { kind: "invalid" });
    const { path, found, message } = nameFault(name, "$") ?? {};
    assert.deepEqual([path, found], ["$", `the name "${name}"`]);
    assert.match(
      message ?? "",
      /at most one "\*".*a literal "\*" is written "\*\*"; found the name/,
    );
  });
}

Deno.test("R28: of several groups the one with the most literal characters is first, then by code units", () => {
  const inOrder = ["tenant-eu-*", "tenant-*", "*nant-7", "a*zz", "b*zz", "t*", "*"];
  assert.deepEqual(groupsOf(...inOrder.toReversed()).all.map(({ name }) => name), inOrder);
  assert.equal(groupsOf("t*", "*7", "*").find("tenant-7")?.name, "*7");
  assert.equal(groupsOf("t*", "T*").find("t")?.name, "t*");
});

Deno.test("R28: a literal * and a character beyond the basic plane each count as one", () => {
  // Two code units, or two stars in the name, are no more than one letter.
  assert.deepEqual(groupsOf("b*", "\u{1f600}*").all.map(({ name }) => name), ["b*", "\u{1f600}*"]);
  assert.deepEqual(groupsOf("b*", "***").all.map(({ name }) => name), ["***", "b*"]);
  assert.deepEqual(groupsOf("***", "bc*").all.map(({ name }) => name), ["bc*", "***"]);
});

Deno.test("R28: by code units, a lone surrogate comes before what is above it", () => {
  const groups = groupsOf("\uffff*", "\u{1f600}*");
  assert.deepEqual(groups.all.map(({ name }) => name), ["\u{1f600}*", "\uffff*"]);
});

Deno.test("R28: groups do not change when they are put in order", () => {
  const group = new NameGroup("a*", "a", "");
  assert.equal(new NameGroups([group]).all[0], group);
  assert.equal(new NameGroups([]).find("a"), undefined);
});
