import type { Duration } from "../../mod.ts";

/** What R22 and R23 ask of a breaker, for as long as its own type does not have it. */
export interface AwaitedBreaker {
  /** Refuses every call for so long, on behalf of `owner`. */
  hold(duration: Duration, options?: { readonly owner?: string }): void;
  /** Ends the hold of `owner`. */
  release(options?: { readonly owner?: string }): void;
  /** Opens a closed breaker, and a half-open one again. */
  tripNow(options?: { readonly reason?: string }): void;
}

/** What R22 asks of a breaker's settings. */
export interface AwaitedSettings {
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
