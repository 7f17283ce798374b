// A real Redis that is killed or paused under load: real time cannot be avoided.
import assert from "node:assert/strict";
import { memoryBackend } from "../../backends/memory.ts";
import {
  createRedisRateLimiter,
  type RateLimitDecision,
  type RedisRateLimiter,
} from "../../integrations/redis/mod.ts";
import { getDefaultConfig } from "../../src/provider/config.ts";
import { createProvider } from "../../src/provider/create_provider.ts";
import { REDIS, RedisServer } from "../servers/redis.ts";
import { serverTests } from "../servers/server_tests.ts";
import { until } from "../support/until.ts";
import { openRedis } from "./redis_support.ts";

const test = await serverTests(REDIS);

const RULES = {
  open: { rate: 1_000, capacity: 1_000, onFailure: "allow" },
  shut: { rate: 1_000, capacity: 1_000, onFailure: "refuse" },
  shared: { rate: 400, capacity: 40, onFailure: "local", processes: 4 },
} as const;
type RuleName = keyof typeof RULES;
const NAMES = ["open", "shut", "shared"] as const;

const OUTAGES = {
  "killed and started again": {
    begin: (server: RedisServer) => server.kill(),
    end: (server: RedisServer) => server.start(),
  },
  "paused and resumed": {
    begin: (server: RedisServer) => server.pause(),
    end: (server: RedisServer) => Promise.resolve(server.resume()),
  },
};

interface Seen {
  readonly rule: RuleName;
  readonly at: number;
  readonly tookMs: number;
  readonly decision: RateLimitDecision;
}

/** Asks by all rules without pause, each answer awaited, until it is told to stop. */
class Load {
  readonly seen: Seen[] = [];
  readonly #asking: Promise<unknown>;
  #stopped = false;

  constructor(limiter: RedisRateLimiter) {
    this.#asking = Promise.all(
      NAMES.flatMap((rule) => [this.#ask(limiter, rule), this.#ask(limiter, rule)]),
    );
  }

  /** Whether the last so many answers are all by Redis. */
  isDecidedByRedis(count: number): boolean {
    const last = this.seen.slice(-count);
    return last.length === count && last.every(({ decision }) => decision.by === "redis");
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#asking;
  }

  async #ask(limiter: RedisRateLimiter, rule: RuleName): Promise<void> {
    while (!this.#stopped) {
      const at = performance.now();
      const decision = await limiter.allow("ann", rule);
      this.seen.push({ rule, at, tookMs: performance.now() - at, decision });
      await pause(1);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

for (const [title, outage] of Object.entries(OUTAGES)) {
  test(`Redis ${title} under load: each rule does what it says, at once, and Redis decides again`, async () => {
    await using server = await RedisServer.start({ password: "s3cret-pass" });
    await using open = await openRedis(server.url);
    const lines: unknown[] = [];
    const write = (...line: unknown[]): void => void lines.push(line);
    await using provider = await createProvider(getDefaultConfig("test", "production"), {
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: write },
      backend: memoryBackend({
        "redis-rate-limit": { openStateTimeout: "300ms", successThreshold: 1, timeout: "400ms" },
      }),
    });
    await using limiter = await createRedisRateLimiter({
      client: open.scripts,
      provider,
      rules: RULES,
      logger: { debug: write, info: write, warn: write, error: write },
    });
    const breaker = provider.getBreaker("redis-rate-limit");
    const load = new Load(limiter);
    await until(() => load.isDecidedByRedis(100), "Redis decides");
    lines.length = 0; // what a busy machine may have made of the start

    const began = performance.now();
    await outage.begin(server);
    await until(() => breaker.state === "open", "the breaker opens");
    const opened = performance.now();
    await pause(900);
    const ended = performance.now();
    await outage.end(server);
    await until(() => breaker.state === "closed", "Redis decides again");
    await until(() => load.isDecidedByRedis(50), "Redis decides all");
    await load.stop();

    assert(opened - began < 2_000, `open after ${opened - began} ms`);
    const during = load.seen.filter(({ at, tookMs }) => at > opened && at + tookMs < ended);
    const by = (rule: RuleName): RateLimitDecision[] =>
      during.filter((one) => one.rule === rule).map(({ decision }) => decision);
    assert(during.length > 100, `${during.length} answers`);
    assert(by("open").every((decision) => decision.allowed && decision.by === "failure"));
    assert(by("shut").every((decision) => !decision.allowed && decision.by === "failure"));
    assert(by("shared").every((decision) => decision.by === "share"));
    const taken = by("shared").filter(({ allowed }) => allowed).length;
    const most = 100 * (ended - opened) / 1_000 + 10;
    assert(taken > 0.2 * most && taken <= most + 1, `${taken} of at most ${most}`);
    // Probes wait for the time limit; all others are answered at once.
    const times = during.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)] ?? Infinity;
    assert(median < 100, `median ${median} ms`);
    assert((times.at(-1) ?? Infinity) < 2_000);
    // One line for the outage and one for its end, whatever the number of calls.
    assert(lines.length <= 2 + NAMES.length, JSON.stringify(lines));
    assert.doesNotMatch(JSON.stringify(lines), /s3cret/);
  });
}

test("Redis started again has lost the script and the counts, and decides all the same", async () => {
  await using server = await RedisServer.start();
  await using open = await openRedis(server.url);
  await using provider = await createProvider(getDefaultConfig("test", "production"), {
    backend: memoryBackend(),
  });
  await using limiter = await createRedisRateLimiter({
    client: open.scripts,
    provider,
    rules: { default: { rate: 0.001, capacity: 2 } },
    timeout: "5s",
  });
  await limiter.allow("ann");
  await server.kill();
  await server.start();
  await until(() => open.redis.status === "ready", "the client is back");
  const { by, remaining } = await limiter.allow("ann");
  assert.deepEqual([by, remaining], ["redis", 1]);
});
