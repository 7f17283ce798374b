import { OptionsCheck } from "../../check/check_options.ts";
import { BUILT_IN } from "../../time/burst_timeline.ts";
import { type Clock, CLOCK_METHODS } from "../../time/clock.ts";
import type { Duration } from "../../time/duration.ts";
import { Timeline } from "../../time/timeline.ts";

/** Slices of the window; a window is late by at most one of them, as Finagle's is. */
const SLICES = 10;
const NANOS_PER_MS = 1e6;
const MS_PER_S = 1_000;
/** Keeps 0.29 x 100 from being a whisker less than 29. */
const ROUNDING = 1e-9;

const MIN_WINDOW_MS = 100;
const MAX_WINDOW_MS = 24 * 60 * 60 * MS_PER_S;
const MAX_RATIO = 1_000;
const MAX_PER_SECOND = 1_000_000;

/**
 * How many retries may be made, shared by all calls that are given it. Any
 * object of this shape fits.
 */
export interface RetryBudget {
  /** Notes one call, a first attempt, which earns a share of a retry. */
  deposit(): void;
  /** Takes one retry out of the budget; `false`: there is none, and nothing was taken. */
  tryWithdraw(): boolean;
  /** Whole retries that could be made now. */
  readonly balance: number;
}

/** What {@linkcode createRetryBudget} takes. */
export interface RetryBudgetOptions {
  /** Retries that each call earns, from 0 to 1,000: with 0.2 one call in five may be retried. @default 0.2 */
  ratio?: number | undefined;
  /** Retries per second that are allowed however few calls there are, 0 or more. @default 10 */
  minPerSecond?: number | undefined;
  /** How long a call's share lasts, and a retry counts; from 100ms to 24h. @default "10s" */
  window?: Duration | undefined;
  /** The source of time. @default the system's clock */
  clock?: Clock | undefined;
}

/**
 * Creates a budget that stops retry storms: while most calls fail, retries stay
 * a fixed share of the traffic instead of multiplying it.
 *
 * Within any `window` the retries are at most `minPerSecond` x `window` (which may
 * be used all at once) plus `ratio` x the calls. What calls earned and what
 * retries took are forgotten after a window; a call counts when it starts, a retry
 * when it is decided on, also if its wait is then aborted. Time runs in tenths of the window.
 *
 * The semantics are those of Finagle's `RetryBudget` (`percentCanRetry`,
 * `minRetriesPerSec`, `ttl`), with its defaults. Memory is constant.
 *
 * @example Usage
 * ```ts
 * import { createRetry, createRetryBudget } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const budget = createRetryBudget({ ratio: 0.5, minPerSecond: 0 });
 * const retry = createRetry({ maxRetries: 3, backoff: 0 }, { budget });
 * let attempts = 0;
 * const call = (): Promise<never> => {
 *   attempts++;
 *   return Promise.reject(new Error("down"));
 * };
 * for (let i = 0; i < 10; i++) await assert.rejects(retry.do(call), /down/);
 * assert.equal(attempts, 10 + 5);
 * ```
 *
 * @param options How much may be retried. @default {}
 * @returns The budget; give the same one to all retries that share it.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function createRetryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const check = new OptionsCheck("create retry budget");
  check.known(options, ["ratio", "minPerSecond", "window", "clock"]);
  const { ratio = 0.2, minPerSecond = 10, window = "10s", clock } = options;
  if (clock !== undefined) check.methods("clock", clock, CLOCK_METHODS);
  check.number("ratio", ratio, { min: 0, max: MAX_RATIO });
  check.number("minPerSecond", minPerSecond, { min: 0, max: MAX_PER_SECOND });
  const windowMs = check.duration("window", window, { min: MIN_WINDOW_MS, max: MAX_WINDOW_MS });
  const timeline = clock === undefined ? BUILT_IN : Timeline.of(clock);
  return new WindowedRetryBudget(timeline, ratio, minPerSecond, windowMs);
}

class WindowedRetryBudget implements RetryBudget {
  readonly #timeline: Timeline;
  readonly #ratio: number;
  readonly #reserve: number;
  readonly #sliceNanos: number;
  readonly #deposits = new Float64Array(SLICES);
  readonly #withdrawals = new Float64Array(SLICES);
  #deposited = 0;
  #withdrawn = 0;
  #slice = 0;

  constructor(timeline: Timeline, ratio: number, minPerSecond: number, windowMs: number) {
    this.#timeline = timeline;
    this.#ratio = ratio;
    this.#reserve = minPerSecond * windowMs / MS_PER_S;
    this.#sliceNanos = windowMs * NANOS_PER_MS / SLICES;
  }

  get balance(): number {
    this.#expire();
    return this.#whole();
  }

  deposit(): void {
    const at = this.#expire();
    this.#deposits[at] = (this.#deposits[at] ?? 0) + 1;
    this.#deposited++;
  }

  tryWithdraw(): boolean {
    const at = this.#expire();
    if (this.#whole() < 1) return false;
    this.#withdrawals[at] = (this.#withdrawals[at] ?? 0) + 1;
    this.#withdrawn++;
    return true;
  }

  #whole(): number {
    const earned = this.#reserve + this.#ratio * this.#deposited;
    return Math.max(0, Math.floor(earned - this.#withdrawn + ROUNDING));
  }

  /** Forgets the slices that are out of the window, and gives the place of the present one. */
  #expire(): number {
    const slice = Math.floor(this.#timeline.now() / this.#sliceNanos);
    const passed = Math.min(SLICES, slice - this.#slice);
    for (let i = 0; i < passed; i++) {
      const old = (slice - i) % SLICES;
      this.#deposited -= this.#deposits[old] ?? 0;
      this.#withdrawn -= this.#withdrawals[old] ?? 0;
      this.#deposits[old] = 0;
      this.#withdrawals[old] = 0;
    }
    this.#slice = slice;
    return slice % SLICES;
  }
}
