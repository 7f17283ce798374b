// A real server in a real process: this test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const EXAMPLE = fileURLToPath(new URL("../../examples/http_server.ts", import.meta.url));

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

Deno.test("examples/http_server.ts: what is too much is refused, and open breakers are reported", async () => {
  const startedMs = performance.now();
  const { code, out, err } = await run();
  assert.equal(code, 0, out + err);
  assert.match(
    out,
    /ann: 429 Too Many Requests \[RateLimit: "default";r=0;t=2, Retry-After: 2\]\n/,
  );
  assert.match(out, /503 Service Unavailable \[RateLimit: "default";r=2;t=2, Retry-After: 5\]\n/);
  assert.match(out, /\{"name":"https:\/\/payments\.example","state":"open"\}/);
  assert.match(out, /All as it must be\.\n$/);
  assert(performance.now() - startedMs < 15_000);
});

Deno.test("examples/http_server.ts: --help says how it is used", async () => {
  assert.deepEqual(await run("--help"), {
    code: 0,
    out: "Usage: deno run -A examples/http_server.ts [--help]\n",
    err: "",
  });
});

Deno.test("examples/http_server.ts: an unknown option is refused", async () => {
  const { code, err } = await run("--fast");
  assert.equal(code, 2);
  assert.match(err, /^Unknown option "--fast"\n/);
});
