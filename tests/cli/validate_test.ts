import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { run } from "./captured_io.ts";
import { policyFiles } from "./policy_files.ts";

const SLOW_RATE_IN_VAIN = { slowCallRateThreshold: 0.5 };

Deno.test("validate: every fault of every document, with file, path, found, allowed, suggestion", async () => {
  await using folder = await policyFiles({
    "a.json": { failureTreshold: 3, successThreshold: -1 },
    "b.json": '{ "timeout": "2s", }',
    "c.json": { failureThreshold: 3 },
  });
  const { status, stdout, stderr } = await run(["validate", folder.policies]);
  assert.deepEqual({ status, stderr }, { status: 1, stderr: "" });
  const [a, b] = [folder.path("a.json"), folder.path("b.json")];
  const lines = stdout.split("\n");
  assert.equal(lines[0], `${a}: $.failureTreshold`);
  assert.equal(lines[1], '  found        the unknown field "failureTreshold"');
  assert.match(lines[2] ?? "", /^ {2}allowed {6}any of failureThreshold, /);
  assert.equal(lines[3], "  did you mean failureThreshold?");
  assert.equal(lines[4], `${a}: $.successThreshold`);
  assert.equal(lines[5], "  found        -1");
  assert.match(lines[6] ?? "", /^ {2}allowed {6}an integer of at least 1/);
  assert.equal(lines[7], `${b}: $`);
  assert.match(lines[8] ?? "", /^ {2}found .* at line 1, column \d+$/);
  assert.equal(lines[10], "3 documents with 1 valid policy checked: 3 faults, 0 warnings");
});

Deno.test("validate: valid documents give a closing line only, and status 0", async () => {
  await using folder = await policyFiles({
    "default.json": { timeout: "2s" },
    "breakers.json": { users: { failureThreshold: 3 }, orders: {} },
  });
  const { status, stdout } = await run(["validate", folder.policies]);
  assert.deepEqual({ status, stdout }, {
    status: 0,
    stdout: "2 documents with 3 valid policies checked: 0 faults, 0 warnings\n",
  });
});

Deno.test("validate: breakers.json is a collection, and its faults name the breaker", async () => {
  await using folder = await policyFiles({
    "breakers.json": { "grpc:users": { timeout: -1 }, orders: 7 },
  });
  const { status, stdout } = await run(["validate", folder.path("breakers.json")]);
  assert.equal(status, 1);
  assert.match(stdout, /breakers\.json: \$\["grpc:users"\]\.timeout\n/);
  assert.match(stdout, /breakers\.json: \$\.orders\n {2}found {8}7\n/);
});

Deno.test("validate: of a folder the files that a file backend reads, and no others", async () => {
  await using folder = await policyFiles({
    ".hidden.json": "no JSON",
    "notes.txt": "no JSON",
    "users.json": {},
  });
  await mkdir(folder.path("below"));
  const { status, stdout } = await run(["validate", folder.policies, folder.path("users.json")]);
  assert.equal(status, 0);
  assert.match(stdout, /^1 document with 1 valid policy checked/);
});

interface WarningCase {
  readonly name: string;
  readonly files: Readonly<Record<string, unknown>>;
  /** Files to validate; none: the folder. */
  readonly only?: string;
  readonly args?: readonly string[];
  /** What each warning line says after the folder. */
  readonly warnings: readonly RegExp[];
}

