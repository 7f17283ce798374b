import type { Logger } from "../../log.ts";
import type { Clock } from "../../time/clock.ts";
import type { Duration } from "../../time/duration.ts";
import type { WallClock } from "../../time/wall_clock.ts";
import type { LayerOptions } from "../layer.ts";
import type { RetryBudget } from "./retry_budget.ts";

/**
 * How a call through a retry ended: an attempt succeeded (`success`); the last
 * attempt failed (`exhausted`); a `PermanentError` came (`permanent`); the policy
 * refused another attempt (`not-retryable`); the budget was used up
 * (`budget-exhausted`); the server asked for a longer wait than `maxRetryAfter`
 * (`retry-after-too-long`); the caller aborted (`cancelled`).
 */
export type RetryOutcome =
  | "success"
  | "exhausted"
  | "permanent"
  | "not-retryable"
  | "budget-exhausted"
  | "retry-after-too-long"
  | "cancelled";

/** An attempt failed, and there will be another one after a wait. */
export interface RetryEvent {
  /** Name of the retry. */
  readonly retry: string;
  /** Number of the attempt that failed, from 1. */
  readonly attempt: number;
  /** What it failed with. */
  readonly error: unknown;
  /** The wait before the next attempt, in milliseconds. */
  readonly delayMs: number;
  /** What the server asked to wait at least, in milliseconds; absent where it asked for nothing. */
  readonly retryAfterMs?: number;
}

/** A call through a retry has ended. */
export interface RetryReport {
  /** Name of the retry. */
  readonly retry: string;
  /** How often the operation was run. */
  readonly attempts: number;
  /** What the attempts failed with, oldest first; of more than 1,000 the last ones. */
  readonly errors: readonly unknown[];
  /** The waits that were begun, in milliseconds, oldest first; of more than 1,000 the last ones. */
  readonly delaysMs: readonly number[];
  /** How the call ended. */
  readonly outcome: RetryOutcome;
  /** From the call to its end, in milliseconds. */
  readonly elapsedMs: number;
}

/** What a retry takes besides its policy. */
export interface RetryOptions {
  /** Stands in events, reports and messages. @default "retry" */
  name?: string | undefined;
  /** Limits the retries of all calls that share it. @default no limit */
  budget?: RetryBudget | undefined;
  /**
   * The longest wait that a server's Retry-After may ask for, 0 to a year. It is waited at least so
   * long; where more is asked for, the call gives up at once with the error. `null`: Retry-After is passed over.
   *
   * @default "30s"
   */
  maxRetryAfter?: Duration | null | undefined;
  /** Is called before each wait. What it throws is reported, and changes nothing. */
  onRetry?: ((event: RetryEvent) => void) | undefined;
  /** Is called at the end of each call, also of one that succeeded at once. What it throws is reported, and changes nothing. */
  onReport?: ((report: RetryReport) => void) | undefined;
  /** The source of time and of timers. @default the system's clock */
  clock?: Clock | undefined;
  /** The time of day, for a Retry-After that is a date. @default systemWallClock */
  wallClock?: WallClock | undefined;
  /** Draws in [0, 1) for the jitter of the shorthand; a policy has its own. @default Math.random */
  random?: (() => number) | undefined;
  /** Hears of callbacks that throw. @default console */
  logger?: Logger | undefined;
}

/** What one call by {@linkcode retry} takes. */
export interface RetryCallOptions extends RetryOptions, LayerOptions {}
