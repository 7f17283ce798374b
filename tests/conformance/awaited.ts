import type { Duration } from "../../mod.ts";

/** What R19 and R22 ask of a breaker's settings. */
export interface AwaitedSettings {
  /** Milliseconds since 1970. @default Date.now; with a `clock` of one's own, its readings */
  readonly wallClock: () => number;
  /** For how long the dependency asks to be left alone by this error or value, which was judged a failure. */
  readonly holdAfter: (outcome: unknown) => Duration | undefined;
}

/** What R22 asks of `peek()`. */
export interface AwaitedPeek {
  /** Whole milliseconds left of the hold in force, rounded up; absent: there is none. */
  readonly heldForMs: number;
}

/** What R11 asks of `counts`. */
export interface AwaitedCounts {
  /** Probes that settled at or after their deadline, since the breaker was made. */
  readonly overdueProbes: number;
}

/** What R19 keeps in a snapshot for the newer rules. */
export interface AwaitedSnapshot {
  /** When it was taken: milliseconds since 1970 by the wall clock. */
  readonly takenAt: number;
  /** The holds that are not over (R22). */
  readonly holds: readonly { readonly owner: string; readonly leftMs: number }[];
  /** What is left of the time that failures asked for; 0: nothing (R22). */
  readonly askedLeftMs: number;
  /** The longest time after which an overdue probe succeeded; 0: none has (R11). */
  readonly slowestProbeMs: number;
  /** How long ago the newest failure was recorded since the last closing; `null`: there was none (R24). */
  readonly lastFailureMsAgo: number | null;
}
