import type { Nanos } from "../../time/timeline.ts";
import type { Counts, LifetimeCounts, RejectionCounts } from "./counts.ts";
import { FAILURE, type OutcomeBits, SLOW, TIMEOUT } from "./outcome.ts";
import { EMPTY, type Window, type WindowTotals } from "./window.ts";
import { createWindow, reshapeWindow, type WindowShape } from "./window_shape.ts";

/** Totals that most breakers never need. */
class SeldomTotals {
  slow = 0;
  timeouts = 0;
  ignored = 0;
  stale = 0;
  overdueProbes = 0;
  holds = 0;
}

/** Calls refused, by reason. */
class Refusals implements RejectionCounts {
  open = 0;
  held = 0;
  probing = 0;
  ramping = 0;
  forced = 0;
  #last: keyof RejectionCounts = "open";
  #lastAt: Nanos = NaN;

  /** Why the last one was. */
  get last(): keyof RejectionCounts {
    return this.#last;
  }

  /** When the last one was. */
  get lastAt(): Nanos {
    return this.#lastAt;
  }

  count(reason: keyof RejectionCounts, at: Nanos): void {
    this.#last = reason;
    this.#lastAt = at;
    if (reason === "open") this.open++; // by far the most, and faster by its name
    else this[reason]++;
  }
}

/** What evidence goes on with that a snapshot was taken of. */
export interface ResumedEvidence {
  readonly window: Window | undefined;
  readonly consecutiveFailures: number;
  /** When the newest failure was recorded, if there was one. */
  readonly lastFailureAt?: Nanos | undefined;
}

const NO_SELDOM_TOTALS = new SeldomTotals();
const NO_REFUSALS = new Refusals();

/**
 * What a breaker has counted: the window, the run of failures, and the totals
 * of its life. Fast successes at one instant are only counted as they come, and
 * go into all of these together when somebody asks or something else comes.
 */
export class Evidence {
  #window: Window | undefined;
  #consecutiveFailures = 0;
  /** When the newest failure was recorded; NaN: there was none. */
  #lastFailureAt: Nanos = NaN;
  #successes = 0;
  #failures = 0;
  #seldom: SeldomTotals | undefined;
  #refusals: Refusals | undefined;
  /** Fast successes that are counted nowhere else yet, and when they settled. */
  #run = 0;
  #runAt: Nanos = NaN;

  /** Evidence that has the totals of `lifetime` and nothing else. */
  static of({ successes, failures, rejected, ...seldom }: LifetimeCounts): Evidence {
    const evidence = new Evidence();
    evidence.#successes = successes;
    evidence.#failures = failures;
    evidence.#seldom = Object.assign(new SeldomTotals(), seldom);
    evidence.#refusals = Object.assign(new Refusals(), rejected);
    return evidence;
  }

  /** Comes into being with the first recorded outcome. */
  get window(): Window | undefined {
    this.#endRun();
    return this.#window;
  }

  /** Failures since the last success. */
  get consecutiveFailures(): number {
    this.#endRun();
    return this.#consecutiveFailures;
  }

