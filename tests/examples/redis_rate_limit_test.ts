// A real Redis and real processes: this test takes the seconds that the example takes.
import assert from "node:assert/strict";
import { REDIS } from "../servers/redis.ts";
import { serverTests } from "../servers/server_tests.ts";
import { runExample } from "./run_example.ts";

const test = await serverTests(REDIS);

test("examples/redis_rate_limit.ts: four processes share a limit, also when it is edited and Redis hangs", async () => {
  const { code, out, err } = await runExample("redis_rate_limit");
  assert.equal(code, 0, out + err);
  const deciders = Array.from(out.matchAll(/decided by (\w+)/g), ([, by]) => by);
  assert.deepEqual(deciders, ["redis", "redis", "share", "redis"]);
  assert.match(out, /All as it must be\.\n$/);
});
