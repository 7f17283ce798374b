import type { WindowShape } from "./compiled_policy.ts";
import { CountWindow } from "./count_window.ts";
import type { Counts, LifetimeCounts, RejectionCounts } from "./counts.ts";
import { FAILURE, type OutcomeBits, SLOW, TIMEOUT } from "./outcome.ts";
import type { RejectionReason } from "./rejection.ts";
import { TimeWindow } from "./time_window.ts";
import type { Nanos } from "./timeline.ts";
import type { Criterion } from "./trip_criteria.ts";
import { EMPTY, type Window, type WindowTotals } from "./window.ts";

/** Creates the window that a policy asks for, empty. */
export function createWindow(shape: WindowShape, at: Nanos): Window {
  return isCountShape(shape) ? new CountWindow(shape.size) : new TimeWindow(shape, at);
}

/**
 * What a window becomes under another shape at `at` (R14): the newest outcomes
 * of a count window, the young ones of a time window, nothing if the kind changed.
 */
export function reshapeWindow(window: Window, shape: WindowShape, at: Nanos): Window | undefined {
  if (window instanceof CountWindow) {
    if (!isCountShape(shape)) return undefined;
    return window.size === shape.size ? window : window.resized(shape.size);
  }
  if (!(window instanceof TimeWindow) || isCountShape(shape)) return undefined;
  const { duration, buckets } = window.shape;
  const same = duration === shape.duration && buckets === shape.buckets;
  return same ? window : window.reshaped(shape, at);
}

function isCountShape(shape: WindowShape): shape is Extract<WindowShape, { size: number }> {
  return Object.hasOwn(shape, "size");
}

/** Totals that most breakers never need. */
class SeldomTotals {
  slow = 0;
  timeouts = 0;
  ignored = 0;
  stale = 0;
}

/** Calls refused, by reason. */
class Refusals implements RejectionCounts {
  open = 0;
  probing = 0;
  ramping = 0;
  forced = 0;
}

const NO_SELDOM_TOTALS = new SeldomTotals();
const NO_REFUSALS = new Refusals();

/** What a breaker has counted: the window, the run of failures, and the totals of its life. */
export class Evidence {
  /** Comes into being with the first recorded outcome. */
  window: Window | undefined;
  consecutiveFailures = 0;
  /** In the mode `metrics-only`: the criterion whose crossing is announced and not over. */
  crossed: Criterion | undefined;
  #successes = 0;
  #failures = 0;
  #seldom: SeldomTotals | undefined;
  #refusals: Refusals | undefined;

  /** Evidence that has the totals of `lifetime` and nothing else. */
  static of({ successes, failures, rejected, ...seldom }: LifetimeCounts): Evidence {
    const evidence = new Evidence();
    evidence.#successes = successes;
    evidence.#failures = failures;
    evidence.#seldom = Object.assign(new SeldomTotals(), seldom);
    evidence.#refusals = Object.assign(new Refusals(), rejected);
    return evidence;
  }

  /** Counts a fast success in the window, in the run of failures and in the totals. */
  succeed(shape: WindowShape, at: Nanos): void {
    const window = this.window ??= createWindow(shape, at);
    window.succeed(at);
    this.consecutiveFailures = 0;
    this.#successes++;
  }

  /** Counts an outcome in the window, in the run of failures and in the totals. */
  record(bits: OutcomeBits, shape: WindowShape, at: Nanos): void {
    const window = this.window ??= createWindow(shape, at);
    window.record(bits, at);
    this.consecutiveFailures = (bits & FAILURE) !== 0 ? this.consecutiveFailures + 1 : 0;
    this.total(bits);
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

  /** Counts a refused call. */
  reject(reason: RejectionReason): void {
    (this.#refusals ??= new Refusals())[reason]++;
  }

  get #rarely(): SeldomTotals {
    return this.#seldom ??= new SeldomTotals();
  }

  /** The totals since the breaker was created. */
  lifetime(): LifetimeCounts {
    const { slow, timeouts, ignored, stale } = this.#seldom ?? NO_SELDOM_TOTALS;
    return {
      successes: this.#successes,
      failures: this.#failures,
      slow,
      timeouts,
      ignored,
      stale,
      rejected: { ...this.#refusals ?? NO_REFUSALS },
    };
  }

  /** What the trip criteria judge. */
  counts(): Counts {
    return countsOf(this.window ?? EMPTY, this.consecutiveFailures);
  }

  /** Forgets all but the totals. */
  clear(): void {
    this.window = undefined;
    this.consecutiveFailures = 0;
    this.crossed = undefined;
  }

  /** Fits the window to another shape. */
  reshape(shape: WindowShape, at: Nanos): void {
    if (this.window !== undefined) this.window = reshapeWindow(this.window, shape, at);
  }
}

function countsOf(totals: WindowTotals, consecutiveFailures: number): Counts {
  const { calls, failures, slow, timeouts } = totals;
  return { calls, successes: calls - failures, failures, slow, timeouts, consecutiveFailures };
}
