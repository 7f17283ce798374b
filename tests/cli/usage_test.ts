import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import denoJson from "../../deno.json" with { type: "json" };
import { VERSION } from "../../cli/version.ts";
import { DENO, denoCommand, environmentOfThisMachine } from "../programs/deno_command.ts";
import { run } from "./captured_io.ts";
import { policyFiles } from "./policy_files.ts";

const COMMANDS = ["validate", "explain", "schema", "demo"];

Deno.test("CLI: the version is that of deno.json", () => {
  assert.equal(VERSION, denoJson.version);
});

Deno.test("CLI: --help and help list every command", async () => {
  for (const args of [["--help"], ["-h"], ["help"]]) {
    const { status, stdout, stderr } = await run(args);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command} `, "m"));
  }
});

for (
  const [args, sameAs] of [
    [["policy", "help"], ["policy", "--help"]],
    [["policy", "help", "set"], ["policy", "set", "--help"]],
    [["help", "policy"], ["policy", "--help"]],
    [["help", "policy", "set"], ["policy", "set", "--help"]],
  ] as const
) {
  Deno.test(`CLI: "${args.join(" ")}" says what "${sameAs.join(" ")}" says`, async () => {
    const { status, stdout, stderr } = await run(args);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    assert.match(stdout, /^Usage: switchgear policy/);
    assert.equal(stdout, (await run(sameAs)).stdout);
  });
}

for (const command of COMMANDS) {
  Deno.test(`CLI: ${command} --help shows its usage and its options`, async () => {
    for (const args of [[command, "--help"], [command, "-h"], ["help", command]]) {
      const { status, stdout } = await run(args);
      assert.equal(status, 0);
      assert.match(stdout, new RegExp(`^Usage: switchgear ${command}`));
      assert.match(stdout, /-h, --help/);
      assert.match(stdout, /-V, --version/);
    }
  });

  Deno.test(`CLI: ${command} --version shows the version`, async () => {
    const { status, stdout } = await run([command, "--version"]);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: `switchgear ${VERSION}\n` });
  });
}

Deno.test("CLI: --version shows the version", async () => {
  assert.equal((await run(["--version"])).stdout, `switchgear ${VERSION}\n`);
});

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /No command given/],
  [["valdiate"], /Unknown command "valdiate"; did you mean "validate"\?/],
  [["qqqqqqq"], /Unknown command "qqqqqqq"\n/],
  [["help", "explian"], /Unknown command "explian"; did you mean "explain"\?/],
  [["help", "demo", "x"], /Unexpected argument "x"/],
  [["policy", "help", "sett"], /Unknown policy command "sett"; did you mean "set"\?/],
  [["policy", "help", "set", "x"], /Unexpected argument "x"/],
  [["--hlep"], /Unknown option "--hlep"; did you mean "--help"\?/],
  [["validate"], /No file or folder given/],
  [["validate", "--jsno", "x"], /Unknown option "--jsno"; did you mean "--json"\?/],
  [["validate", "-x"], /Unknown option "-x"/],
  [["validate", "--json=yes", "x"], /--json takes no value/],
  [["validate", "--env", "prodution", "x"], /"prodution"; did you mean "production"\?/],
  [["explain"], /No policy given/],
  [["explain", "{}", "{}"], /Unexpected argument "\{\}"/],
  [["explain", "{}", "--default"], /--default needs a value: --default FILE/],
  [["explain", "--default", "--env", "production", "{}"], /--default needs a value/],
  [["explain", "{}", "--env="], /--env needs a value: --env production\|development/],
  [["schema", "policy"], /Unexpected argument "policy"/],
  [["demo", "quick"], /Unexpected argument "quick"/],
  [["demo", "--fsat"], /Unknown option "--fsat"; did you mean "--fast"\?/],
];

for (const [args, message] of WRONG) {
  Deno.test(`CLI: "${args.join(" ")}" is wrong usage, status 2, and says why`, async () => {
    const { status, stdout, stderr } = await run(args);
    assert.deepEqual({ status, stdout }, { status: 2, stdout: "" });
    assert.match(stderr, message);
    assert.match(stderr, /--help" for help/);
  });
}

// The real process, because only there the streams, the arguments and the exit status are real.
Deno.test("CLI: a real process reads its input, writes its output and exits with its status", async () => {
  const main = fileURLToPath(new URL("../../cli/mod.ts", import.meta.url));
  const child = denoCommand({
    args: ["run", "-A", main, "explain", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode('{ "failureTreshold": 3 }'));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assert.equal(code, 1);
  assert.equal(new TextDecoder().decode(stdout), "");
  assert.match(new TextDecoder().decode(stderr), /did you mean failureThreshold\?/);
});

// A full disk is real on Linux alone: /dev/full refuses every byte.
for (
  const args of [["schema"], ["--help"], ["policy", "list"], ["policy", "list", "--json"]]
) {
  Deno.test({
    name: `CLI: "${args.join(" ")}" that cannot write says so, and exits with 1`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      await using folder = await policyFiles({ "a.json": {} });
      const main = fileURLToPath(new URL("../../cli/mod.ts", import.meta.url));
      const { code, stderr } = await new Deno.Command("sh", {
        args: ["-c", 'exec "$0" "$@" >/dev/full', DENO, "run", "-A", main, ...args],
        clearEnv: true,
        env: { ...environmentOfThisMachine(), SWITCHGEAR_FILE: folder.policies },
      }).output();
      const text = new TextDecoder().decode(stderr);
      assert.equal(text, "switchgear: Cannot write the output: no space is left on the device\n");
      assert.equal(code, 1);
    },
  });
}
