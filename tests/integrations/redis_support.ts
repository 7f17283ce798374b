import { Redis } from "npm:ioredis@6.0.0";
import { fromIoredis, type RedisScripts } from "../../integrations/redis/mod.ts";

/** One question as Redis decided it. */
export interface Decided {
  /** Microseconds of Redis's clock. */
  readonly at: number;
  /** Tokens taken; 0: refused. */
  readonly taken: number;
  /** Tokens a second of the rule that was asked by. */
  readonly rate: number;
  /** The most tokens of that rule. */
  readonly capacity: number;
}

/** A client that is closed with the scope. */
export interface OpenRedis extends AsyncDisposable {
  readonly redis: Redis;
  readonly scripts: RedisScripts;
}

/** Connects; what fails is told by the commands, not by events. */
export async function openRedis(url: string): Promise<OpenRedis> {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    lazyConnect: true,
    retryStrategy: () => 50,
  });
  redis.on("error", () => {});
  await redis.connect();
  return {
    redis,
    scripts: fromIoredis(redis),
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => redis.once("end", resolve));
      redis.disconnect();
      if (redis.status !== "end") await ended;
    },
  };
}

/** Hands on to `scripts`, and tells `record` what Redis decided. */
export function recorded(scripts: RedisScripts, record: (decided: Decided) => void): RedisScripts {
  const note = (reply: unknown, args: readonly string[]): unknown => {
    const [allowed, , , , at] = Array.isArray(reply) ? reply.map(Number) : [];
    const [n = 0, capacity = 0, tokens = 0, micros = 1] = args.map(Number);
    const taken = allowed === 1 ? n : 0;
    record({ at: at ?? 0, taken, rate: tokens / micros * 1e6, capacity });
    return reply;
  };
  return {
    evalSha: async (sha1, key, args) => note(await scripts.evalSha(sha1, key, args), args),
    eval: async (script, key, args) => note(await scripts.eval(script, key, args), args),
  };
}

/**
 * By how many tokens any interval exceeds `rate` x t + `capacity`, the worst one; at most 0 where the limit holds.
 *
 * For each question the tokens taken since the start, less those that the rates let flow back since the start, are a
 * level; an interval takes the level's rise within it. Between two questions under different rates the
 * higher one is allowed for, and so is the highest capacity of all.
 */
export function worstExcess(decided: readonly Decided[]): number {
  const sorted = decided.toSorted((a, b) => a.at - b.at);
  const capacity = sorted.reduce((most, one) => Math.max(most, one.capacity), 0);
  let [level, lowest, worst] = [0, 0, -Infinity];
  let before = sorted[0];
  for (const one of sorted) {
    if (before !== undefined) {
      level -= (one.at - before.at) / 1e6 * Math.max(one.rate, before.rate);
    }
    lowest = Math.min(lowest, level);
    level += one.taken;
    if (one.taken > 0) worst = Math.max(worst, level - lowest - capacity);
    before = one;
  }
  return worst;
}
