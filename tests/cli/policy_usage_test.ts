import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import { VERSION } from "../../cli/version.ts";
import { run } from "./captured_io.ts";
import { runOn } from "./policy_support.ts";

const POLICY_COMMANDS = [
  "list",
  "get",
  "set",
  "put",
  "edit",
  "delete",
  "force-open",
  "normal",
  "diff",
  "history",
  "watch",
];

Deno.test("CLI: --help lists the policy commands as one, and doctor", async () => {
  const { stdout } = await run(["--help"]);
  assert.match(stdout, /^ {2}policy COMMAND … /m);
  assert.match(stdout, /^ {2}doctor /m);
});

Deno.test("CLI: policy --help and help policy list every policy command", async () => {
  for (const args of [["policy", "--help"], ["policy", "-h"], ["help", "policy"]]) {
    const { status, stdout } = await run(args);
    assert.equal(status, 0);
    assert.match(stdout, /^Usage: switchgear policy COMMAND/);
    for (const command of POLICY_COMMANDS) {
      assert.match(stdout, new RegExp(`^  policy ${command}( |$)`, "m"));
    }
  }
  assert.equal((await run(["policy", "--version"])).stdout, `switchgear ${VERSION}\n`);
});

for (const name of [...POLICY_COMMANDS.map((command) => `policy ${command}`), "doctor"]) {
  Deno.test(`CLI: ${name} --help shows its usage, and no option for a password in clear`, async () => {
    const words = name.split(" ");
    for (const args of [[...words, "--help"], ["help", ...words]]) {
      const { status, stdout } = await run(args);
      assert.equal(status, 0);
      assert.ok(stdout.startsWith(`Usage: switchgear ${name}`), stdout);
      assert.match(stdout, /--etcd HOST,…/);
      assert.match(stdout, /--json/);
      assert.doesNotMatch(stdout, /--password /);
    }
    assert.equal((await run([...words, "--version"])).stdout, `switchgear ${VERSION}\n`);
  });
}

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [["policy"], /switchgear policy: No command given\nSay "switchgear policy --help"/],
  [["policy", "lits"], /Unknown policy command "lits"; did you mean "list"\?/],
  [["help", "policy", "lits"], /Unknown policy command "lits"; did you mean "list"\?/],
  [["help", "policy", "list", "x"], /Unexpected argument "x"/],
  [["policy", "list", "x"], /Unexpected argument "x"/],
  [["policy", "get"], /Too few arguments; it takes NAME/],
  [["policy", "put", "a"], /Too few arguments; it takes NAME FILE\|-/],
  [["policy", "put", "a", "/nowhere/a.json"], /Cannot read \/nowhere\/a\.json: no such file/],
  [["policy", "set", "a"], /No field=value given/],
  [["policy", "set", "a", "timeout"], /"timeout" must be field=value/],
  [["policy", "set", "a", "=1"], /"=1" must be field=value/],
  [["policy", "set", "a", "halfOpen..x=1"], /must be field=value/],
  [["policy", "watch", "--count", "0"], /--count must be a number of at least 1/],
  [
    ["policy", "set", "a", "--dryrun", "x=1"],
    /Unknown option "--dryrun"; did you mean "--dry-run"\?/,
  ],
  [["doctor", "x"], /Unexpected argument "x"/],
];

for (const [args, message] of WRONG) {
  Deno.test(`CLI: "${args.join(" ")}" is wrong usage, status 2, and says why`, async () => {
    const runs = args[0] === "help" ? run(args) : runOn(memoryBackend({ a: {} }), args);
    const { status, stdout, stderr } = await runs;
    assert.deepEqual({ status, stdout }, { status: 2, stdout: "" });
    assert.match(stderr, message);
  });
}
