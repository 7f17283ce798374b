import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { policyFiles } from "./policy_files.ts";
import { RacingBackend } from "./policy_racing_backend.ts";
import { BACKENDS, contentOf, PREFIX, runOn } from "./policy_support.ts";

for (const kind of BACKENDS) {
  Deno.test(`policy on ${kind.name}: list shows the mode in force, what is set and what is refused`, async () => {
    await using opened = await kind.open({
      default: { mode: "metrics-only" },
      users: { mode: "forced-open", failureThreshold: 3 },
      wrong: { failureThreshold: -1 },
      quiet: {},
    });
    const { status, stdout } = await runOn(opened.backend, ["policy", "list"]);
    assert.equal(status, 0);
    const lines = stdout.split("\n");
    assert.match(lines[0] ?? "", /^NAME +MODE +REVISION +SETS$/);
    assert.match(stdout, /^users +forced-open +\w+ +mode=forced-open failureThreshold=3$/m);
    assert.match(stdout, /^quiet +metrics-only +\w+ +nothing$/m);
    assert.match(stdout, /^wrong +refused +\w+ +1 fault: /m);
    const columns = lines.slice(0, 5).map((line) =>
      line.search(/MODE|metrics-only|forced-open|refused/)
    );
    assert.equal(new Set(columns).size, 1, "the columns are aligned");
    const listed = JSON.parse((await runOn(opened.backend, ["policy", "list", "--json"])).stdout);
    assert.deepEqual(
      listed.policies.map(({ name, mode }: { name: string; mode: string | null }) => [name, mode]),
      [["default", "metrics-only"], ["quiet", "metrics-only"], ["users", "forced-open"], [
        "wrong",
        null,
      ]],
    );
  });

  Deno.test(`policy on ${kind.name}: get prints the text, --json the rest too`, async () => {
    await using opened = await kind.open({ a: '{ "timeout":"1s" }\n', wrong: "{" });
    const plain = await runOn(opened.backend, ["policy", "get", "a"]);
    assert.deepEqual([plain.status, plain.stdout], [0, '{ "timeout":"1s" }\n']);
    const json = JSON.parse((await runOn(opened.backend, ["policy", "get", "a", "--json"])).stdout);
    assert.deepEqual([json.name, json.policy, json.faults], ["a", { timeout: "1s" }, []]);
    const wrong = await runOn(opened.backend, ["policy", "get", "wrong"]);
    assert.deepEqual([wrong.status, wrong.stdout], [0, "{\n"]);
    assert.match(wrong.stderr, /refused:/);
  });

  Deno.test(`policy on ${kind.name}: get --effective merges, and says where each field comes from`, async () => {
    await using opened = await kind.open({
      default: { timeout: "2s", halfOpen: { probeTimeout: "5s" } },
      a: { halfOpen: { maxProbes: 3 }, openStateTimeout: 90_000 },
    });
    const { stdout } = await runOn(opened.backend, ["policy", "get", "a", "--effective"]);
    assert.match(stdout, /^timeout +2s +\S*default\S*$/m);
    assert.match(stdout, /^halfOpen\.maxProbes +3 +\S*a(\.json)?$/m);
    assert.doesNotMatch(stdout, /probeTimeout/);
    assert.match(stdout, /^openStateTimeout +1m30s +\S*a(\.json)?$/m);
    assert.match(stdout, /^failureThreshold +5 +environment$/m);
    const other = await runOn(opened.backend, ["policy", "get", "b", "--effective", "--json"]);
    assert.equal(other.status, 0);
    assert.equal(JSON.parse(other.stdout).policy.timeout, 2_000);
  });

  Deno.test(`policy on ${kind.name}: watch tells what stands there, then each change`, async () => {
    await using opened = await kind.open({ a: { failureThreshold: 3 } });
    const { backend } = opened;
    let written: Promise<string> | undefined;
    const lines = await runOn(
      Object.assign(Object.create(backend), {
        read: (prefix: string) => backend.read(prefix),
        watch: async function* (prefix: string, request: { signal?: AbortSignal }) {
          for await (const update of backend.watch(prefix, request)) {
            yield update;
            written ??= backend.put(PREFIX, "a", '{"failureThreshold":4}');
          }
        },
      }),
      ["policy", "watch", "--count", "2"],
    );
    await written;
    assert.equal(lines.status, 0, lines.stderr);
    assert.match(lines.stdout, /^\S+Z {2}a {2}revision \w+ {2}failureThreshold=3\n/);
    assert.match(lines.stdout, /\n\S+Z {2}a {2}revision \w+ {2}failureThreshold 3 -> 4\n$/);
  });

  Deno.test(`policy on ${kind.name}: watch --json prints one object on each line`, async () => {
    await using opened = await kind.open({ a: { failureThreshold: 3 }, b: "{" });
    const { stdout } = await runOn(opened.backend, ["policy", "watch", "--count", "2", "--json"]);
    const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    const [a, b] = events.sort((x, y) => x.name < y.name ? -1 : 1);
    assert.deepEqual([a.kind, a.policy, b.policy, b.faults.length], [
      "put",
      { failureThreshold: 3 },
      null,
      1,
    ]);
    const one = await runOn(opened.backend, ["policy", "watch", "b", "--count", "1"]);
    assert.match(one.stdout, /b {2}revision \S+ {2}refused: /);
  });

  Deno.test(`policy on ${kind.name}: diff holds a file against the store, or the policy against default`, async () => {
    await using opened = await kind.open({
      default: { timeout: "2s" },
      a: { failureThreshold: 3 },
    });
    await using folder = await policyFiles({
      "a.json": { failureThreshold: 4 },
      "bad.json": { x: 1 },
    });
    const file = await runOn(opened.backend, ["policy", "diff", "a", folder.path("a.json")]);
    assert.equal(file.status, 0);
    assert.match(file.stdout, /failureThreshold +3 +4\n/);
    const merged = await runOn(opened.backend, ["policy", "diff", "a", "--json"]);
    assert.deepEqual(JSON.parse(merged.stdout).changes, [
      { field: "failureThreshold", before: 5, after: 3 },
    ]);
    const same = await runOn(opened.backend, ["policy", "diff", "a", "-"], {
      stdin: '{"failureThreshold":3}',
    });
    assert.match(same.stdout, /No difference\./);
    const bad = await runOn(opened.backend, ["policy", "diff", "a", folder.path("bad.json")]);
    assert.equal(bad.status, 1);
    assert.match(bad.stderr, /bad\.json: \$\.x/);
  });

  Deno.test(`policy on ${kind.name}: history is not kept there`, async () => {
    await using opened = await kind.open({ a: {} });
    const { status, stderr } = await runOn(opened.backend, ["policy", "history", "a"]);
    assert.equal(status, 1);
    assert.match(stderr, /remembers no versions/);
  });
}

