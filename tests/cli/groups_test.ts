import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import type { Finding } from "../../mod.ts";
import { run } from "./captured_io.ts";
import { policyFiles } from "./policy_files.ts";
import { BACKENDS, contentOf, type Documents, PREFIX, runOn } from "./policy_support.ts";

const DOCUMENTS: Documents = {
  default: { timeout: "2s", minimumCalls: 10 },
  "tenant-*": { minimumCalls: 11, failureThreshold: 3, mode: "metrics-only" },
  "*": { failureThreshold: 4 },
  "tenant-7": { minimumCalls: 12 },
};

for (const kind of BACKENDS) {
  Deno.test(`policy on ${kind.name}: R28: list and get show groups, with the mode that they bring`, async () => {
    await using opened = await kind.open(DOCUMENTS);
    const { stdout } = await runOn(opened.backend, ["policy", "list"]);
    assert.match(stdout, /^tenant-\* +metrics-only +\w+ +minimumCalls=11 failureThreshold=3 /m);
    assert.match(stdout, /^tenant-7 +metrics-only +\w+ +minimumCalls=12$/m);
    assert.match(stdout, /^\* +normal +/m);
    const got = await runOn(opened.backend, ["policy", "get", "tenant-*", "--json"]);
    assert.deepEqual(JSON.parse(got.stdout).policy, DOCUMENTS["tenant-*"]);
  });

  Deno.test(`policy on ${kind.name}: R28: get --effective says what comes from the group`, async () => {
    await using opened = await kind.open(DOCUMENTS);
    const effective = async (name: string) => {
      const args = ["policy", "get", name, "--effective", "--json"];
      const { policy, origins } = JSON.parse((await runOn(opened.backend, args)).stdout);
      return ["timeout", "minimumCalls", "failureThreshold", "openStateTimeout"].map((field) => [
        policy[field],
        // A file stands under an encoded name, in a folder.
        decodeURIComponent(origins[field]).replace(/^.*[/:]/, "").replace(/\.json$/, ""),
      ]);
    };
    const [timeout, openTime] = [[2_000, "default"], [60_000, "environment"]];
    assert.deepEqual(await effective("tenant-7"), [
      timeout,
      [12, "tenant-7"],
      [3, "tenant-*"],
      openTime,
    ]);
    assert.deepEqual(await effective("tenant-8"), [
      timeout,
      [11, "tenant-*"],
      [3, "tenant-*"],
      openTime,
    ]);
    assert.deepEqual(await effective("other"), [timeout, [10, "default"], [4, "*"], openTime]);
    assert.deepEqual(await effective("tenant-*"), [
      timeout,
      [11, "tenant-*"],
      [3, "tenant-*"],
      openTime,
    ]);
    assert.deepEqual(await effective("default"), [
      timeout,
      [10, "default"],
      [5, "environment"],
      openTime,
    ]);
  });

  Deno.test(`policy on ${kind.name}: R28: set, force-open and delete take a group as they take a breaker`, async () => {
    await using opened = await kind.open(DOCUMENTS);
    const { backend } = opened;
    const set = await runOn(backend, ["policy", "set", "users-*", "failureThreshold=7"]);
    assert.equal(set.status, 0);
    assert.match(set.stderr, /users-\* is a group: every breaker inherits from it/);
    assert.equal((await runOn(backend, ["policy", "force-open", "users-*"])).status, 0);
    assert.deepEqual((await contentOf(backend))["users-*"], {
      failureThreshold: 7,
      mode: "forced-open",
    });
    const tenant = await runOn(backend, ["policy", "delete", "tenant-7", "--yes"]);
    assert.match(tenant.stdout, /Its group tenant-\* then holds/);
    const group = await runOn(backend, ["policy", "delete", "tenant-*", "--yes"]);
    assert.match(group.stdout, /another group that matches, or from default/);
    assert.deepEqual(Object.keys(await contentOf(backend)).sort(), ["*", "default", "users-*"]);
  });

  Deno.test(`policy on ${kind.name}: R28: a name with two single stars is refused, and never written`, async () => {
    await using opened = await kind.open({});
    const { backend } = opened;
    for (
      const args of [
        ["set", "a*b*", "timeout=2s"],
        ["set", "a*b*", "timeout=2s", "--dry-run"],
        ["put", "a*b*", "-"],
        ["force-open", "a*b*"],
        ["get", "a*b*", "--effective"],
      ]
    ) {
      const { status, stderr } = await runOn(backend, ["policy", ...args], { stdin: "{}" });
      assert.equal(status, 1, args.join(" "));
      assert.match(stderr, /No policy can be called "?a\*b\*/);
      assert.match(stderr, /at most one "\*"/);
    }
    assert.deepEqual(await contentOf(backend), {});
  });
}

Deno.test("policy: R28: where only a group holds for a name, what is not there says so", async () => {
  const { status, stderr } = await runOn(memoryBackend(DOCUMENTS), ["policy", "get", "tenant-9"]);
  assert.equal(status, 1);
  assert.match(stderr, /There is no policy tenant-9; its group tenant-\* holds/);
});

Deno.test("policy diff: R28: without a file, BEFORE is what default and the group hand down", async () => {
  const args = ["policy", "diff", "tenant-7", "--json"];
  const { stdout } = await runOn(memoryBackend(DOCUMENTS), args);
  assert.deepEqual(JSON.parse(stdout).changes, [{ field: "minimumCalls", before: 11, after: 12 }]);
});

Deno.test("policy: R28: a breaker whose name has a * is written with two", async () => {
  const backend = memoryBackend(DOCUMENTS);
  await runOn(backend, ["policy", "set", "tenant-**", "timeout=3s"]);
  const { stdout } = await runOn(backend, ["policy", "get", "tenant-**", "--effective"]);
  assert.match(stdout, /^timeout +3s +\S*tenant-\*\*$/m);
  assert.match(stdout, /^failureThreshold +3 +\S*tenant-\*$/m);
});

Deno.test("policy: R28: a group that is invalid is said to be unknown wherever it matters", async () => {
  const backend = memoryBackend({ "a*": { failureThreshold: -1 }, "b*c*": {} });
  const { stderr } = await runOn(backend, ["policy", "get", "ab", "--effective"]);
  assert.match(stderr, /the group a\* is invalid, so what its breakers inherit is not known/);
  const list = await runOn(backend, ["policy", "list"]);
  assert.match(
    list.stdout,
    /^b\*c\* +refused +\S+ +1 fault: \$ must have a name with at most one/m,
  );
});

Deno.test("doctor: R28: groups are judged with the default, and warned of once for all their breakers", async () => {
  const backend = memoryBackend({
    "a*": { slowCallRateThreshold: 0.5 },
    a1: {},
    a2: { timeoutRateThreshold: 0.5 },
    "b*": { mode: "forced-open" },
    "*c*": {},
  });
  backend.setCollection(PREFIX, { "d*": { slowCallRateThreshold: 0.5, slowCallThreshold: "1s" } });
  const { status, stdout } = await runOn(backend, ["doctor", "--json"]);
  assert.equal(status, 1);
  const findings: Finding[] = JSON.parse(stdout).findings;
  const found = findings.filter(({ subject }) => subject.startsWith("policy "))
    .map(({ subject, detail }) => `${subject}: ${detail.replace(/ .*/, "")}`);
  assert.deepEqual(found, [
    "policy *c*: memory:/config/prod/s/breakers/*c*",
    "policy a*: slowCallRateThreshold",
    "policy a2: timeoutRateThreshold",
    "policy b*: its",
  ]);
});

Deno.test("validate: R28: a group is judged with default.json, and what matches with the group", async () => {
  await using folder = await policyFiles({
    "default.json": { slowCallThreshold: "1s" },
    "a%2A.json": { slowCallRateThreshold: 0.5 },
    "a1.json": { slowCallThreshold: null },
    "a**.json": {},
    "breakers.json": { "b*": { slowCallRateThreshold: 0.5, slowCallThreshold: null }, b1: {} },
  });
  const { status, stdout } = await run(["validate", folder.policies, "--json"]);
  assert.equal(status, 0);
  const warnings = JSON.parse(stdout).documents.flatMap((document: Judged) =>
    document.warnings.map(({ breaker, message }) => [breaker, message.replace(/ .*/, "")])
  );
  assert.deepEqual(warnings, [["a1", "slowCallRateThreshold"], ["b*", "slowCallRateThreshold"]]);
  // Alone, a breaker's own file is still judged with what stands beside it.
  const alone = await run(["validate", folder.path("a1.json")]);
  assert.match(alone.stdout, /warning \("a1"\): slowCallRateThreshold can never open/);
});

interface Judged {
  readonly warnings: readonly { readonly breaker: string; readonly message: string }[];
}

Deno.test("validate: R28: a name with two single stars is a fault, of a file and of an entry", async () => {
  await using folder = await policyFiles({
    "a%2Ab%2A.json": { failureThreshold: -1 },
    "breakers.json": { "*c*": {}, d: {} },
  });
  const { status, stdout } = await run(["validate", folder.policies]);
  assert.equal(status, 1);
  assert.match(stdout, /a%2Ab%2A\.json: \$\n {2}found {8}the name "a\*b\*"\n/);
  assert.match(stdout, /a%2Ab%2A\.json: \$\.failureThreshold\n/);
  assert.match(stdout, /breakers\.json: \$\["\*c\*"\]\n {2}found {8}the name "\*c\*"\n/);
  assert.match(stdout, /2 documents with 0 valid policies checked: 3 faults/);
});

Deno.test("explain: R28: what comes from the group beside the file, and what from the default", async () => {
  await using folder = await policyFiles({
    "default.json": { timeout: "2s", failureThreshold: 9, minimumCalls: 7 },
    "tenant-%2A.json": { failureThreshold: 3, timeout: "4s" },
    "tenant-7.json": { timeout: "3s" },
  });
  const explain = async (file: string) => {
    const { status, stdout } = await run(["explain", folder.path(file)]);
    assert.equal(status, 0);
    return stdout.replaceAll(/\s+/g, " ").replaceAll(`${folder.policies}/`, "");
  };
  assert.match(
    await explain("tenant-7.json"),
    /Its own: timeout\. From tenant-%2A\.json \(group tenant-\*\): failureThreshold\. From default\.json: minimumCalls\. The rest.*After 3 failures in a row.*longer than 3s/,
  );
  assert.match(
    await explain("tenant-%2A.json"),
    /Its own: failureThreshold, timeout\. From default\.json: minimumCalls\. The rest/,
  );
  const other = folder.path("tenant-%2A.json");
  const { stdout } = await run(["explain", folder.path("tenant-7.json"), "--default", other]);
  assert.match(
    stdout.replaceAll(/\s+/g, " "),
    /\(group tenant-\*\): failureThreshold\. From .*%2A\.json: nothing\./,
  );
});

Deno.test("explain: R28: of breakers.json, each entry with the group among them", async () => {
  await using folder = await policyFiles({
    "breakers.json": { "a*": { failureThreshold: 3 }, ab: {}, b: {} },
  });
  const { stdout } = await run(["explain", folder.path("breakers.json")]);
  assert.equal([...stdout.matchAll(/After 3 failures in a row/g)].length, 2);
});
