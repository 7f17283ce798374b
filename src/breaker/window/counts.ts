/** The evidence that trip criteria judge. */
export interface Counts {
  /** Completed, counted calls in the window. */
  readonly calls: number;
  /** Those that succeeded, slow ones included. */
  readonly successes: number;
  /** Those that failed, timeouts included. */
  readonly failures: number;
  /** Those that took longer than `slowCallThreshold`. */
  readonly slow: number;
  /** Those that failed by their time limit. */
  readonly timeouts: number;
  /** Failures since the last success, however old; it stands from a trip until closing. */
  readonly consecutiveFailures: number;
}

/** Calls refused so far, by reason. */
export interface RejectionCounts {
  /** Refused by an open breaker. */
  readonly open: number;
  /** Refused by a hold. */
  readonly held: number;
  /** Refused because enough probes were in flight. */
  readonly probing: number;
  /** Refused beyond a ramp's allowance. */
  readonly ramping: number;
  /** Refused by the mode `forced-open`. */
  readonly forced: number;
}

/** What a breaker has counted since it was created; a reset keeps it. */
export interface LifetimeCounts {
  /** Calls that succeeded, slow ones included. */
  readonly successes: number;
  /** Calls that failed, timeouts included. */
  readonly failures: number;
  /** Calls that took longer than `slowCallThreshold`. */
  readonly slow: number;
  /** Calls that failed by their time limit. */
  readonly timeouts: number;
  /** Calls that were ignored. */
  readonly ignored: number;
  /** Calls that settled in a later epoch than they were admitted in. */
  readonly stale: number;
  /** Probes that settled at or after their deadline. */
  readonly overdueProbes: number;
  /** Times that a hold began or came to reach further. */
  readonly holds: number;
  /** Calls refused. */
  readonly rejected: RejectionCounts;
}

/** Everything that a breaker counts. */
export interface BreakerCounts extends Counts {
  /** Probes in flight. */
  readonly inFlight: number;
  /** Calls refused since the breaker was created. */
  readonly rejected: number;
  /** Calls that settled in a later epoch than they were admitted in, since the breaker was created. */
  readonly staleCalls: number;
  /** Probes that settled at or after their deadline, since the breaker was created. */
  readonly overdueProbes: number;
  /** The same and more by outcome and reason, since the breaker was created. */
  readonly lifetime: LifetimeCounts;
}
