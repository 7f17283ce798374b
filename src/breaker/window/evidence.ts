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
  reject(reason: keyof RejectionCounts): void {
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
