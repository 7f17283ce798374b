/**
 * The two commands that the limiter needs of a Redis client. One client library
 * differs from the next in how it takes keys and arguments; {@linkcode fromIoredis},
 * {@linkcode fromNodeRedis} and {@linkcode fromUpstash} adapt the usual ones, and any other
 * can be adapted in two lines.
 */
export interface RedisScripts {
  /** Runs the script of a digest by `EVALSHA`; rejects with Redis's `NOSCRIPT` error where it is not loaded. */
  evalSha(sha1: string, key: string, args: readonly string[]): Promise<unknown>;
  /** Runs a script by `EVAL`, which also loads it. */
  eval(script: string, key: string, args: readonly string[]): Promise<unknown>;
}

/** What is used of an `ioredis` client, a single server's or a cluster's. */
export interface IoredisLike {
  /** `EVALSHA`. */
  evalsha(sha1: string, keys: number, ...keysAndArgs: string[]): Promise<unknown>;
  /** `EVAL`. */
  eval(script: string, keys: number, ...keysAndArgs: string[]): Promise<unknown>;
}

/** How `redis` takes the keys and arguments of a script. */
export interface NodeRedisScriptOptions {
  /** `KEYS`. */
  keys: string[];
  /** `ARGV`. */
  arguments: string[];
}

/** What is used of a client, cluster or pool of the package `redis`. */
export interface NodeRedisLike {
  /** `EVALSHA`. */
  evalSha(sha1: string, options: NodeRedisScriptOptions): Promise<unknown>;
  /** `EVAL`. */
  eval(script: string, options: NodeRedisScriptOptions): Promise<unknown>;
}

/** What is used of an `@upstash/redis` client, which talks HTTP. */
export interface UpstashLike {
  /** `EVALSHA`. */
  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>;
  /** `EVAL`. */
  eval(script: string, keys: string[], args: string[]): Promise<unknown>;
}

/**
 * Adapts a client of the package `ioredis`.
 *
 * Create it with `enableOfflineQueue: false`: otherwise it holds back what is asked while Redis is
 * away, and asks it all when Redis is back, on behalf of calls that were long decided otherwise.
 *
 * @example Usage
 * ```ts ignore
 * import { Redis } from "ioredis";
 * import { fromIoredis } from "@switchgear/breaker/redis";
 *
 * const client = fromIoredis(new Redis("redis://localhost:6379", { enableOfflineQueue: false }));
 * ```
 *
 * @param client The client, which stays the caller's to close.
 * @returns What a limiter takes.
 */
export function fromIoredis(client: IoredisLike): RedisScripts {
  return {
    evalSha: (sha1, key, args) => client.evalsha(sha1, 1, key, ...args),
    eval: (script, key, args) => client.eval(script, 1, key, ...args),
  };
}

/**
 * Adapts a client of the package `redis` (node-redis), version 4 or later.
 *
 * Create it with `disableOfflineQueue: true`, for the reason given at {@linkcode fromIoredis}.
 *
 * @example Usage
 * ```ts ignore
 * import { createClient } from "redis";
 * import { fromNodeRedis } from "@switchgear/breaker/redis";
 *
 * const redis = createClient({ url: "redis://localhost:6379", disableOfflineQueue: true });
 * redis.on("error", () => {});
 * const client = fromNodeRedis(await redis.connect());
 * ```
 *
 * @param client The client, which stays the caller's to close.
 * @returns What a limiter takes.
 */
export function fromNodeRedis(client: NodeRedisLike): RedisScripts {
  return {
    evalSha: (sha1, key, args) => client.evalSha(sha1, { keys: [key], arguments: [...args] }),
    eval: (script, key, args) => client.eval(script, { keys: [key], arguments: [...args] }),
  };
}

/**
 * Adapts a client of the package `@upstash/redis`, or another that takes keys and arguments as two
 * arrays.
 *
 * @example Usage
 * ```ts ignore
 * import { Redis } from "@upstash/redis";
 * import { fromUpstash } from "@switchgear/breaker/redis";
 *
 * const client = fromUpstash(Redis.fromEnv());
 * ```
 *
 * @param client The client.
 * @returns What a limiter takes.
 */
export function fromUpstash(client: UpstashLike): RedisScripts {
  return {
    evalSha: (sha1, key, args) => client.evalsha(sha1, [key], [...args]),
    eval: (script, key, args) => client.eval(script, [key], [...args]),
  };
}