Deno.test("policy history: the versions newest first, each with what it changed", async () => {
  const backend = new RacingBackend({}, [], [
    { revision: "5", text: '{"mode":"forced-open"}' },
    { revision: "4", text: undefined },
    { revision: "3", text: '{"timeout":1,"minimumCalls":2}' },
    { revision: "2", text: "{" },
    { revision: "1", text: '{"timeout":1}' },
  ]);
  const { status, stdout } = await runOn(backend, ["policy", "history", "a"]);
  assert.equal(status, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 6);
  assert.match(lines[1] ?? "", /^5 +created: mode=forced-open$/);
  assert.match(lines[2] ?? "", /^4 +deleted$/);
  assert.match(lines[3] ?? "", /^3 +mended: /);
  assert.match(lines[4] ?? "", /^2 +invalid: /);
  assert.match(lines[5] ?? "", /^1 +as far back as is remembered: timeout=1$/);
  const json = JSON.parse((await runOn(backend, ["policy", "history", "a", "--json"])).stdout);
  assert.deepEqual(json.versions[1], { revision: "4", text: null, deleted: true });
  assert.equal((await runOn(new RacingBackend({}), ["policy", "history", "a"])).status, 1);
});

Deno.test("policy: breakers.json is read, and what hides it or makes it unknown is said", async () => {
  const backend = memoryBackend({ a: {} });
  backend.setCollection(PREFIX, { a: { timeout: "1s" }, b: { timeout: "2s" } });
  const { stdout } = await runOn(backend, ["policy", "list"]);
  assert.match(stdout, /^b +normal +\d+ \(collection\) +timeout=2s$/m);
  assert.match(stdout, /^a +normal +\d+ +nothing$/m);
  const deleted = await runOn(backend, ["policy", "delete", "a", "--yes"]);
  assert.match(deleted.stdout, /Its entry in breakers\.json then holds/);
  backend.setCollection(PREFIX, "[]");
  const { status, stderr } = await runOn(backend, ["policy", "get", "b"]);
  assert.equal(status, 1);
  assert.match(stderr, /is invalid, so its policies are not known/);
});

const MISSING = [["get", "usres"], ["diff", "usres"], ["delete", "usres", "--yes"]];

for (const args of MISSING) {
  Deno.test(`policy ${args[0]}: what is not there is status 1, with the nearest name`, async () => {
    const backend = memoryBackend({ users: {} });
    const { status, stderr } = await runOn(backend, ["policy", ...args]);
    assert.equal(status, 1);
    assert.match(stderr, /There is no policy usres; did you mean users\?/);
    const json = await runOn(backend, ["policy", ...args, "--json"]);
    assert.equal(JSON.parse(json.stdout).error.kind, "not-found");
    assert.deepEqual(await contentOf(backend), { users: {} });
  });
}

const ON_ANYTHING = [
  ["policy", "list"],
  ["policy", "get", "a"],
  ["policy", "set", "a", "timeout=1s"],
  ["policy", "put", "a", "-"],
  ["policy", "edit", "a"],
  ["policy", "delete", "a", "--yes"],
  ["policy", "force-open", "a"],
  ["policy", "normal", "a"],
  ["policy", "diff", "a"],
  ["policy", "watch"],
];

for (const args of ON_ANYTHING) {
  Deno.test(`${args.join(" ")}: a backend out of reach is status 2, in text and in JSON`, async () => {
    const backend = memoryBackend();
    backend.fail();
    const options = { stdin: "{}", env: { EDITOR: "true" } };
    const { status, stderr, stdout } = await runOn(backend, [...args, "--json"], options);
    assert.equal(status, 2);
    assert.equal(JSON.parse(stdout).error.kind, "backend");
    assert.match(stderr, /Cannot reach memory\(\): it is down/);
  });
}

Deno.test("policy: colour only where output may be coloured, and never in JSON", async () => {
  const backend = memoryBackend({ a: { mode: "forced-open" } });
  for (const command of [["policy", "list"], ["policy", "diff", "a"], ["doctor"]]) {
    const coloured = await runOn(backend, command, { color: true });
    assert.ok(coloured.stdout.includes("\x1b[31m") || coloured.stdout.includes("\x1b[33m"));
    const plain = await runOn(backend, command);
    assert.ok(!plain.stdout.includes("\x1b"));
    const json = await runOn(backend, [...command, "--json"], { color: true });
    assert.ok(!json.stdout.includes("\x1b"));
  }
});
