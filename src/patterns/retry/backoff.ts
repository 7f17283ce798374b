import { OptionsCheck } from "../../check/check_options.ts";
import type { Duration } from "../../time/duration.ts";
import {
  type DecorrelatedJitterOptions,
  draw,
  type ExponentialBackoffOptions,
  type FixedDelayOptions,
  grow,
  growth,
  type JitterOptions,
  MAX_DELAY_MS,
  policyOf,
  range,
  spread,
} from "./retry_growth.ts";
import type { RetryPolicy } from "./retry_policy.ts";

/** The growth of decorrelated jitter, from its source. */
const DECORRELATED_GROWTH = 3;

const COMMON = ["maxAttempts", "shouldRetry", "random"] as const;
const DECORRELATED = [...COMMON, "initialDelay", "maxDelay"] as const;
const JITTERED = [...DECORRELATED, "multiplier"] as const;
const EXPONENTIAL = [...JITTERED, "jitter"] as const;
const FIXED = [...COMMON, "jitter"] as const;

/**
 * Delays that grow by a factor: after attempt n, `initialDelay` x `multiplier`^(n - 1),
 * at most `maxDelay`; spread by `jitter` to both sides, and then again at most
 * `maxDelay` and never below 0.
 *
 * Where many callers fail at the same time, spread them: with `jitter` or, more
 * evenly, with {@linkcode fullJitter}.
 *
 * @example Usage
 * ```ts
 * import { exponentialBackoff } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const policy = exponentialBackoff({ maxAttempts: 5, initialDelay: "100ms", maxDelay: "1s" });
 * assert.deepEqual([1, 2, 3, 4, 5].map((n) => policy.delay(n)), [100, 200, 400, 800, 1_000]);
 * ```
 *
 * @param options The delays. @default {}
 * @returns The policy, frozen.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function exponentialBackoff(options: ExponentialBackoffOptions = {}): RetryPolicy {
  const check = new OptionsCheck("create exponential backoff");
  check.known(options, EXPONENTIAL);
  const jitter = check.number("jitter", options.jitter ?? 0, { min: 0, max: 1 });
  const { grown, maxMs } = growth(check, options);
  const random = options.random ?? Math.random;
  return policyOf(check, options, {
    delay: (attempt) => Math.min(maxMs, spread(grown(attempt), jitter, random)),
    longestDelay: (attempt) => Math.min(maxMs, grown(attempt) * (1 + jitter)),
  });
}

/**
 * The same delay after each attempt.
 *
 * @example Usage
 * ```ts
 * import { fixedDelay } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * assert.equal(fixedDelay("1.5s", { maxAttempts: 2 }).delay(1), 1_500);
 * ```
 *
 * @param delay The delay, 0 to a year.
 * @param options Attempts and spread. @default {}
 * @returns The policy, frozen.
 * @throws {TypeError} If an argument is unknown or of the wrong type.
 * @throws {RangeError} If an argument is out of range.
 */
export function fixedDelay(delay: Duration, options: FixedDelayOptions = {}): RetryPolicy {
  const check = new OptionsCheck("create fixed delay");
  check.known(options, FIXED);
  const delayMs = check.duration("delay", delay, { min: 0, max: MAX_DELAY_MS });
  const jitter = check.number("jitter", options.jitter ?? 0, { min: 0, max: 1 });
  const random = options.random ?? Math.random;
  return policyOf(check, options, {
    delay: () => spread(delayMs, jitter, random),
    longestDelay: () => delayMs * (1 + jitter),
  });
}

/**
 * Delays drawn evenly from 0 to what {@linkcode exponentialBackoff} would wait
 * without jitter: the least load on the server, and the "full jitter" of the AWS
 * Architecture Blog, "Exponential Backoff And Jitter", 2015.
 *
 * @example Usage
 * ```ts
 * import { fullJitter } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const policy = fullJitter({ initialDelay: "100ms", random: () => 0.5 });
 * assert.deepEqual([1, 2, 3].map((n) => policy.delay(n)), [50, 100, 200]);
 * ```
 *
 * @param options The delays. @default {}
 * @returns The policy, frozen.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function fullJitter(options: JitterOptions = {}): RetryPolicy {
  return jittered("full jitter", options, (grownMs, drawn) => grownMs * drawn);
}

/**
 * Half of what {@linkcode exponentialBackoff} would wait without jitter, and up
 * to as much again: never a very short delay. The "equal jitter" of the AWS
 * Architecture Blog, "Exponential Backoff And Jitter", 2015.
 *
 * @example Usage
 * ```ts
 * import { equalJitter } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const policy = equalJitter({ initialDelay: "100ms", random: () => 0.5 });
 * assert.deepEqual([1, 2, 3].map((n) => policy.delay(n)), [75, 150, 300]);
 * ```
 *
 * @param options The delays. @default {}
 * @returns The policy, frozen.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function equalJitter(options: JitterOptions = {}): RetryPolicy {
  return jittered("equal jitter", options, (grownMs, drawn) => grownMs / 2 * (1 + drawn));
}

/**
 * Delays drawn evenly from `initialDelay` to three times the delay before, at
 * most `maxDelay`: the "decorrelated jitter" of the AWS Architecture Blog,
 * "Exponential Backoff And Jitter", 2015. The delay before is that of the same
 * call, which the retry hands to the policy; calls share nothing.
 *
 * @example Usage
 * ```ts
 * import { decorrelatedJitter } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const policy = decorrelatedJitter({ initialDelay: "100ms", random: () => 0.5 });
 * assert.equal(policy.delay(1), 200); // 100 to 300
 * assert.equal(policy.delay(2, 200), 350); // 100 to 600
 * ```
 *
 * @param options The delays. @default {}
 * @returns The policy, frozen.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function decorrelatedJitter(options: DecorrelatedJitterOptions = {}): RetryPolicy {
  const check = new OptionsCheck("create decorrelated jitter");
  check.known(options, DECORRELATED);
  const { initialMs, maxMs } = range(check, options);
  const random = options.random ?? Math.random;
  return policyOf(check, options, {
    delay: (_attempt, previousMs = initialMs) => {
      const highMs = Math.max(initialMs, previousMs) * DECORRELATED_GROWTH;
      return Math.min(maxMs, initialMs + (highMs - initialMs) * draw(random));
    },
    longestDelay: (attempt) => grow(initialMs, DECORRELATED_GROWTH, attempt, maxMs),
  });
}

/** Delays that grow by a factor, of which `jitter` makes others by a draw in [0, 1); none is longer. */
function jittered(
  title: string,
  options: JitterOptions,
  jitter: (grownMs: number, drawn: number) => number,
): RetryPolicy {
  const check = new OptionsCheck(`create ${title}`);
  check.known(options, JITTERED);
  const { grown } = growth(check, options);
  const random = options.random ?? Math.random;
  return policyOf(check, options, {
    delay: (attempt) => jitter(grown(attempt), draw(random)),
    longestDelay: grown,
  });
}
