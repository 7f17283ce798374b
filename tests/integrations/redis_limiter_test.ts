// A real Redis, and so real time, in what is shown here.
import assert from "node:assert/strict";
import { Redis as Upstash } from "npm:@upstash/redis@1.39.0";
import { createClient } from "npm:redis@5.9.0";
import { memoryBackend } from "../../backends/memory.ts";
import {
  createRedisRateLimiter,
  fromNodeRedis,
  fromUpstash,
  type LimitRule,
  type RedisRateLimiter,
  type RedisRateLimiterOptions,
  type RedisScripts,
} from "../../integrations/redis/mod.ts";
import { getDefaultConfig } from "../../src/provider/config.ts";
import { createProvider } from "../../src/provider/create_provider.ts";
import { REDIS, RedisServer } from "../servers/redis.ts";
import { serverTests } from "../servers/server_tests.ts";
import { openRedis } from "./redis_support.ts";

const test = await serverTests(REDIS);

/** A limiter whose calls may take as long as this machine makes them. */
async function limiterOn(
  client: RedisScripts,
  rules: Record<string, LimitRule>,
  options: Partial<RedisRateLimiterOptions> = {},
): Promise<RedisRateLimiter> {
  const provider = await createProvider(getDefaultConfig("test", "production"), {
    backend: memoryBackend(),
  });
  await provider.close();
  return createRedisRateLimiter({ client, provider, rules, timeout: "5s", ...options });
}

/** What Redis has executed so far, by command. */
function commandCounts(stats: string): Record<string, number> {
  const lines = stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return Object.fromEntries(Array.from(lines, ([, name = "", calls]) => [name, Number(calls)]));
}

const SLOW: LimitRule = { rate: 0.001, capacity: 3 };

test("a question costs one EVALSHA; only the very first costs an EVAL more", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const limiter = await limiterOn(open.scripts, { default: SLOW });
  for (let i = 0; i < 50; i++) await limiter.allow(`user ${i % 10}`);
  const counts = commandCounts(await open.redis.info("commandstats"));
  assert.deepEqual([counts["evalsha"], counts["eval"]], [50, 1]);
  const inScript = ["get", "set", "time", "evalsha", "eval", "info"];
  const others = Object.keys(counts).filter((name) => !inScript.includes(name));
  assert.deepEqual(others.filter((name) => !/^(client|hello|ping)/.test(name)), []);
});

test("a refused question writes nothing", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const limiter = await limiterOn(open.scripts, { default: { rate: 0.001, capacity: 1 } });
  for (let i = 0; i < 20; i++) await limiter.allow("ann");
  assert.equal(commandCounts(await open.redis.info("commandstats"))["set"], 1);
});

test("a decision tells what is left, when to try again, and when all is there again", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const limiter = await limiterOn(open.scripts, { default: SLOW });
  const first = await limiter.allow("ann", undefined, { n: 2 });
  assert.deepEqual(first, {
    allowed: true,
    limit: 3,
    remaining: 1,
    retryAfterMs: 0,
    resetAfterMs: 2_000_000,
    by: "redis",
  });
  const { allowed, remaining, retryAfterMs } = await limiter.allow("ann", undefined, { n: 2 });
  assert.deepEqual([allowed, remaining], [false, 1]);
  assert(retryAfterMs > 990_000 && retryAfterMs <= 1_000_000, String(retryAfterMs));
  assert.equal((await limiter.allow("ann", undefined, { n: 4 })).retryAfterMs, Infinity);
});

test("a bucket that is used up expires when it is full again, and nothing stays behind", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const rule = { rate: 20, capacity: 10 };
  const limiter = await limiterOn(open.scripts, { default: rule });
  for (let i = 0; i < 200; i++) await limiter.allow(`user ${i}`);
  await limiter.allow("ann", undefined, { n: 10 });
  const ttl = await open.redis.pttl("limit:{default:ann}");
  assert(ttl > 100 && ttl <= 502, String(ttl));
  await new Promise((resolve) => setTimeout(resolve, ttl + 50));
  assert.deepEqual(await open.redis.keys("*"), []);
  assert.equal((await limiter.allow("ann", undefined, { n: 10 })).allowed, true);
  // Redis looks for what has expired ten times a second.
  for (let i = 0; i < 100 && await open.redis.dbsize() > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(await open.redis.dbsize(), 0);
});

