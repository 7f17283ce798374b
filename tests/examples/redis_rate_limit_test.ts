// A real Redis and real processes: this test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { REDIS } from "../servers/redis.ts";
import { serverTests } from "../servers/server_tests.ts";

const test = await serverTests(REDIS);
const EXAMPLE = fileURLToPath(new URL("../../examples/redis_rate_limit.ts", import.meta.url));

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

test("examples/redis_rate_limit.ts: four processes share a limit, also when it is edited and Redis hangs", async () => {
  const { code, out, err } = await run();
  assert.equal(code, 0, out + err);
  const deciders = Array.from(out.matchAll(/decided by (\w+)/g), ([, by]) => by);
  assert.deepEqual(deciders, ["redis", "redis", "share", "redis"]);
  assert.match(out, /All as it must be\.\n$/);
});

test("examples/redis_rate_limit.ts: --help says how it is used", async () => {
  const { code, out } = await run("--help");
  assert.deepEqual([code, out], [0, "Usage: deno run -A examples/redis_rate_limit.ts [--help]\n"]);
});

test("examples/redis_rate_limit.ts: an unknown option is refused", async () => {
  const { code, err } = await run("--fast");
  assert.equal(code, 2);
  assert.match(err, /Unknown option "--fast"\n/);
});
