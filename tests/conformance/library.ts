import type { createBreaker, InvalidPolicyError, restoreBreaker } from "../../mod.ts";
import type { ManualClock } from "../../src/testing/mod.ts";

/**
 * What of the package cases run against: its public exports, from wherever it
 * was installed. A case knows no more of the package than this.
 */
export interface Library {
  readonly createBreaker: typeof createBreaker;
  readonly restoreBreaker: typeof restoreBreaker;
  readonly InvalidPolicyError: typeof InvalidPolicyError;
  /** From the entry point `testing`. */
  readonly ManualClock: typeof ManualClock;
}
