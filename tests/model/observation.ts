import type { Criterion } from "./criteria.ts";
import type { Counted } from "./history.ts";

/** How a call ends; the last three are R1's `ignored`. */
export type Outcome = Counted | "ignored" | "cancelled" | "dropped";

/** The state that is shown. */
export type State = "closed" | "open" | "half-open";

/** Why a call is rejected. */
export type Reason = "forced" | "open" | "held" | "ramping" | "probing";

/** Every value from `min` to `max` is allowed. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What `begin` gives. */
export type Admission =
  | { readonly admitted: true; readonly id: number }
  | { readonly admitted: false; readonly reason: Reason; readonly retryAfterMs: number | null };

/** What is known of a settlement besides its outcome. */
export interface SettlementDetails {
  /** Whether the breaker was seen to open: consulted only where R3 leaves open whether a criterion holds. */
  readonly opened?: boolean;
  /** For how long a failure asks that the dependency be left alone (R22). */
  readonly holdAfterMs?: number;
}

/** What became of a settlement. */
export type Verdict = "stale" | "ignored" | "recorded" | "tripped" | "probe";

/** What can be read of the model. */
export interface Observation {
  readonly state: State;
  readonly calls: Range;
  readonly failures: Range;
  readonly successes: Range;
  readonly slow: Range;
  readonly timeouts: Range;
  readonly consecutiveFailures: number;
  readonly rejected: number;
  readonly staleCalls: number;
  readonly inFlight: number;
  readonly reason: Reason | null;
  readonly retryAfterMs: number | null;
  readonly transitions: readonly State[];
  /** When each of them happened, in milliseconds since the start. */
  readonly enteredAtMs: readonly number[];
  /** Any one of these may be named; empty where no trip is in force. */
  readonly trippedBy: readonly Criterion[];
  /** Whole milliseconds left of the hold in force. */
  readonly held: number | null;
  /** Probes that settled at or after their deadline. */
  readonly overdueProbes: number;
  /** How often it was announced that the breaker would have opened; `null`: the rules leave it open. */
  readonly wouldOpen: number | null;
}
