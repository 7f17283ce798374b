import type { Fault } from "../../src/check/fault.ts";
import type { Listener } from "../../src/emitter.ts";
import type { LimitRule } from "./limit_rule.ts";

/** A rule came into force, changed, or is gone. */
export interface RuleChangeEvent {
  /** The rule's name. */
  readonly rule: string;
  /** What held before; `undefined`: nothing of this name. */
  readonly from: Readonly<LimitRule> | undefined;
  /** What holds now; `undefined`: nothing of this name. */
  readonly to: Readonly<LimitRule> | undefined;
}

/** A rule document was refused; the last good one, if any, stays in force. */
export interface RuleRefusedEvent {
  /** The rule's name. */
  readonly rule: string;
  /** Where the document stands in the backend. */
  readonly source: string;
  /** Everything that is wrong with it. */
  readonly faults: readonly Fault[];
}

/** Calls were decided without Redis. Announced for the first one, then at most once a minute. */
export interface RedisFailureEvent {
  /** Name of the breaker that the limiter's calls stand behind. */
  readonly breaker: string;
  /** Why the call at hand got no answer, without secrets. */
  readonly reason: string;
  /** Calls decided without Redis since the last announcement, the one at hand included. */
  readonly calls: number;
}

/** Redis decides again. Announced once after each {@linkcode RedisFailureEvent}. */
export interface RedisBackEvent {
  /** Name of the breaker that the limiter's calls stand behind. */
  readonly breaker: string;
  /** Calls decided without Redis since the last announcement. */
  readonly calls: number;
}

/** What a Redis rate limiter announces; nothing of it per call. */
export interface RedisRateLimiterEvents {
  /** A rule came into force, changed, or is gone. */
  ruleChange: RuleChangeEvent;
  /** A rule document was refused. */
  ruleRefused: RuleRefusedEvent;
  /** Calls are decided without Redis. */
  redisFailure: RedisFailureEvent;
  /** Redis decides again. */
  redisBack: RedisBackEvent;
}

/** Is called with each event of one kind. */
export type RedisRateLimiterListener<K extends keyof RedisRateLimiterEvents> = Listener<
  RedisRateLimiterEvents,
  K
>;
