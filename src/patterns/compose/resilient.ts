import { createBreaker } from "../../breaker/create_breaker.ts";
import type { BreakerSettings } from "../../breaker/host/settings.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Duration } from "../../time/duration.ts";
import { createBulkhead } from "../bulkhead/bulkhead.ts";
import type { BulkheadOptions } from "../bulkhead/bulkhead_options.ts";
import {
  createFallback,
  type Fallback,
  type FallbackHandler,
  type FallbackOptions,
} from "../fallback.ts";
import type { Layer } from "../layer.ts";
import { createTokenBucket, type TokenBucketOptions } from "../rate_limit/token_bucket.ts";
import { createRetry } from "../retry/retry.ts";
import type { RetryOptions } from "../retry/retry_options.ts";
import type { RetryPolicy } from "../retry/retry_policy.ts";
import type { RetryShorthand } from "../retry/retry_shorthand.ts";
import { createTimeout, type TimeoutOptions } from "../timeout/timeout.ts";
import type { ComposeOptions } from "./compose_options.ts";
import { ComposedCall } from "./composed_call.ts";
import type { ResilientCall } from "./resilient_call.ts";
import { checkResilientOptions, type ResilientOptions, withCommon } from "./resilient_options.ts";

/** The places of a composition, outermost first. */
const ORDER = [
  "fallback",
  "rateLimit",
  "bulkhead",
  "timeout",
  "breaker",
  "retry",
  "attemptTimeout",
] as const;

type Place = (typeof ORDER)[number];
type Places<F> = { readonly [P in Place]?: Layer<F> };

/**
 * Collects the layers of a call, in any order, and puts them in theirs. Created
 * by {@linkcode resilient}. Each step gives a new builder and leaves this one
 * as it is, so that one can be the base of several; what they have in common they then share.
 *
 * @typeParam T What operations may resolve to.
 * @typeParam F What the fallback answers; `never` where there is none.
 */
export class ResilientBuilder<T, F = never> {
  readonly #common: ResilientOptions;
  readonly #places: Places<F>;

  /** Created by {@linkcode resilient}. */
  constructor(common: ResilientOptions, places: Places<F> = {}) {
    this.#common = common;
    this.#places = places;
  }

