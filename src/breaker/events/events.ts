import type { EffectivePolicy } from "../../policy/policy.ts";
import type { LastFailure } from "../trip/last_failure.ts";
import type { Trip } from "../trip/trip.ts";
import type { Outcome } from "../window/outcome.ts";
import type { OverdueProbeEvent } from "./overdue_probe.ts";
import type { RejectionDetails } from "./refusal.ts";
import type { StateName, TransitionCause } from "./state_name.ts";

/** A breaker entered another state. */
export interface StateChangeEvent {
  /** Name of the breaker. */
  readonly breaker: string;
  /** The state that it left. */
  readonly from: StateName;
  /** The state that it entered. */
  readonly to: StateName;
  /** Why; a reopening says whether a probe failed or timed out, or whether it was done by hand. */
  readonly cause: TransitionCause;
  /** Why somebody reopened it by hand, where that was said; that of a trip by hand stands in `trip`. */
  readonly reason?: string;
  /** The failure of the probe that reopened it, where it failed and that is known. */
  readonly lastFailure?: LastFailure;
  /** When it happened, in milliseconds of the breaker's clock; a transition is made when somebody looks, but as of the instant at which it was due. */
  readonly at: number;
  /** What tripped the breaker when it left closed; absent where nothing did. */
  readonly trip?: Trip;
}

/** A breaker refused a call. */
export type RejectEvent = RejectionDetails;

/** A breaker in the mode `metrics-only` would have opened. */
export interface WouldOpenEvent {
  /** Name of the breaker. */
  readonly breaker: string;
  /** What would have tripped it. */
  readonly trip: Trip;
}

/** A call settled in a later epoch than it was admitted in, and changed nothing. */
export interface StaleResultEvent {
  /** Name of the breaker. */
  readonly breaker: string;
  /** How the call ended. */
  readonly outcome: Outcome;
  /** The breaker's state when it settled. */
  readonly state: StateName;
}

/** Another policy came into force. For a change of the default policy it is announced when somebody looks at the breaker. */
export interface PolicyChangeEvent {
  /** Name of the breaker. */
  readonly breaker: string;
  /** The policy in force now. */
  readonly policy: EffectivePolicy;
  /** The one before. */
  readonly previous: EffectivePolicy;
  /** When it came into force, in milliseconds of the breaker's clock. */
  readonly at: number;
}

/** A hold began, or came to reach further. */
export interface HoldEvent {
  /** Name of the breaker. */
  readonly breaker: string;
  /** Whose hold it is; `dependency`: a failure asked for it. */
  readonly owner: string;
  /** How long it lasts from now, in milliseconds. */
  readonly forMs: number;
}

/** A hold was ended before its time. */
export interface ReleaseEvent {
  /** Name of the breaker. */
  readonly breaker: string;
  /** Whose hold it was; `dependency`: a failure had asked for it. */
  readonly owner: string;
}

/** The events of a breaker by name. */
export interface BreakerEvents {
  /** The breaker entered another state. */
  stateChange: StateChangeEvent;
  /** The breaker refused a call. Not announced: calls that a listener to this event makes and has refused. */
  reject: RejectEvent;
  /** In the mode `metrics-only`: the breaker would have opened; announced once per crossing. */
  wouldOpen: WouldOpenEvent;
  /** A call settled in a later epoch than it was admitted in. */
  staleResult: StaleResultEvent;
  /** A probe settled at or after its deadline, and changed nothing but how long the next ones may take. */
  overdueProbe: OverdueProbeEvent;
  /** A hold began, or came to reach further. */
  hold: HoldEvent;
  /** A hold was ended by its owner, or by a reset. */
  release: ReleaseEvent;
  /** Another policy came into force. */
  policyChange: PolicyChangeEvent;
}

/** Is called with each event of one kind. */
export type BreakerListener<K extends keyof BreakerEvents> = (event: BreakerEvents[K]) => void;
