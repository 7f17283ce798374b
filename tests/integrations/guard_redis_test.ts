// A real Redis and its clients, whose time is the system's.
import assert from "node:assert/strict";
import { Redis } from "npm:ioredis@6.0.0";
import { createClient } from "npm:redis@6.3.1";
import { guard } from "../../integrations/guard/mod.ts";
import { REDIS, RedisServer } from "../servers/redis.ts";
import { serverTests } from "../servers/server_tests.ts";
import { until } from "../support/until.ts";
import { connectionsTo, endure, Load, OUTAGES, quickProvider } from "./guard_outage.ts";

const test = await serverTests(REDIS);

for (const outage of OUTAGES) {
  test(`guard: ioredis under load while Redis is ${outage}`, async () => {
    await using server = await RedisServer.start();
    await using provider = await quickProvider();
    const cache = guard(
      new Redis(server.url, { maxRetriesPerRequest: 1, retryStrategy: () => 50 }),
      provider,
      { name: "cache" },
    );
    cache.on("error", () => {}); // each attempt to connect tells
    await cache.set("key", "value");
    {
      await using load = new Load(() => cache.incr("count"));
      await endure(server, { outage, breaker: provider.getBreaker("cache"), load });
    }
    assert.equal(await connectionsTo(server.port), 1);
    await cache.quit();
    await until(async () => await connectionsTo(server.port) === 0, "no socket is left");
  });

  test(`guard: node-redis under load while Redis is ${outage}`, async () => {
    await using server = await RedisServer.start();
    await using provider = await quickProvider();
    const client = createClient({
      url: server.url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: () => 50 },
    });
    client.on("error", () => {}); // each attempt to connect tells
    const cache = await guard(client, provider, { name: "cache" }).connect();
    {
      await using load = new Load(() => cache.incr("count"));
      await endure(server, { outage, breaker: provider.getBreaker("cache"), load });
    }
    assert.equal(await connectionsTo(server.port), 1);
    await cache.close();
    await until(async () => await connectionsTo(server.port) === 0, "no socket is left");
  });
}

test("guard: Redis's answers are no failures, its lack of replicas is one", async () => {
  await using server = await RedisServer.start();
  await using provider = await quickProvider();
  const one = guard(new Redis(server.url), provider, { name: "ioredis" });
  const other = await guard(createClient({ url: server.url }), provider, { name: "redis" })
    .connect();
  try {
    await one.set("text", "value");
    await assert.rejects(one.lpush("text", "a"), /WRONGTYPE/);
    await assert.rejects(other.lPush("text", "a"), /WRONGTYPE/);
    await one.config("SET", "min-replicas-to-write", "1");
    await assert.rejects(one.set("text", "b"), /NOREPLICAS/);
    await assert.rejects(other.set("text", "b"), /NOREPLICAS/);
    for (const name of ["ioredis", "redis"]) {
      assert.equal(provider.getBreaker(name).counts.failures, 1, name);
    }
  } finally {
    await one.quit();
    await other.close();
  }
});

test("guard: pipelines, transactions and subscriptions of ioredis run as before", async () => {
  await using server = await RedisServer.start();
  await using provider = await quickProvider();
  const cache = guard(new Redis(server.url), provider, { name: "cache" });
  const listener = guard(new Redis(server.url), provider, { name: "cache" });
  try {
    assert.deepEqual(await cache.pipeline().set("a", "1").get("a").exec(), [[null, "OK"], [
      null,
      "1",
    ]]);
    assert.deepEqual(await cache.multi().incr("a").exec(), [[null, 2]]);
    const heard = new Promise((resolve) => listener.on("message", (_, text) => resolve(text)));
    await listener.subscribe("news");
    await cache.publish("news", "hello");
    assert.equal(await heard, "hello");
  } finally {
    await cache.quit();
    await listener.quit();
  }
});
