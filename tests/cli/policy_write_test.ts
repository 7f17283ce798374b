import assert from "node:assert/strict";
import {
  BACKENDS,
  contentOf,
  type Documents,
  PREFIX,
  runOn,
  type RunOptions,
} from "./policy_support.ts";
import { RacingBackend } from "./policy_racing_backend.ts";

interface WriteCase {
  readonly name: string;
  readonly before?: Documents;
  readonly args: readonly string[];
  readonly options?: RunOptions;
  readonly status?: number;
  /** What stands there afterwards. */
  readonly after: Readonly<Record<string, unknown>>;
  readonly stdout?: RegExp;
  readonly stderr?: RegExp;
}

const WINDOW = { kind: "count", size: 50 } as const;

const WRITES: readonly WriteCase[] = [
  {
    name: "set changes fields, keeps the others and shows before and after",
    before: { a: { failureThreshold: 3, timeout: "1s" } },
    args: ["policy", "set", "a", "failureThreshold=7", "mode=metrics-only"],
    after: { a: { failureThreshold: 7, timeout: "1s", mode: "metrics-only" } },
    stdout: /failureThreshold +3 +7\nmode +\(inherited\) +metrics-only\n[^]*Written: revision /,
  },
  {
    name: "set writes a policy that is not there yet, and says so",
    before: { payments: {} },
    args: ["policy", "set", "paymnts", "timeout=2s"],
    after: { payments: {}, paymnts: { timeout: "2s" } },
    stderr: /no policy was called paymnts before; did you mean payments\?/,
  },
  {
    name: "set --dry-run shows the difference and writes nothing",
    before: { a: { failureThreshold: 3 } },
    args: ["policy", "set", "a", "failureThreshold=7", "--dry-run"],
    after: { a: { failureThreshold: 3 } },
    stdout: /failureThreshold +3 +7\n[^]*Nothing was written: --dry-run\./,
  },
  {
    name: "set of what was inherited anyhow says that nothing changes in force",
    before: { a: {} },
    args: ["policy", "set", "a", "mode=normal"],
    after: { a: { mode: "normal" } },
    stdout: /mode +\(inherited\) +normal\n\nIn force nothing changes\.\n\nWritten: revision /,
  },
  {
    name: "set of a ramp says that there is no limit to the probes then",
    before: { a: {} },
    args: ["policy", "set", "a", 'ramp={"calls":1,"per":"1m"}'],
    after: { a: { ramp: { calls: 1, per: "1m" } } },
    stdout:
      /In force with it:\n\nFIELD.*\nhalfOpen\.maxProbes +1 +no limit\nramp\.calls +\(off\) +1\n/,
  },
  {
    name: "set of a ramp's end says what the limit is again",
    before: { a: { ramp: { calls: 1, per: "1m" } } },
    args: ["policy", "set", "a", "ramp=null"],
    after: { a: { ramp: null } },
    stdout:
      /In force with it:\n\nFIELD.*\nramp\.calls +1 +\(off\)\n[^]*\nhalfOpen\.maxProbes +no limit +1\n/,
  },
  {
    name: "set reaches inner fields, and makes and drops their object",
    before: { a: { halfOpen: { probeTimeout: "5s" } }, b: { halfOpen: { maxProbes: 2 } } },
    args: ["policy", "set", "a", "halfOpen.maxProbes=3", "openBackoff.jitter=0.1"],
    after: {
      a: { halfOpen: { probeTimeout: "5s", maxProbes: 3 }, openBackoff: { jitter: 0.1 } },
      b: { halfOpen: { maxProbes: 2 } },
    },
  },
  {
    name: "set field= removes, and an object goes with its last field",
    before: { a: { timeout: "1s", halfOpen: { maxProbes: 2 } } },
    args: ["policy", "set", "a", "timeout=", "halfOpen.maxProbes="],
    after: { a: {} },
    stdout: /timeout +1s +\(inherited\)/,
  },
  {
    name: "set field=null turns off what default hands down",
    before: { a: {}, default: { ramp: { calls: 1, per: "1m" } } },
    args: ["policy", "set", "a", "ramp=null"],
    after: { a: { ramp: null }, default: { ramp: { calls: 1, per: "1m" } } },
    stdout: /In force with it:[^]*ramp\.per +1m +\(off\)/,
  },
  {
    name: "set of another window.kind starts the window anew",
    before: { a: { window: WINDOW } },
    args: ["policy", "set", "a", "window.kind=time", "window.duration=30s"],
    after: { a: { window: { kind: "time", duration: "30s" } } },
  },
  {
    name: "set of the same window.kind keeps the window",
    before: { a: { window: WINDOW } },
    args: ["policy", "set", "a", "window.kind=count"],
    after: { a: { window: WINDOW } },
    stdout: /Nothing to change\./,
  },
  {
    name: "set refuses what would not be a valid policy, with every fault",
    before: { a: { failureThreshold: 3 } },
    args: ["policy", "set", "a", "failureThreshold=-1", "timout=1s"],
    status: 1,
    after: { a: { failureThreshold: 3 } },
    stderr: /2 faults; nothing was written\na: \$\.failureThreshold\n[^]*did you mean timeout\?/,
  },
  {
    name: "set takes a field called __proto__ for the unknown field that it is",
    before: { a: {} },
    args: ["policy", "set", "a", "__proto__.mode=disabled"],
    status: 1,
    after: { a: {} },
    stderr: /\$\.__proto__/,
  },
  {
    name: "set refuses to change an invalid policy in part",
    before: { a: "{" },
    args: ["policy", "set", "a", "timeout=1s"],
    status: 1,
    after: { a: "{" },
    stderr: /invalid, and cannot be changed in part[^]*\$\n {2}found/,
  },
  {
    name: "set --revision refuses another revision",
    before: { a: {} },
    args: ["policy", "set", "a", "timeout=1s", "--revision", "12345"],
    status: 1,
    after: { a: {} },
    stderr: /is at revision \w+, not 12345; nothing was written/,
  },
  {
    name: "put --revision none writes only where nothing stands",
    before: { a: {} },
    args: ["policy", "put", "a", "-", "--revision", "none"],
    options: { stdin: '{ "timeout": "1s" }' },
    status: 1,
    after: { a: {} },
    stderr: /not none; nothing was written/,
  },
  {
    name: "put writes what comes from the standard input",
    args: ["policy", "put", "a", "-"],
    options: { stdin: '{ "timeout": "1s" }' },
    after: { a: { timeout: "1s" } },
  },
  {
    name: "put replaces an invalid policy",
    before: { a: "{" },
    args: ["policy", "put", "a", "-"],
    options: { stdin: "{}" },
    after: { a: {} },
  },
  {
    name: "put refuses a policy with faults, and writes nothing",
    before: { a: { timeout: "1s" } },
    args: ["policy", "put", "a", "-"],
    options: { stdin: '{ "timeout": 1, "timeout": 2 }' },
    status: 1,
    after: { a: { timeout: "1s" } },
    stderr: /standard input: \$\.timeout\n {2}found +a second time/,
  },
  {
    name: "put --dry-run writes nothing",
    before: { a: {} },
    args: ["policy", "put", "a", "-", "--dry-run"],
    options: { stdin: '{ "timeout": "1s" }' },
    after: { a: {} },
  },
  {
    name: "force-open sets the mode and keeps the rest",
    before: { a: { failureThreshold: 3 } },
    args: ["policy", "force-open", "a"],
    after: { a: { failureThreshold: 3, mode: "forced-open" } },
  },
  {
    name: "force-open of what is forced open already writes nothing",
    before: { a: { mode: "forced-open" } },
    args: ["policy", "force-open", "a"],
    after: { a: { mode: "forced-open" } },
    stdout: /forced-open already/,
  },
  {
    name: "force-open writes its own mode also where default says the same",
    before: { a: {}, default: { mode: "forced-open" } },
    args: ["policy", "force-open", "a"],
    after: { a: { mode: "forced-open" }, default: { mode: "forced-open" } },
  },
  {
    name: "force-open --dry-run shows the difference and writes nothing",
    before: { a: { failureThreshold: 3 } },
    args: ["policy", "force-open", "a", "--dry-run"],
    after: { a: { failureThreshold: 3 } },
    stdout:
      /mode +\(inherited\) +forced-open\n[^]*mode +normal +forced-open\n\nNothing was written: --dry-run\./,
  },
  {
    name: "normal --dry-run shows the difference and writes nothing",
    before: { a: { mode: "forced-open" } },
    args: ["policy", "normal", "a", "--dry-run"],
    after: { a: { mode: "forced-open" } },
    stdout: /mode +forced-open +normal\n[^]*Nothing was written: --dry-run\./,
  },
  {
    name: "normal sets the mode and keeps the rest",
    before: { a: { failureThreshold: 3, mode: "forced-open" } },
    args: ["policy", "normal", "a"],
    after: { a: { failureThreshold: 3, mode: "normal" } },
  },
  {
    name: "normal wins over a default that is not",
    before: { default: { mode: "forced-open" } },
    args: ["policy", "normal", "a"],
    after: { a: { mode: "normal" }, default: { mode: "forced-open" } },
  },
  {
    name: "normal makes no policy where that is in force already",
    args: ["policy", "normal", "a"],
    after: {},
    stderr: /a has no policy of its own/,
  },
  {
    name: "delete --yes deletes",
    before: { a: {}, b: {} },
    args: ["policy", "delete", "a", "--yes"],
    after: { b: {} },
    stdout: /^a: deleted/,
  },
  {
    name: "delete asks, and deletes on yes",
    before: { a: {} },
    args: ["policy", "delete", "a"],
    options: { answer: "y" },
    after: {},
    stderr: /Delete .*\? The default policy then holds\. \[y\/N\]/,
  },
  {
    name: "delete asks, and keeps on anything else",
    before: { a: {} },
    args: ["policy", "delete", "a"],
    options: { answer: "" },
    status: 1,
    after: { a: {} },
    stderr: /Not deleted/,
  },
  {
    name: "delete wants --yes where nobody is there to be asked",
    before: { a: {} },
    args: ["policy", "delete", "a"],
    status: 2,
    after: { a: {} },
    stderr: /say --yes/,
  },
  {
    name: "delete of what is not there",
    before: { a: {} },
    args: ["policy", "delete", "b", "--yes"],
    status: 1,
    after: { a: {} },
    stderr: /There is no policy b/,
  },
];

