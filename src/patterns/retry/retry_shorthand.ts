import type { OptionsCheck } from "../../check/check_options.ts";
import type { Duration } from "../../time/duration.ts";
import {
  decorrelatedJitter,
  equalJitter,
  exponentialBackoff,
  fixedDelay,
  fullJitter,
} from "./backoff.ts";
import { checkMaxAttempts, spread } from "./retry_growth.ts";
import { isRetryable, type RetryPolicy } from "./retry_policy.ts";

/** What stands for a {@linkcode RetryPolicy} in most calls. */
export interface RetryShorthand {
  /** Attempts after the first one at most: a whole number, 0 or more, or `Infinity`. @default 2 */
  maxRetries?: number | undefined;
  /**
   * The first delay, which then doubles up to 30 seconds (or stays, if it is longer);
   * `"exponential"`: that from 100 ms on; `"fixed"`: 100 ms each time; or what gives
   * the milliseconds after attempt number `attempt`.
   *
   * @default "exponential"
   */
  backoff?: (Duration | "exponential" | "fixed" | ((attempt: number) => number)) | undefined;
  /**
   * Symmetric spread as a share of each delay, from 0 to 1; or, where delays double, `"full"`,
   * `"equal"` or `"decorrelated"` jitter.
   *
   * @default 0
   */
  jitter?: number | "full" | "equal" | "decorrelated" | undefined;
}

const DEFAULT_DELAY_MS = 100;
const JITTERS = {
  full: fullJitter,
  equal: equalJitter,
  decorrelated: decorrelatedJitter,
} as const;

/** The policy that a user has given, checked; `random` is for the shorthand's jitter. */
export function toRetryPolicy(
  given: RetryPolicy | RetryShorthand,
  check: OptionsCheck,
  random: () => number,
): RetryPolicy {
  if (isPolicy(given)) return checkedPolicy(given, check);
  check.known(given, ["maxRetries", "backoff", "jitter"]);
  const { maxRetries = 2, backoff = "exponential", jitter = 0 } = given;
  if (maxRetries !== Infinity) {
    check.integer("maxRetries", maxRetries, { min: 0, max: Number.MAX_SAFE_INTEGER - 1 });
  }
  const maxAttempts = maxRetries + 1;
  if (typeof backoff !== "function" && backoff !== "fixed") {
    const initialDelay = backoff === "exponential"
      ? DEFAULT_DELAY_MS
      : check.duration("backoff", backoff, { min: 0 });
    const common = { maxAttempts, initialDelay, random };
    if (typeof jitter !== "string") return exponentialBackoff({ ...common, jitter });
    return JITTERS[check.oneOf("jitter", jitter, ["full", "equal", "decorrelated"])](common);
  }
  const share = check.number("jitter", jitter, { min: 0, max: 1 });
  if (backoff === "fixed") {
    return fixedDelay(DEFAULT_DELAY_MS, { maxAttempts, jitter: share, random });
  }
  return {
    maxAttempts,
    shouldRetry: isRetryable,
    delay: (attempt) => spread(backoff(attempt), share, random),
  };
}

function isPolicy(given: RetryPolicy | RetryShorthand): given is RetryPolicy {
  return typeof given === "object" && given !== null &&
    ("delay" in given || "shouldRetry" in given);
}

function checkedPolicy(policy: RetryPolicy, check: OptionsCheck): RetryPolicy {
  // An object of a class may have fields of its own.
  if (Object.getPrototypeOf(policy) === Object.prototype) {
    check.known(policy, ["maxAttempts", "shouldRetry", "delay", "longestDelay"]);
  }
  if (policy.maxAttempts !== undefined) checkMaxAttempts(check, policy.maxAttempts);
  check.callable("shouldRetry", policy.shouldRetry);
  check.callable("delay", policy.delay);
  if (policy.longestDelay !== undefined) check.callable("longestDelay", policy.longestDelay);
  return policy;
}
