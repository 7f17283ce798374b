import type { Logger } from "../../src/log.ts";
import type { ConfigBackend } from "../../src/provider/backend.ts";
import type { Provider } from "../../src/provider/provider.ts";
import type { Clock } from "../../src/time/clock.ts";
import type { Duration } from "../../src/time/duration.ts";
import type { LimitRule } from "./limit_rule.ts";
import type { RedisScripts } from "./redis_scripts.ts";

/** What a Redis rate limiter takes. */
export interface RedisRateLimiterOptions {
  /** The Redis client, adapted by `fromIoredis`, `fromNodeRedis`, `fromUpstash` or by hand. It stays the caller's to close. */
  client: RedisScripts;
  /** Gives the breaker that the limiter's own calls stand behind. */
  provider: Pick<Provider, "getBreaker">;
  /** Rules in code by name, which hold where the backend has none of that name. @default {} */
  rules?: Readonly<Record<string, LimitRule>> | undefined;
  /** Where rule documents are; they are followed live. @default none */
  backend?: ConfigBackend | undefined;
  /** Prefix of the rules in a key-value backend; a file backend's folder is its own root. @default "/config/limits/" */
  path?: string | undefined;
  /** How long the first load of the rules may take. @default "5s" */
  loadTimeout?: Duration | undefined;
  /** What to do when the backend cannot be read at start: reject, or start on the rules in code and keep trying. @default "reject" */
  onLoadFailure?: "reject" | "use-rules" | undefined;
  /** Name of the breaker. @default "redis-rate-limit" */
  breaker?: string | undefined;
  /** Time limit of one call to Redis where the breaker's policy sets none. @default "250ms" */
  timeout?: Duration | undefined;
  /** Processes that share the limits, for the local share of rules that do not say. @default 1 */
  processes?: number | undefined;
  /** Begins every key in Redis. @default "limit:" */
  prefix?: string | undefined;
  /** Resources whose local limits are remembered at most. @default 10_000 */
  maxResources?: number | undefined;
  /** The clock of what is counted locally, and of waits; what is counted in Redis goes by Redis's. @default systemClock */
  clock?: Clock | undefined;
  /** Hears of rules that change or are refused, and of Redis failing, at most once a minute. @default errors and warnings on the console */
  logger?: Logger | undefined;
}

/** What one question takes. */
export interface AllowOptions {
  /** Tokens to take, all or none. @default 1 */
  n?: number | undefined;
  /** The caller's own signal: aborting it rejects at once with its reason; the tokens may be taken all the same. */
  signal?: AbortSignal | null | undefined;
}

/**
 * Who decided: Redis (`redis`); this process, as the rule's mode is `local` (`local`); this process by its local share,
 * as Redis did not answer (`share`); or the rule's `onFailure`, which then lets everything through or nothing (`failure`).
 */
export type DecidedBy = "redis" | "local" | "share" | "failure";

/** Whether a call may go ahead, and what there is to tell about it. */
export interface RateLimitDecision {
  /** Whether it may; its tokens are then taken. */
  readonly allowed: boolean;
  /** Tokens that can be taken at once at most: of the limit, or of the local share that decided. */
  readonly limit: number;
  /** Whole tokens that are left; 0 where nobody knows. */
  readonly remaining: number;
  /** Whole milliseconds until as many tokens may be there; 0 if allowed, infinite if it asks for more than the limit ever gives. */
  readonly retryAfterMs: number;
  /** Whole milliseconds until all tokens are there again, if none are taken; 0 where nobody knows. */
  readonly resetAfterMs: number;
  /** Who decided. */
  readonly by: DecidedBy;
}
