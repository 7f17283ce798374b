/** What has a time limit. */
export interface Expiring {
  /** The limit is over. Called once, not after `clear`, and must not throw. */
  onDeadline(): void;
}

/** One time limit. */
export interface Deadline {
  /** Ends it; does nothing once it is over or ended. */
  clear(): void;
}

/** Time limits on one clock. */
export interface Deadlines {
  /**
   * Tells `owner` once `limitMs` milliseconds have passed: never before, and
   * after that as soon as the clock's timers allow.
   *
   * @throws What the clock's `setTimeout` throws; then nothing is set.
   */
  set(limitMs: number, owner: Expiring): Deadline;
}
