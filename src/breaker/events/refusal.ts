import type { Trip } from "../trip/trip.ts";
import type { StateName } from "./state_name.ts";

/**
 * Why a breaker refuses a call: it is `open`; somebody holds it (`held`); enough probes are in flight (`probing`); the
 * allowance of the ramp is used up (`ramping`); the mode is `forced-open` (`forced`).
 */
export type RejectionReason = "open" | "held" | "probing" | "ramping" | "forced";

/** What refusals for one reason during one opening have in common. */
export interface CommonRefusal {
  readonly epoch: number;
  readonly reason: RejectionReason;
  readonly message: string;
  /** The error that serves all of them, where one is to. */
  error?: Error;
}

/** What a refusal says (R18). */
export interface RejectionDetails {
  /** Name of the breaker. */
  readonly breaker: string;
  /** Its state. */
  readonly state: StateName;
  /** Why it refuses. */
  readonly reason: RejectionReason;
  /** Whole milliseconds until a call may be admitted; absent for `probing` and `forced`. */
  readonly retryAfterMs?: number;
  /** What tripped it when it left closed; absent where nothing did. */
  readonly trip?: Trip;
}
