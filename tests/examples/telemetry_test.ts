// Real processes that export in real time: this test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const EXAMPLE = fileURLToPath(new URL("../../examples/telemetry.ts", import.meta.url));

async function run(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", EXAMPLE, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  return {
    code,
    stdout: new TextDecoder().decode(stdout),
    stderr: new TextDecoder().decode(stderr),
  };
}

Deno.test("the telemetry example shows an outage by log, OpenTelemetry and Prometheus alike", async () => {
  const { code, stdout, stderr } = await run();
  assert.equal(stderr, "");
  assert.equal(code, 0, stdout);
  assert.match(stdout, /Breaker "http:user-service" is open: .*trace_id [\da-f]{32}\)\n/);
  assert.match(stdout, /\n {2}transitions open +([1-9]\d*) +\1\n/);
  assert.match(stdout, /switchgear\.breaker\.rejection +[1-9]/);
  assert.match(stdout, /All three tell the same\.\n$/);
});

const USAGES: readonly [args: string[], code: number, said: RegExp][] = [
  [["--help"], 0, /^Usage: deno run -A examples\/telemetry\.ts/],
  [["--fast"], 2, /--fast[^]*Usage: deno run -A examples\/telemetry\.ts/],
];

for (const [args, expected, said] of USAGES) {
  Deno.test(`the telemetry example with ${args} ends with ${expected}`, async () => {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, expected);
    assert.match(stdout + stderr, said);
  });
}
