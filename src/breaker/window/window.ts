import type { Nanos } from "../../time/timeline.ts";
import type { OutcomeBits } from "./outcome.ts";

/** What a window holds now. */
export interface WindowTotals {
  /** Completed, counted calls. */
  readonly calls: number;
  /** Those that failed, timeouts included. */
  readonly failures: number;
  /** Those that took longer than `slowCallThreshold`. */
  readonly slow: number;
  /** Those that failed by their time limit. */
  readonly timeouts: number;
}

/** The evidence of a breaker: running totals of the newest outcomes (R3). */
export interface Window extends WindowTotals {
  /** Counts fast successes that settled at `at`. */
  succeed(times: number, at: Nanos): void;
  /** Counts one outcome that settled at `at`. */
  record(bits: OutcomeBits, at: Nanos): void;
  /** Lets go of what is too old at `at`. */
  advance(at: Nanos): void;
}

/** The totals of a window that holds nothing. */
export const EMPTY: WindowTotals = Object.freeze({ calls: 0, failures: 0, slow: 0, timeouts: 0 });
