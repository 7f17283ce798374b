// A real server in a real process: this test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const EXAMPLE = fileURLToPath(new URL("../../examples/connect.ts", import.meta.url));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", EXAMPLE, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

Deno.test("examples/connect.ts: calls fail, are refused without reaching the server, and go through again", async () => {
  const startedMs = performance.now();
  const { code, out, err } = await run();
  assert.equal(code, 0, out + err);
  assert.match(out, / ms: \[unavailable\] no database\n/);
  assert.match(out, /\[unavailable\] .*refused the call: it is open .*\[try again in \d+ ms\]\n/);
  assert.match(out, /half-open -> closed \(recovered\)\n/);
  assert.match(out, /\n6 of 8 calls reached the server\.\n/);
  assert.match(out, /All as it must be\.\n$/);
  assert(performance.now() - startedMs < 15_000);
});

Deno.test("examples/connect.ts: --help says how it is used", async () => {
  assert.deepEqual(await run("--help"), {
    code: 0,
    out: "Usage: deno run -A examples/connect.ts [--help]\n",
    err: "",
  });
});

Deno.test("examples/connect.ts: an unknown option is refused", async () => {
  const { code, err } = await run("--fast");
  assert.equal(code, 2);
  assert.match(err, /^Unknown option "--fast"\n/);
});