const WARNINGS: readonly WarningCase[] = [
  {
    name: "a combination that can never act",
    files: { "users.json": SLOW_RATE_IN_VAIN },
    warnings: [/^users\.json: warning \("users"\): slowCallRateThreshold can never open/],
  },
  {
    name: "nothing where default.json completes the combination",
    files: { "users.json": SLOW_RATE_IN_VAIN, "default.json": { slowCallThreshold: "1s" } },
    warnings: [],
  },
  {
    name: "nothing where default.json beside the one file completes it",
    files: { "users.json": SLOW_RATE_IN_VAIN, "default.json": { slowCallThreshold: "1s" } },
    only: "users.json",
    warnings: [],
  },
  {
    name: "nothing where the default in breakers.json completes it",
    files: {
      "users.json": SLOW_RATE_IN_VAIN,
      "breakers.json": { default: { slowCallThreshold: "1s" } },
    },
    warnings: [],
  },
  {
    name: "what the default says in vain once, not for each breaker",
    files: { "default.json": SLOW_RATE_IN_VAIN, "users.json": {}, "orders.json": {} },
    warnings: [/^default\.json: warning \("default"\): slowCallRateThreshold/],
  },
  {
    name: "what is inherited in vain, where the default is not among the documents",
    files: { "default.json": SLOW_RATE_IN_VAIN, "users.json": {} },
    only: "users.json",
    warnings: [/^users\.json: warning \("users"\): slowCallRateThreshold/],
  },
  {
    name: "an entry that a document of its own hides",
    files: { "breakers.json": { users: {} }, "users.json": {} },
    warnings: [/^breakers\.json: warning \("users"\): this entry is ignored: users\.json wins/],
  },
  {
    name: "a file whose name a file backend passes over",
    files: { "users.jsonc": {} },
    only: "users.jsonc",
    warnings: [/^users\.jsonc: warning: a file backend does not read this file/],
  },
  {
    name: "a second file for the same breaker",
    files: { "grpc:users.json": {}, "grpc%3Ausers.json": {} },
    warnings: [/^grpc:users\.json: warning .*this file is ignored: grpc%3Ausers\.json/],
  },
  {
    name: "what is in vain in production alone, by default",
    files: { "users.json": { openBackoff: { maxTimeout: "30s" } } },
    warnings: [/^users\.json: warning \("users"\): openBackoff\.maxTimeout/],
  },
  {
    name: "nothing of that in development",
    files: { "users.json": { openBackoff: { maxTimeout: "30s" } } },
    args: ["--env", "development"],
    warnings: [],
  },
];

for (const { name, files, only, args = [], warnings } of WARNINGS) {
  Deno.test(`validate: warns of ${name}`, async () => {
    await using folder = await policyFiles(files);
    const path = only === undefined ? folder.policies : folder.path(only);
    const { status, stdout } = await run(["validate", path, ...args]);
    assert.equal(status, 0);
    const lines = stdout.split("\n").filter((line) => line.includes(": warning"))
      .map((line) => line.slice(folder.policies.length + 1));
    assert.equal(lines.length, warnings.length, stdout);
    for (const [index, warning] of warnings.entries()) assert.match(lines[index] ?? "", warning);
    assert.match(stdout, new RegExp(`${warnings.length} warnings?\n$`));
  });
}

Deno.test("validate: what cannot be read is status 2, and the rest is checked all the same", async () => {
  await using folder = await policyFiles({ "users.json": { timeout: 0 } });
  await mkdir(folder.path("empty"));
  await mkdir(folder.path("folder.json"));
  const { status, stdout, stderr } = await run([
    "validate",
    folder.policies,
    folder.path("empty"),
    folder.path("missing.json"),
  ]);
  assert.equal(status, 2);
  assert.match(stdout, /users\.json: \$\.timeout\n/);
  assert.match(stdout, /1 fault, 0 warnings, 3 not read\n$/);
  assert.match(stderr, /^switchgear validate: \/.*\/empty holds no policy file \(NAME\.json\)$/m);
  assert.match(stderr, /Cannot read .*missing\.json: no such file or folder/);
  assert.match(stderr, /Cannot read .*folder\.json: it is a folder/);
});

Deno.test("validate: --json prints the findings as one object", async () => {
  await using folder = await policyFiles({
    "a.json": { failureTreshold: 3 },
    "b.json": SLOW_RATE_IN_VAIN,
  });
  const { status, stdout } = await run(["validate", "--json", folder.policies]);
  assert.equal(status, 1);
  const { documents, unreadable, counts } = JSON.parse(stdout);
  assert.deepEqual(counts, { documents: 2, policies: 1, faults: 1, warnings: 1, unreadable: 0 });
  assert.deepEqual(unreadable, []);
  const [a, b] = documents;
  assert.deepEqual([a.file, a.kind, a.breakers], [folder.path("a.json"), "policy", []]);
  assert.equal(a.faults[0].path, "$.failureTreshold");
  assert.equal(a.faults[0].suggestion, "failureThreshold");
  assert.deepEqual([b.breakers, b.faults, b.warnings[0].breaker], [["b"], [], "b"]);
});