  /** When the newest failure was recorded; `undefined`: there was none since all was forgotten. */
  get lastFailureAt(): Nanos | undefined {
    return Number.isNaN(this.#lastFailureAt) ? undefined : this.#lastFailureAt;
  }

  /** Whether there are failures in a row, or failures or slow calls in the window. */
  get hasTroubles(): boolean {
    const { window } = this;
    if (this.#consecutiveFailures > 0) return true;
    return window !== undefined && window.failures + window.slow > 0;
  }

  /** Goes on with a window and a run of failures from elsewhere. */
  resume({ window, consecutiveFailures, lastFailureAt = NaN }: ResumedEvidence): void {
    this.#window = window;
    this.#consecutiveFailures = consecutiveFailures;
    this.#lastFailureAt = lastFailureAt;
  }

  /** Counts a fast success in the window, in the run of failures and in the totals. */
  succeed(shape: WindowShape, at: Nanos): void {
    if (at !== this.#runAt) this.#beginRun(shape, at);
    this.#run++;
  }

  #beginRun(shape: WindowShape, at: Nanos): void {
    this.#endRun();
    this.#window ??= createWindow(shape, at);
    this.#runAt = at;
  }

  #endRun(): void {
    if (this.#run === 0) return;
    this.#window?.succeed(this.#run, this.#runAt);
    this.#consecutiveFailures = 0;
    this.#successes += this.#run;
    this.#run = 0;
  }

  /**
   * Counts an outcome in the window, in the run of failures and in the totals. A
   * failure later than `longestGap` after the one before begins the run anew (R24).
   */
  record(bits: OutcomeBits, shape: WindowShape, at: Nanos, longestGap: Nanos = Infinity): void {
    this.#endRun();
    const window = this.#window ??= createWindow(shape, at);
    window.record(bits, at);
    if ((bits & FAILURE) !== 0) this.#addFailure(at, longestGap);
    else this.#consecutiveFailures = 0;
    this.total(bits);
  }

  #addFailure(at: Nanos, longestGap: Nanos): void {
    if (at - this.#lastFailureAt > longestGap) this.#consecutiveFailures = 0;
    this.#consecutiveFailures++;
    this.#lastFailureAt = at;
  }

  /** Counts an outcome in the totals only. */
  total(bits: OutcomeBits): void {
    if ((bits & FAILURE) !== 0) this.#failures++;
    else this.#successes++;
    if ((bits & SLOW) !== 0) this.#rarely.slow++;
    if ((bits & TIMEOUT) !== 0) this.#rarely.timeouts++;
  }

  /** Counts a call that is in no window and no rate. */
  ignore(): void {
    this.#rarely.ignored++;
  }

  /** Counts a call that settled in a later epoch than it was admitted in. */
  outlive(): void {
    this.#rarely.stale++;
  }

  /** Counts a probe that settled at or after its deadline. */
  overrun(): void {
    this.#rarely.overdueProbes++;
  }

  /** Counts a hold that begins or reaches further. */
  hold(): void {
    this.#rarely.holds++;
  }

  /** Counts a refused call. */
  reject(reason: keyof RejectionCounts, at: Nanos): void {
    (this.#refusals ??= new Refusals()).count(reason, at);
  }

  /** Why the last call that was refused was. */
  get refusedFor(): keyof RejectionCounts {
    return (this.#refusals ?? NO_REFUSALS).last;
  }

  /** When the last call that was refused was. */
  get refusedAt(): Nanos {
    return (this.#refusals ?? NO_REFUSALS).lastAt;
  }

  get #rarely(): SeldomTotals {
    return this.#seldom ??= new SeldomTotals();
  }

  /** The totals since the breaker was created. */
  lifetime(): LifetimeCounts {
    this.#endRun();
    const { slow, timeouts, ignored, stale, overdueProbes, holds } = this.#seldom ??
      NO_SELDOM_TOTALS;
    return {
      successes: this.#successes,
      failures: this.#failures,
      slow,
      timeouts,
      ignored,
      stale,
      overdueProbes,
      holds,
      rejected: { ...this.#refusals ?? NO_REFUSALS },
    };
  }

  /** What the trip criteria judge. */
  counts(): Counts {
    return countsOf(this.window ?? EMPTY, this.consecutiveFailures);
  }

  /** Forgets all but the totals. */
  clear(): void {
    this.#replaceWindow(undefined);
    this.#consecutiveFailures = 0;
    this.#lastFailureAt = NaN;
  }

  /** Fits the window to another shape. */
  reshape(shape: WindowShape, at: Nanos): void {
    const { window } = this;
    if (window !== undefined) this.#replaceWindow(reshapeWindow(window, shape, at));
  }

  #replaceWindow(window: Window | undefined): void {
    this.#endRun();
    this.#window = window;
    this.#runAt = NaN;
  }
}

function countsOf(totals: WindowTotals, consecutiveFailures: number): Counts {
  const { calls, failures, slow, timeouts } = totals;
  return { calls, successes: calls - failures, failures, slow, timeouts, consecutiveFailures };
}
