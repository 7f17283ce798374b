/**
 * A rate limiter on Redis, for many processes that share one limit: atomic, by Redis's own clock, in one round
 * trip; its rules are read from a config backend and change while the program runs; and what happens
 * while Redis is away is for each rule to say.
 *
 * It imports no Redis client: it takes yours.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import { createRedisRateLimiter, fromIoredis } from "@switchgear/breaker/redis";
 * import assert from "node:assert/strict";
 *
 * // In a service: new Redis("redis://localhost:6379", { enableOfflineQueue: false }) of ioredis.
 * const redis = {
 *   evalsha: () => Promise.resolve([1, 9, 0, 200_000, 0]),
 *   eval: () => Promise.resolve([1, 9, 0, 200_000, 0]),
 * };
 * // In a service: fileBackend("./config") or etcdBackend({ … }).
 * const backend = memoryBackend();
 * backend.set("/limits/", "logins", JSON.stringify({ rate: 5, capacity: 10, onFailure: "refuse" }));
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "production"), {
 *   backend,
 * });
 * await using limiter = await createRedisRateLimiter({
 *   client: fromIoredis(redis),
 *   provider,
 *   backend,
 *   path: "/limits/",
 *   processes: 4,
 * });
 * const { allowed, remaining } = await limiter.allow("user 7", "logins");
 * assert.deepEqual([allowed, remaining], [true, 9]);
 * ```
 *
 * @module
 */
export { createRedisRateLimiter } from "./create_redis_rate_limiter.ts";
export {
  type LimitMode,
  type LimitRule,
  type OnRedisFailure,
  parseRule,
  parseRuleText,
  type RuleResult,
} from "./limit_rule.ts";
export type {
  RedisBackEvent,
  RedisFailureEvent,
  RedisRateLimiterEvents,
  RedisRateLimiterListener,
  RuleChangeEvent,
  RuleRefusedEvent,
} from "./limiter_events.ts";
export type { DecisionCounts, RedisRateLimiterStatus } from "./limiter_status.ts";
export type {
  AllowOptions,
  DecidedBy,
  RateLimitDecision,
  RedisRateLimiterOptions,
} from "./options.ts";
export { RedisRateLimiter } from "./redis_rate_limiter.ts";
export {
  fromIoredis,
  fromNodeRedis,
  fromUpstash,
  type IoredisLike,
  type NodeRedisLike,
  type NodeRedisScriptOptions,
  type RedisScripts,
  type UpstashLike,
} from "./redis_scripts.ts";
export { RULE_CODEC, ruleCentre } from "./rule_codec.ts";
export type { RuleDocument } from "./rule_store.ts";
export { InvalidRuleError, UnknownRuleError } from "./rule_errors.ts";
