// Real processes and servers: each test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { NATS } from "../servers/nats.ts";
import { POSTGRES } from "../servers/postgres.ts";
import { REDIS } from "../servers/redis.ts";
import { serverTests } from "../servers/server_tests.ts";
import { runExample } from "./run_example.ts";

for (const [peer, request] of Object.entries({ postgres: POSTGRES, redis: REDIS, nats: NATS })) {
  const test = await serverTests(request);
  test(`example guard: ${peer} goes away under load, calls fail fast, and it comes back`, async () => {
    const { code, out, err } = await runExample("guard", { args: [peer] });
    assert.equal(code, 0, out + err);
    assert.match(out + err, /healthy +[1-9]\d* served, 0 failed, 0 refused/);
    assert.match(out + err, /during the outage .* [1-9]\d* refused, half of them within \d+ µs/);
    assert.match(out + err, /breaker: half-open -> closed/);
    assert.match(out + err, /afterwards +[1-9]\d* served, 0 failed, 0 refused/);
  });
}

Deno.test("example guard: --help says how it is used", async () => {
  const { code, out, err } = await runExample("guard", { args: ["--help"] });
  assert.equal(code, 0);
  assert.match(out + err, /^Usage: deno run -A examples\/guard\.ts/);
});

Deno.test("example guard: an unknown server is wrong usage", async () => {
  const { code, out, err } = await runExample("guard", { args: ["mysql"] });
  assert.equal(code, 2);
  assert.match(out + err, /Unknown server "mysql"\nUsage:/);
});
