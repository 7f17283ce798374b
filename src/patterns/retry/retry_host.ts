import { tell } from "../../call/tell.ts";
import { verdict } from "../../call/verdict.ts";
import type { OptionsCheck } from "../../check/check_options.ts";
import { describeValue } from "../../check/describe_value.ts";
import { type Logger, LOGGER_METHODS, logSafely } from "../../log.ts";
import { BUILT_IN } from "../../time/burst_timeline.ts";
import { type Clock, CLOCK_METHODS, systemClock } from "../../time/clock.ts";
import { Timeline } from "../../time/timeline.ts";
import { systemWallClock, type WallClock } from "../../time/wall_clock.ts";
import { exponentialBackoff } from "./backoff.ts";
import { isPermanent } from "./permanent_error.ts";
import { retryAfterMs } from "./retry_after.ts";
import type { RetryBudget } from "./retry_budget.ts";
import { MAX_DELAY_MS } from "./retry_growth.ts";
import type { RetryEvent, RetryOptions, RetryOutcome, RetryReport } from "./retry_options.ts";
import type { RetryPolicy } from "./retry_policy.ts";

const OPTIONS = [
  "name",
  "budget",
  "maxRetryAfter",
  "onRetry",
  "onReport",
  "clock",
  "wallClock",
  "random",
  "logger",
] as const;

const DEFAULT_MAX_RETRY_AFTER_MS = 30_000;

/** Stands in where a policy's delay fails and nothing else is known about it. */
const STAND_IN = exponentialBackoff();

/**
 * Checks what a retry takes besides its policy.
 *
 * @returns The longest Retry-After in milliseconds; `undefined`: it is passed over.
 */
export function checkRetryOptions(options: RetryOptions, check: OptionsCheck): number | undefined {
  check.known(options, OPTIONS);
  if (options.name !== undefined) check.text("name", options.name);
  for (const callback of ["onRetry", "onReport", "wallClock", "random"] as const) {
    if (options[callback] !== undefined) check.callable(callback, options[callback]);
  }
  const { clock, logger } = options;
  if (clock !== undefined) check.methods("clock", clock, CLOCK_METHODS);
  if (logger !== undefined) check.methods("logger", logger, LOGGER_METHODS);
  if (options.budget !== undefined) {
    check.callable("budget.deposit", options.budget?.deposit);
    check.callable("budget.tryWithdraw", options.budget?.tryWithdraw);
  }
  const { maxRetryAfter = DEFAULT_MAX_RETRY_AFTER_MS } = options;
  if (maxRetryAfter === null) return undefined;
  return check.duration("maxRetryAfter", maxRetryAfter, { min: 0, max: MAX_DELAY_MS });
}

/** What the calls through one retry share. Every callback of the user's is called from here, and none can do harm. */
export class RetryHost {
  readonly name: string;
  readonly policy: RetryPolicy;
  readonly maxAttempts: number;
  readonly maxRetryAfterMs: number | undefined;
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly onReport: ((report: RetryReport) => void) | undefined;
  readonly #onRetry: ((event: RetryEvent) => void) | undefined;
  readonly #budget: RetryBudget | undefined;
  readonly #wallClock: WallClock;
  readonly #logger: Logger;

  /** Creates it from what was checked. */
  constructor(policy: RetryPolicy, maxRetryAfterMs: number | undefined, options: RetryOptions) {
    this.name = options.name ?? "retry";
    this.policy = policy;
    this.maxAttempts = policy.maxAttempts ?? Infinity;
    this.maxRetryAfterMs = maxRetryAfterMs;
    this.clock = options.clock ?? systemClock;
    this.timeline = options.clock === undefined ? BUILT_IN : Timeline.of(options.clock);
    this.onReport = options.onReport;
    this.#onRetry = options.onRetry;
    this.#budget = options.budget;
    this.#wallClock = options.wallClock ?? systemWallClock;
    this.#logger = options.logger ?? console;
  }

  /** Says that a callback of the user's failed; the retry goes on without it. */
  report(what: string, error: unknown): void {
    const retry = this.name;
    logSafely(this.#logger, "error", `Retry "${retry}": ${what}`, { retry, error });
  }

  /** Why there is no attempt after number `attempt` failed with `error`; `undefined`: there may be one. */
  refusal(error: unknown, attempt: number): RetryOutcome | undefined {
    if (isPermanent(error)) return "permanent";
    if (attempt >= this.maxAttempts) return "exhausted";
    return this.#shouldRetry(error, attempt) ? undefined : "not-retryable";
  }

  #shouldRetry(error: unknown, attempt: number): boolean {
    try {
      return Boolean(verdict("shouldRetry", this.policy.shouldRetry(error, attempt)));
    } catch (thrown) {
      this.report("shouldRetry failed, not trying again", thrown);
      return false; // to go on by default could go on for ever
    }
  }

  /** What the server asks to wait; `undefined`: nothing, or nobody listens. */
  retryAfterMs(error: unknown): number | undefined {
    return this.maxRetryAfterMs === undefined ? undefined : retryAfterMs(error, this.#wallClock);
  }

  /** What the policy waits after attempt number `attempt`. */
  delayMs(attempt: number, previousMs: number | undefined): number {
    try {
      const delayMs: unknown = this.policy.delay(attempt, previousMs);
      if (isDelay(delayMs)) return delayMs;
      if (delayMs instanceof Promise) delayMs.catch(() => {});
      throw new RangeError(
        `delay must give milliseconds, 0 or more and finite, gave ${describeValue(delayMs)}`,
      );
    } catch (error) {
      this.report("delay failed, waiting the longest that is known of the policy", error);
      const longestMs = this.longestDelayMs(attempt);
      return longestMs < Infinity ? longestMs : STAND_IN.delay(attempt);
    }
  }

  /** The longest that the policy waits after attempt number `attempt`; infinite where it does not say. */
  longestDelayMs(attempt: number): number {
    try {
      const longestMs: unknown = this.policy.longestDelay?.(attempt);
      return isDelay(longestMs) ? longestMs : Infinity;
    } catch (error) {
      this.report("longestDelay failed", error);
      return Infinity;
    }
  }

  /** Notes a call in the budget. */
  deposit(): void {
    try {
      this.#budget?.deposit();
    } catch (error) {
      this.report("the budget failed, noting nothing", error);
    }
  }

  /** Takes a retry out of the budget, if it has one. */
  withdraw(): boolean {
    if (this.#budget === undefined) return true;
    try {
      return this.#budget.tryWithdraw() === true;
    } catch (error) {
      this.report("the budget failed, not retrying", error);
      return false;
    }
  }

  /** Announces a wait. */
  announce(event: Omit<RetryEvent, "retry">): void {
    if (this.#onRetry !== undefined) {
      this.#tell("onRetry", this.#onRetry, { retry: this.name, ...event });
    }
  }

  /** Announces the end of a call. */
  close(report: Omit<RetryReport, "retry">): void {
    if (this.onReport !== undefined) {
      this.#tell("onReport", this.onReport, { retry: this.name, ...report });
    }
  }

  #tell<E>(what: string, hook: (event: E) => void, event: E): void {
    tell(hook, event, (error) => this.report(`${what} failed`, error));
  }
}

function isDelay(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Infinity;
}
