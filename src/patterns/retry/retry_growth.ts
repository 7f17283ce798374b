import type { OptionsCheck } from "../../check/check_options.ts";
import type { Duration } from "../../time/duration.ts";
import { isRetryable, type RetryPolicy } from "./retry_policy.ts";

/** The longest delay that can be asked for: a year. */
export const MAX_DELAY_MS = 365 * 24 * 60 * 60 * 1_000;
const DEFAULT_MAX_DELAY_MS = 30_000;

/** What every policy of this package takes. */
export interface RetryPolicyOptions {
  /** Attempts of one call at most, the first one included: a whole number, or `Infinity`. @default 3 */
  maxAttempts?: number | undefined;
  /** Whether an error is worth another attempt, after attempt number `attempt`. @default isRetryable */
  shouldRetry?: ((error: unknown, attempt: number) => boolean) | undefined;
  /** Draws in [0, 1). @default Math.random */
  random?: (() => number) | undefined;
}

/** What {@linkcode fixedDelay} takes besides the delay. */
export interface FixedDelayOptions extends RetryPolicyOptions {
  /** Symmetric spread as a share of the delay, from 0 to 1: 0.1 is 10% less to 10% more. @default 0 */
  jitter?: number | undefined;
}

/** What {@linkcode decorrelatedJitter} takes. */
export interface DecorrelatedJitterOptions extends RetryPolicyOptions {
  /** What the delays start from, 0 to a year. @default "100ms" */
  initialDelay?: Duration | undefined;
  /** The longest delay; at least `initialDelay`, at most a year. @default "30s", or `initialDelay` if that is longer */
  maxDelay?: Duration | undefined;
}

/** What {@linkcode fullJitter} and {@linkcode equalJitter} take. */
export interface JitterOptions extends DecorrelatedJitterOptions {
  /** By how much each delay exceeds the one before, 1 or more. @default 2 */
  multiplier?: number | undefined;
}

/** What {@linkcode exponentialBackoff} takes. */
export interface ExponentialBackoffOptions extends JitterOptions {
  /** Symmetric spread as a share of the delay, from 0 to 1: 0.1 is 10% less to 10% more. @default 0 */
  jitter?: number | undefined;
}

/** A policy with these delays, and what every policy takes. */
export function policyOf(
  check: OptionsCheck,
  options: RetryPolicyOptions,
  delays: Required<Pick<RetryPolicy, "delay" | "longestDelay">>,
): RetryPolicy {
  const { maxAttempts = 3, shouldRetry = isRetryable, random = Math.random } = options;
  checkMaxAttempts(check, maxAttempts);
  check.callable("shouldRetry", shouldRetry);
  check.callable("random", random);
  return Object.freeze({ maxAttempts, shouldRetry, ...delays });
}

/** Refuses what is no number of attempts; `Infinity` is one. */
export function checkMaxAttempts(check: OptionsCheck, maxAttempts: unknown): void {
  if (maxAttempts !== Infinity) check.integer("maxAttempts", maxAttempts, { min: 1 });
}

/** Between what the delays lie, in milliseconds. */
export interface DelayRange {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Checks the first and the longest delay. */
export function range(check: OptionsCheck, options: DecorrelatedJitterOptions): DelayRange {
  const { initialDelay = 100, maxDelay } = options;
  const initialMs = check.duration("initialDelay", initialDelay, { min: 0, max: MAX_DELAY_MS });
  const maxMs = maxDelay === undefined
    ? Math.max(DEFAULT_MAX_DELAY_MS, initialMs)
    : check.duration("maxDelay", maxDelay, { min: initialMs, max: MAX_DELAY_MS });
  return { initialMs, maxMs };
}

/** Checks what delays grow by. */
export function growth(
  check: OptionsCheck,
  options: JitterOptions,
): DelayRange & { grown: (attempt: number) => number } {
  const { initialMs, maxMs } = range(check, options);
  const multiplier = check.number("multiplier", options.multiplier ?? 2, { min: 1 });
  return {
    initialMs,
    maxMs,
    grown: (attempt) => grow(initialMs, multiplier, attempt - 1, maxMs),
  };
}

/**
 * `initialMs` x `factor`^`times`, at most `maxMs`.
 *
 * The power overflows to infinity at a high number of attempts; 0 times that would be no number.
 */
export function grow(initialMs: number, factor: number, times: number, maxMs: number): number {
  return initialMs === 0 ? 0 : Math.min(maxMs, initialMs * factor ** Math.max(0, times));
}

/** A delay spread to both sides by a share of it; never below 0. */
export function spread(delayMs: number, jitter: number, random: () => number): number {
  if (jitter === 0) return delayMs;
  return Math.max(0, delayMs * (1 - jitter + 2 * jitter * draw(random)));
}

/** A draw in [0, 1); the retry reports what this throws, and waits the longest that its policy knows. */
export function draw(random: () => number): number {
  const drawn = random();
  if (drawn >= 0 && drawn < 1) return drawn;
  throw new RangeError(`random() must give a number in [0, 1), gave ${drawn}`);
}
