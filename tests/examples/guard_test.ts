// Real processes and servers: each test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { NATS } from "../servers/nats.ts";
import { POSTGRES } from "../servers/postgres.ts";
import { REDIS } from "../servers/redis.ts";
import { serverTests } from "../servers/server_tests.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/guard.ts", import.meta.url));

async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", EXAMPLE, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

for (const [peer, request] of Object.entries({ postgres: POSTGRES, redis: REDIS, nats: NATS })) {
  const test = await serverTests(request);
  test(`example guard: ${peer} goes away under load, calls fail fast, and it comes back`, async () => {
    const { code, text } = await run(peer);
    assert.equal(code, 0, text);
    assert.match(text, /healthy +[1-9]\d* served, 0 failed, 0 refused/);
    assert.match(text, /during the outage .* [1-9]\d* refused, half of them within \d+ µs/);
    assert.match(text, /breaker: half-open -> closed/);
    assert.match(text, /afterwards +[1-9]\d* served, 0 failed, 0 refused/);
  });
}

Deno.test("example guard: --help says how it is used", async () => {
  const { code, text } = await run("--help");
  assert.equal(code, 0);
  assert.match(text, /^Usage: deno run -A examples\/guard\.ts/);
});

Deno.test("example guard: an unknown server is wrong usage", async () => {
  const { code, text } = await run("mysql");
  assert.equal(code, 2);
  assert.match(text, /Unknown server "mysql"\nUsage:/);
});