  /**
   * Limits how many calls begin in a stretch of time.
   *
   * @param limiter A rate limiter of any kind, or the options of a token bucket.
   * @returns A builder with it.
   * @throws {TypeError} If there is a rate limit already, or an option is unknown or of the wrong type.
   * @throws {RangeError} If an option is out of range.
   */
  rateLimit(limiter: Layer | TokenBucketOptions): ResilientBuilder<T, F> {
    if (isLayer(limiter)) return this.#with("rateLimit", limiter);
    const options = withCommon(limiter, this.#common, ["name", "clock"]);
    return this.#with("rateLimit", createTokenBucket(options));
  }

  /**
   * Limits how many calls run at once.
   *
   * @param bulkhead A bulkhead, or the options of one.
   * @returns A builder with it.
   * @throws {TypeError} If there is a bulkhead already, or an option is unknown or of the wrong type.
   * @throws {RangeError} If an option is out of range.
   */
  bulkhead(bulkhead: Layer | BulkheadOptions): ResilientBuilder<T, F> {
    if (isLayer(bulkhead)) return this.#with("bulkhead", bulkhead);
    const options = withCommon(bulkhead, this.#common, ["name", "clock", "logger"]);
    return this.#with("bulkhead", createBulkhead(options));
  }

  /**
   * Limits how long a call takes, all its attempts together, waits for the rate limit and the bulkhead not included.
   * A call that it ends is a timeout for the breaker inside.
   *
   * @param limit A timeout, or the longest that a call may take.
   * @param options What else the timeout takes. @default {}
   * @returns A builder with it.
   * @throws {TypeError} If there is a timeout already, or an option is unknown or of the wrong type.
   * @throws {RangeError} If `limit` is no duration above 0.
   */
  timeout(limit: Layer | Duration, options?: TimeoutOptions): ResilientBuilder<T, F> {
    if (isLayer(limit)) return this.#with("timeout", limit, options);
    const all = withCommon(options ?? {}, this.#common, ["name", "clock"]);
    return this.#with("timeout", createTimeout(limit, all));
  }

  /**
   * Refuses calls while the dependency is failing.
   *
   * @param breaker A breaker, such as a provider's, or the name of a new one.
   * @param policy The policy of a new one. @default {}
   * @param settings What else a new one takes. @default {}
   * @returns A builder with it.
   * @throws {TypeError} If there is a breaker already, or a setting is unknown or of the wrong type.
   * @throws {InvalidPolicyError} If the policy is invalid.
   */
  breaker(
    breaker: Layer | string,
    policy?: Policy,
    settings?: BreakerSettings,
  ): ResilientBuilder<T, F> {
    if (isLayer(breaker)) return this.#with("breaker", breaker, policy ?? settings);
    const all = withCommon(settings ?? {}, this.#common, ["clock", "logger", "random"]);
    return this.#with("breaker", createBreaker(breaker, policy, all));
  }

  /**
   * Runs the operation again when it fails. The breaker sees one call, with the outcome of the last attempt.
   *
   * @param policy A retry, when to try again and after how long, or the shorthand for it. @default {}
   * @param options What else the retry takes. @default {}
   * @returns A builder with it.
   * @throws {TypeError} If there is a retry already, or an option is unknown or of the wrong type.
   * @throws {RangeError} If an option is out of range.
   */
  retry(
    policy: Layer | RetryPolicy | RetryShorthand = {},
    options?: RetryOptions,
  ): ResilientBuilder<T, F> {
    if (isLayer(policy)) return this.#with("retry", policy, options);
    const all = withCommon(options ?? {}, this.#common, ["name", "clock", "logger", "random"]);
    return this.#with("retry", createRetry(policy, all));
  }

  /**
   * Limits how long one attempt takes, so that one that hangs leaves time for the next.
   *
   * @param limit A timeout, or the longest that an attempt may take.
   * @param options What else the timeout takes. @default {}
   * @returns A builder with it.
   * @throws {TypeError} If there is one already, or an option is unknown or of the wrong type.
   * @throws {RangeError} If `limit` is no duration above 0.
   */
  attemptTimeout(limit: Layer | Duration, options?: TimeoutOptions): ResilientBuilder<T, F> {
    if (isLayer(limit)) return this.#with("attemptTimeout", limit, options);
    const all = withCommon(options ?? {}, this.#common, ["name", "clock"]);
    return this.#with("attemptTimeout", createTimeout(limit, all));
  }

  /**
   * Answers in place of a call that failed, whichever layer it failed at.
   *
   * @typeParam G What it answers.
   * @param fallback A fallback, such as `cache.layer(key)`, or what answers, given the error.
   * @returns A builder with it.
   * @throws {TypeError} If there is a fallback already, or an option is unknown or of the wrong type.
   */
  fallback<G>(fallback: Fallback<G>): ResilientBuilder<T, G>;
  /** Answers by `layer` in place of a call that failed. */
  fallback<G>(layer: Layer<G>): ResilientBuilder<T, G>;
  /** Answers by `handler`, which is given the error, in place of a call that failed. */
  fallback<G>(handler: FallbackHandler<G>, options?: FallbackOptions): ResilientBuilder<T, G>;
  fallback<G>(
    fallback: Layer<G> | FallbackHandler<G>,
    options?: FallbackOptions,
  ): ResilientBuilder<T, G> {
    if (isLayer(fallback)) return this.#with("fallback", fallback, options);
    const all = withCommon(options ?? {}, this.#common, ["name", "logger"]);
    return this.#with("fallback", createFallback(fallback, all));
  }

  /**
   * Puts the layers together. Orders cannot be wrong here, but settings can: one that is known to be
   * is warned of, once, as by `pipeline`. A builder that builds twice makes two calls that share their layers.
   *
   * @param options What the composition takes, besides what the builder was given. @default {}
   * @returns The call.
   * @throws {TypeError} If an option is unknown or of the wrong type.
   */
  build(options: ComposeOptions = {}): ResilientCall<T, F> {
    const layers = ORDER.flatMap((place) => this.#places[place] ?? []);
    return new ComposedCall<F>(layers, withCommon(options, this.#common, ["name", "logger"]));
  }

  #with<G>(place: Place, layer: Layer<G>, options?: unknown): ResilientBuilder<T, F | G> {
    if (options !== undefined) {
      throw new TypeError(`Cannot build resilient call: the layer "${place}" has its own options`);
    }
    if (this.#places[place] !== undefined) {
      throw new TypeError(`Cannot build resilient call: there is a layer "${place}" already`);
    }
    return new ResilientBuilder<T, F | G>(this.#common, { ...this.#places, [place]: layer });
  }
}

/**
 * Builds a call out of layers that stand in the order which is right for most
 * calls, whatever the order of the steps. Each is optional, and may be given once:
 *
 * ```text
 * fallback             answers for all that goes wrong inside of it
 * └ rate limit         so many calls begin in a stretch of time
 *   └ bulkhead         so many calls run at once
 *     └ timeout        so long a call may take, all attempts together
 *       └ breaker      no calls while the dependency is failing
 *         └ retry      several attempts, which the breaker sees as one call
 *           └ attempt timeout   so long one attempt may take
 *             └ operation
 * ```
 *
 * What waits or is refused at a limit costs the dependency nothing, and is none of its failures, so
 * the breaker is inside the limits. A breaker that refuses ends the call, because the retry is
 * inside of it. For another order, or for other layers, use `pipeline`: a hedge, for one, stands
 * around the breaker.
 *
 * @example Usage
 * ```ts
 * import { resilient } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const getUser = resilient<{ name: string }>({ name: "users" })
 *   .rateLimit({ rate: 100, maxWait: "1s" })
 *   .bulkhead({ maxConcurrent: 10 })
 *   .timeout("5s")
 *   .breaker("users")
 *   .retry({ maxRetries: 2, backoff: "100ms" }, { maxRetryAfter: "1s" })
 *   .attemptTimeout("2s")
 *   .fallback(() => ({ name: "nobody" }))
 *   .build();
 * assert.deepEqual(await getUser.do((_signal) => Promise.resolve({ name: "ann" })), { name: "ann" });
 * assert.match(getUser.describe(), /at worst 3 attempts in 6s\.$/);
 * ```
 *
 * @typeParam T What operations may resolve to. Leave it out for a call that takes any operation, and can be a layer itself.
 * @param options What the layers that are made here have in common. @default {}
 * @returns A builder without layers.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 */
export function resilient<T = unknown>(options: ResilientOptions = {}): ResilientBuilder<T> {
  checkResilientOptions(options);
  return new ResilientBuilder<T>(options);
}

function isLayer<G, O>(given: Layer<G> | O): given is Layer<G> {
  return typeof given === "object" && given !== null && "do" in given &&
    typeof given.do === "function";
}