test("SCRIPT FLUSH under load changes no decision", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const limiter = await limiterOn(open.scripts, { default: { rate: 0.001, capacity: 500 } });
  const asking = Array.from({ length: 1_000 }, () => limiter.allow("ann"));
  for (let i = 0; i < 20; i++) {
    await open.redis.script("FLUSH");
    asking.push(...Array.from({ length: 10 }, () => limiter.allow("ann")));
  }
  const decisions = await Promise.all(asking);
  assert.equal(decisions.filter(({ allowed }) => allowed).length, 500);
  assert.equal(limiter.status().decisions.redis, 1_200);
});

test("after FLUSHALL the limits begin anew, and nothing fails", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const limiter = await limiterOn(open.scripts, { default: SLOW });
  for (let i = 0; i < 4; i++) await limiter.allow("ann");
  await open.redis.flushall();
  const { allowed, remaining, by } = await limiter.allow("ann");
  assert.deepEqual([allowed, remaining, by], [true, 2, "redis"]);
});

test("names of any characters have limits of their own, in keys of one hash tag and bounded length", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const names = [
    "",
    "ann",
    "a:b",
    "a}b",
    "{a}b",
    "a%7d;b",
    "line\nbreak",
    "line\rbreak",
    "\0",
    "::1",
    "日本",
    "\ud83d\ude00",
    "\ud83d",
    "\ude00",
    "\ufffd",
    "x".repeat(100_000),
    "x".repeat(100_001),
    "#",
  ];
  const rules = ["default", "a", "a:b", "b}"];
  const limiter = await limiterOn(open.scripts, { default: { rate: 0.001, capacity: 1 } });
  for (const rule of rules) {
    for (const name of names) {
      assert.equal((await limiter.allow(name, rule)).allowed, true, JSON.stringify([rule, name]));
      assert.equal((await limiter.allow(name, rule)).allowed, false);
    }
  }
  const keys = await open.redis.keys("*");
  assert.equal(keys.length, names.length * rules.length);
  // deno-lint-ignore no-control-regex -- that there are none is what is shown
  for (const key of keys) assert.match(key, /^limit:\{[^{}\u0000-\u001f]{1,300}\}$/);
});

test("a rule that is changed live keeps what was consumed", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  const backend = memoryBackend();
  backend.set("/limits/", "logins", JSON.stringify(SLOW));
  const limiter = await limiterOn(open.scripts, {}, { backend, path: "/limits/" });
  await using _ = limiter;
  await limiter.allow("ann", "logins", { n: 3 });
  const changed = Promise.withResolvers<void>();
  limiter.on("ruleChange", () => changed.resolve());
  backend.set("/limits/", "logins", JSON.stringify({ ...SLOW, capacity: 5 }));
  await changed.promise;
  const { allowed, limit, remaining } = await limiter.allow("ann", "logins");
  assert.deepEqual([allowed, limit, remaining], [true, 5, 1]);
});

test("node-redis does as well as ioredis, after SCRIPT FLUSH too", async () => {
  await using server = await RedisServer.start();
  const redis = createClient({ url: server.url, disableOfflineQueue: true });
  redis.on("error", () => {});
  await redis.connect();
  try {
    const limiter = await limiterOn(fromNodeRedis(redis), { default: SLOW });
    const decisions = [await limiter.allow("ann"), await limiter.allow("ann")];
    await redis.scriptFlush();
    decisions.push(await limiter.allow("ann"), await limiter.allow("ann"));
    assert.deepEqual(decisions.map(({ by }) => by), Array(4).fill("redis"));
    assert.deepEqual(decisions.map(({ remaining }) => remaining), [2, 1, 0, 0]);
  } finally {
    redis.destroy();
  }
});

test("Upstash's client does as well, over HTTP", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  // What Upstash's REST interface does, in front of the real Redis.
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const [command, ...args]: string[] = await request.json();
      try {
        return Response.json({
          result: await open.redis.call(String(command), ...args.map(String)),
        });
      } catch (error) {
        return Response.json({ error: error instanceof Error ? error.message : "" }, {
          status: 400,
        });
      }
    },
  );
  const redis = new Upstash({
    url: `http://127.0.0.1:${http.addr.port}`,
    token: "t",
    responseEncoding: false,
    enableTelemetry: false,
    enableAutoPipelining: false,
  });
  const limiter = await limiterOn(fromUpstash(redis), { default: SLOW });
  const decisions = [await limiter.allow("ann"), await limiter.allow("ann")];
  assert.deepEqual(decisions.map(({ by, remaining }) => [by, remaining]), [["redis", 2], [
    "redis",
    1,
  ]]);
});
