/**
 * A database, a cache and a queue behind guards: real servers that are killed or frozen under
 * load, clients that fail fast meanwhile, and breakers that close when the servers are back.
 *
 * Run it from a clone: `deno run -A examples/guard.ts`, with `postgres`, `redis` or `nats` for
 * that one alone.
 *
 * Exit status: 0 all went so; 1 it did not; 2 wrong usage, or there is no server to run.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { jetstream, jetstreamManager } from "npm:@nats-io/jetstream@3.4.0";
import { connect } from "npm:@nats-io/transport-node@3.4.0";
import { Redis } from "npm:ioredis@6.0.0";
// @ts-types="npm:@types/pg@8.23.1"
import pg from "npm:pg@8.23.1";
import { memoryBackend } from "../backends/memory.ts";
import { guard } from "../integrations/guard/mod.ts";
import { createProvider, getDefaultConfig, type Policy, type Provider } from "../mod.ts";
// The example is run from a clone, so that it may unpack and run servers as the tests do.
import { provideBinary } from "../tests/servers/debian_package.ts";
import { NATS, NatsServer } from "../tests/servers/nats.ts";
import { POSTGRES, PostgresServer } from "../tests/servers/postgres.ts";
import { REDIS, RedisServer } from "../tests/servers/redis.ts";
import { tellOutage } from "./guard/outage_story.ts";

const USAGE = "Usage: deno run -A examples/guard.ts [postgres] [redis] [nats] [--help]";
const POLICY: Policy = { failureThreshold: 5, openStateTimeout: "300ms", timeout: "250ms" };
const STORIES = { postgres, redis, nats } as const;
const BINARIES = { postgres: POSTGRES, redis: REDIS, nats: NATS } as const;

type Peer = keyof typeof STORIES;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const peers = peersOf(args);
  if (typeof peers === "string") {
    console.error(`${peers}\n${USAGE}`);
    return 2;
  }
  if (peers.length === 0) {
    console.log(USAGE);
    return 0;
  }
  for (const peer of peers) {
    const binary = await provideBinary(BINARIES[peer]);
    if (binary.available) continue;
    console.error(`There is no ${peer} to run: ${binary.reason}`);
    return 2;
  }
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  await using provider = await createProvider(getDefaultConfig("shop", "development"), {
    backend: memoryBackend({ default: POLICY }),
    logger: quiet,
  });
  let went = true;
  for (const peer of peers) went = await STORIES[peer](provider) && went;
  console.log(went ? "\nAll calls fared as they should." : "\nNot all went as it should.");
  return went ? 0 : 1;
}

/** What to show, nothing for help, or what is wrong with the arguments. */
function peersOf(args: readonly string[]): Peer[] | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { help: { type: "boolean" } },
      allowPositionals: true,
    });
    if (values.help) return [];
    const all: Peer[] = ["postgres", "redis", "nats"];
    const unknown = positionals.find((name) => !all.some((peer) => peer === name));
    if (unknown !== undefined) return `Unknown server ${JSON.stringify(unknown)}`;
    return positionals.length === 0 ? all : all.filter((peer) => positionals.includes(peer));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function postgres(provider: Provider): Promise<boolean> {
  await using server = await PostgresServer.start();
  const pool = guard(new pg.Pool({ connectionString: server.url, max: 4 }), provider, {
    name: "orders-db",
  });
  pool.on("error", () => {}); // of idle connections that the server has lost
  try {
    return await tellOutage({
      title: "PostgreSQL by npm:pg, killed with SIGKILL",
      breaker: provider.getBreaker("orders-db"),
      call: () => pool.query("select 1"),
      down: { how: "killed", run: () => server.kill() },
      up: () => server.start(),
      write: console.log,
    });
  } finally {
    await pool.end();
  }
}

async function redis(provider: Provider): Promise<boolean> {
  await using server = await RedisServer.start();
  const cache = guard(new Redis(server.url, { retryStrategy: () => 50 }), provider, {
    name: "cache",
  });
  cache.on("error", () => {}); // each attempt to connect tells
  try {
    return await tellOutage({
      title: "Redis by npm:ioredis, frozen with SIGSTOP",
      breaker: provider.getBreaker("cache"),
      call: () => cache.incr("visits"),
      down: { how: "frozen", run: () => server.pause() },
      up: () => server.resume(),
      write: console.log,
    });
  } finally {
    await cache.quit();
  }
}

async function nats(provider: Provider): Promise<boolean> {
  await using server = await NatsServer.start();
  const connection = await connect({
    servers: server.address,
    reconnectTimeWait: 50,
    maxReconnectAttempts: -1,
  });
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: "ORDERS", subjects: ["orders.>"] });
    const orders = guard(jetstream(connection), provider, { name: "orders-queue" });
    return await tellOutage({
      title: "NATS JetStream by npm:@nats-io/jetstream, killed with SIGKILL",
      breaker: provider.getBreaker("orders-queue"),
      call: () => orders.publish("orders.new", "order"),
      down: { how: "killed", run: () => server.kill() },
      up: () => server.start(),
      write: console.log,
    });
  } finally {
    await connection.close();
  }
}
