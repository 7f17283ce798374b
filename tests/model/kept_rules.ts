/**
 * Which of the model's newer rules the library keeps. Each is set to `true` with
 * the code that keeps it, and then the random histories (`differential.ts`) and
 * the exploration (`tests/explore/`) put it to the test. Once all are, this file
 * and whoever asks it go.
 */
export const KEPT: KeptRules = {
  timeoutReasons: true,
  overdueProbes: true,
  agedSnapshots: true,
  holds: true,
  manualTrips: true,
  failureCounts: true,
};

/** The rules, by what they are about. */
export interface KeptRules {
  /** R2: an abort whose reason is a `TimeoutError` is a timeout. */
  readonly timeoutReasons: boolean;
  /** R11: overdue probes are counted, and teach. */
  readonly overdueProbes: boolean;
  /** R19: the time until a restoring counts, and what fell due is announced at the first look. */
  readonly agedSnapshots: boolean;
  /** R22: `hold`, `release` and `holdAfter`. */
  readonly holds: boolean;
  /** R23: `tripNow`. */
  readonly manualTrips: boolean;
  /** R24: `failureCountThreshold` and `failureThresholdWithin`. */
  readonly failureCounts: boolean;
}