for (const kind of BACKENDS) {
  for (const { name, before = {}, args, options, status = 0, after, stdout, stderr } of WRITES) {
    Deno.test(`policy on ${kind.name}: ${name}`, async () => {
      await using opened = await kind.open(before);
      const result = await runOn(opened.backend, args, options);
      assert.equal(result.status, status, result.stderr);
      assert.deepEqual(await contentOf(opened.backend), after);
      if (stdout !== undefined) assert.match(result.stdout, stdout);
      if (stderr !== undefined) assert.match(result.stderr, stderr);
    });
  }

  Deno.test(`policy on ${kind.name}: names with any text are written, shown and deleted`, async () => {
    for (
      const name of ["/user.UserService/GetUser", "用户服务", "..", "", "a=b c", "-x", "\u001b[31m"]
    ) {
      await using opened = await kind.open({});
      const set = await runOn(opened.backend, ["policy", "set", "--", name, "timeout=1s"]);
      assert.equal(set.status, 0, set.stderr);
      assert.deepEqual(await contentOf(opened.backend), { [name]: { timeout: "1s" } });
      const listed = await runOn(opened.backend, ["policy", "list", "--json"]);
      assert.equal(JSON.parse(listed.stdout).policies[0].name, name);
      const shown = await runOn(opened.backend, ["policy", "list"]);
      assert.ok(
        !(set.stdout + set.stderr + shown.stdout).includes("\u001b"),
        "no escape reaches a terminal",
      );
      assert.equal(
        (await runOn(opened.backend, ["policy", "delete", "--yes", "--", name])).status,
        0,
      );
      assert.deepEqual(await contentOf(opened.backend), {});
    }
  });
}

