import type { Breaker } from "../../src/breaker/breaker.ts";
import type { CallOptions } from "../../src/breaker/call_options.ts";
import { BreakerOpenError } from "../../src/breaker/rejection.ts";
import { OptionsCheck } from "../../src/check/check_options.ts";
import type { Emitter } from "../../src/emitter.ts";
import type { Duration } from "../../src/time/duration.ts";
import type { BucketCall } from "./bucket_call.ts";
import { bucketKey } from "./bucket_key.ts";
import type { FailureReport } from "./failure_report.ts";
import type { RedisRateLimiterEvents, RedisRateLimiterListener } from "./limiter_events.ts";
import type { DecisionCounts, RedisRateLimiterStatus } from "./limiter_status.ts";
import type { LocalBuckets } from "./local_buckets.ts";
import type { AllowOptions, DecidedBy, RateLimitDecision } from "./options.ts";
import type { RuleBook } from "./rule_book.ts";
import { UnknownRuleError } from "./rule_errors.ts";
import type { RuleInForce } from "./rule_in_force.ts";

/** When to try again after a failure of which nobody knows when it ends, in milliseconds. */
const RETRY_MS = 1_000;
const CHECK = new OptionsCheck("ask the Redis rate limiter");
const NO_OPTIONS: AllowOptions = {};
const ALLOW_OPTIONS: readonly string[] = Object.keys(
  { n: true, signal: true } satisfies Record<keyof AllowOptions, true>,
);

/** Whatever the provider's breakers take for failures: here it is that Redis does not decide. */
const EVERY_ERROR_FAILS = {
  isIgnored: (): boolean => false,
  isFailure: (): boolean => true,
  isResultFailure: (): boolean => false,
};

/** What a limiter is made of. */
export interface LimiterParts {
  readonly call: BucketCall;
  readonly breaker: Breaker;
  readonly timeout: Duration;
  readonly prefix: string;
  readonly book: RuleBook;
  readonly buckets: LocalBuckets;
  readonly report: FailureReport;
  readonly events: Emitter<RedisRateLimiterEvents>;
}

/**
 * Limits that many processes share through one Redis, under rules that change
 * while the program runs. Created by {@linkcode createRedisRateLimiter}.
 */
export class RedisRateLimiter implements AsyncDisposable {
  readonly #parts: LimiterParts;
  readonly #counts: DecisionCounts = { redis: 0, local: 0, share: 0, failure: 0, refused: 0 };
  /** While the breaker's policy sets a time limit, that one holds. */
  readonly #withPolicysLimit: CallOptions = { ...EVERY_ERROR_FAILS };
  readonly #withOwnLimit: CallOptions;

  /** Created by {@linkcode createRedisRateLimiter}. */
  constructor(parts: LimiterParts) {
    this.#parts = parts;
    this.#withOwnLimit = { ...EVERY_ERROR_FAILS, timeout: parts.timeout };
  }

  /**
   * Takes tokens of a resource's limit, or none. Whatever Redis does, it
   * answers: within the time limit, and at once while the breaker is open.
   *
   * @param resource What is limited, any text: a user, a tenant, an address. Each has the limit for itself.
   * @param rule Name of the rule; a name without a rule of its own has the rule `default`.
   * @param options How many tokens, and the caller's signal.
   * @returns Whether the call may go ahead.
   * @throws {UnknownRuleError} If there is no such rule, and no rule `default`.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `n` is no whole number of at least 0.
   * @throws The signal's reason, at once, if the caller aborts.
   */
  async allow(
    resource: string,
    rule: string = "default",
    options: AllowOptions = NO_OPTIONS,
  ): Promise<RateLimitDecision> {
    checkQuestion(resource, rule, options);
    const { n = 1 } = options;
    const signal = options.signal ?? undefined;
    signal?.throwIfAborted();
    const { book, buckets, prefix } = this.#parts;
    const found = book.find(rule);
    if (found === undefined) throw new UnknownRuleError(rule, [...book.rules.keys()]);
    const key = bucketKey(prefix, rule, resource);
    if (found.mode === "local") return this.#count(buckets.take(key, n, found, "local"));
    return this.#count(await this.#ask(key, n, found, signal));
  }

  /**
   * Calls `listener` with each event of one kind.
   *
   * @returns What removes the listener again.
   * @throws {TypeError} If there is no such event.
   */
  on<K extends keyof RedisRateLimiterEvents>(
    type: K,
    listener: RedisRateLimiterListener<K>,
  ): () => void {
    return this.#parts.events.on(type, listener);
  }

  /** The rules in force, what was refused and why, how the backend and the breaker are, and what was decided so far. */
  status(): RedisRateLimiterStatus {
    const { breaker, book, buckets } = this.#parts;
    const { feed } = book;
    return {
      breaker: breaker.state,
      rules: Object.fromEntries(book.rules),
      documents: [...book.documents()],
      ...(feed && {
        backend: {
          state: feed.state,
          ...(feed.lastError === undefined ? {} : { lastError: feed.lastError }),
        },
      }),
      decisions: { ...this.#counts },
      localResources: buckets.size,
    };
  }

  /** Ends the watch of the rules. Calls go on under the rules that there are; the client stays open. */
  close(): Promise<void> {
    return this.#parts.book.close();
  }

  /** Closes the limiter. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #ask(
    key: string,
    n: number,
    rule: RuleInForce,
    signal: AbortSignal | undefined,
  ): Promise<RateLimitDecision> {
    const { breaker, call, report } = this.#parts;
    const common = breaker.policy.timeout === undefined
      ? this.#withOwnLimit
      : this.#withPolicysLimit;
    try {
      const decision = await breaker.do(
        (limit) => call.take(key, n, rule, limit),
        signal === undefined ? common : { ...common, signal },
      );
      report.succeeded();
      return decision;
    } catch (error) {
      signal?.throwIfAborted();
      report.failed(error);
      return this.#without(key, n, rule, error);
    }
  }

  /** Decides while Redis does not. */
  #without(key: string, n: number, rule: RuleInForce, error: unknown): RateLimitDecision {
    const { onFailure, capacity, shareRate, shareCapacity } = rule;
    const retryMs = (error instanceof BreakerOpenError ? error.retryAfterMs : undefined) ??
      RETRY_MS;
    if (onFailure === "local") {
      const share = { rate: shareRate, capacity: shareCapacity };
      const decision = this.#parts.buckets.take(key, n, share, "share");
      // More than a share ever gives is not more than the limit gives once Redis is back.
      return decision.retryAfterMs === Infinity && n <= capacity
        ? { ...decision, retryAfterMs: retryMs }
        : decision;
    }
    const allowed = onFailure === "allow" && n <= capacity;
    return {
      allowed,
      limit: capacity,
      remaining: 0,
      retryAfterMs: allowed ? 0 : n > capacity ? Infinity : retryMs,
      resetAfterMs: 0,
      by: "failure",
    };
  }

  #count(decision: RateLimitDecision): RateLimitDecision {
    this.#counts[decision.by satisfies DecidedBy]++;
    if (!decision.allowed) this.#counts.refused++;
    return decision;
  }
}

function checkQuestion(resource: string, rule: string, options: AllowOptions): void {
  CHECK.text("resource", resource);
  CHECK.text("rule", rule);
  if (options === NO_OPTIONS) return;
  CHECK.known(options, ALLOW_OPTIONS);
  if (options.n !== undefined) CHECK.integer("n", options.n, { min: 0 });
  CHECK.signal(options.signal);
}