for (const args of [["set", "a", "timeout=1s"], ["put", "a", "-", "--revision", "1"]]) {
  Deno.test(`policy ${args[0]}: whoever is first wins, and the other is told`, async () => {
    const backend = new RacingBackend({ a: {} }, [{ failureThreshold: 9 }]);
    const { status, stderr } = await runOn(backend, ["policy", ...args], {
      stdin: '{"minimumCalls":1}',
    });
    assert.equal(status, 1);
    assert.match(stderr, /changed by somebody else meanwhile; nothing was written/);
    assert.deepEqual(await contentOf(backend), { a: { failureThreshold: 9 } });
  });
}

Deno.test("policy force-open: keeps the change of somebody who was first", async () => {
  const backend = new RacingBackend({ a: {} }, [{ failureThreshold: 9 }, { minimumCalls: 4 }]);
  assert.equal((await runOn(backend, ["policy", "force-open", "a"])).status, 0);
  assert.deepEqual(await contentOf(backend), { a: { minimumCalls: 4, mode: "forced-open" } });
});

Deno.test("policy force-open: gives up where others are always first", async () => {
  const races = Array.from({ length: 9 }, (_, at) => ({ minimumCalls: at + 1 }));
  const { status, stderr } = await runOn(
    new RacingBackend({ a: {} }, races),
    ["policy", "force-open", "a"],
  );
  assert.equal(status, 1);
  assert.match(stderr, /first, 5 times; nothing was written/);
});

Deno.test("policy force-open: an entry of breakers.json gets a document of its own with all its fields", async () => {
  const backend = new RacingBackend({});
  backend.setCollection(PREFIX, { a: { failureThreshold: 3 } });
  const { status, stderr } = await runOn(backend, ["policy", "force-open", "a"]);
  assert.equal(status, 0);
  assert.match(stderr, /its entry in .* stays; a document of its own wins over it/);
  assert.deepEqual(await contentOf(backend), {
    breakers: { a: { failureThreshold: 3 } },
    a: { failureThreshold: 3, mode: "forced-open" },
  });
});

Deno.test("policy delete: an entry of breakers.json is not deleted", async () => {
  const backend = new RacingBackend({});
  backend.setCollection(PREFIX, { a: {} });
  const { status, stderr } = await runOn(backend, ["policy", "delete", "a", "--yes"]);
  assert.equal(status, 1);
  assert.match(stderr, /it is an entry of/);
});
