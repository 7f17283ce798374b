import type { EffectivePolicy, Mode } from "../../policy/policy.ts";
import { type Nanos, toNanos } from "../../time/timeline.ts";
import type { OutcomeBits } from "../window/outcome.ts";
import type { RejectionReason } from "./refusal.ts";

/** The tick of those who count in whole ticks. */
export const TICK: Nanos = toNanos(0.1);

/** How an admitted call ended. One object serves all that are told: who keeps something of it copies that. */
export interface Settlement {
  /** When the call was admitted. */
  readonly startedAt: Nanos;
  /** When it settled. */
  readonly at: Nanos;
  /** How it ended, `SLOW` included where the policy in force says so. */
  readonly bits: OutcomeBits;
  /** Whether the breaker has entered another epoch since the admission, so that the call changes nothing (R4). */
  readonly isStale: boolean;
  /** Whether it was admitted as a probe. */
  readonly isProbe: boolean;
  /** What `admitted` answered to the call. */
  readonly note: unknown;
}

/** What happens to a breaker besides its calls. */
export type Happening =
  /** Somebody looked when something was due; what it made is what was due by then. */
  | { readonly kind: "look"; readonly at: Nanos }
  /** A random number was drawn for a transition. */
  | { readonly kind: "draw"; readonly draw: number }
  /** `readyToTrip` was asked. */
  | { readonly kind: "verdict"; readonly trips: boolean }
  /** A policy came into force. */
  | { readonly kind: "policy"; readonly policy: EffectivePolicy; readonly at: Nanos }
  | { readonly kind: "reset"; readonly at: Nanos }
  /** The mode in code was set or, with `undefined`, cleared. */
  | { readonly kind: "override"; readonly mode: Mode | undefined; readonly at: Nanos }
  /** Somebody asked for a trip by hand, which only a closed or half-open breaker in mode `normal` makes. */
  | { readonly kind: "trip"; readonly reason: string | undefined; readonly at: Nanos }
  /** Somebody holds the breaker, perhaps for no longer than before. */
  | { readonly kind: "hold"; readonly owner: string; readonly lasts: Nanos; readonly at: Nanos }
  /** A failure, which is told next, asks for time. */
  | { readonly kind: "ask"; readonly lasts: Nanos; readonly at: Nanos }
  /** Somebody ends a hold, if there is one. */
  | { readonly kind: "release"; readonly owner: string; readonly at: Nanos }
  /** The breaker goes on where a snapshot was taken. */
  | { readonly kind: "restore"; readonly at: Nanos };

/**
 * Who watches the calls of one breaker, such as a recorder. It is told of
 * everything that decides what the breaker does, in the order in which it
 * began, so that who does the same with another breaker sees the same
 * transitions. A draw and a verdict are told behind the look or the settlement
 * that asked for them, and behind what the callback itself did to the breaker.
 *
 * It is told when the transitions that follow are complete, before listeners
 * are; of an admission at once, because the answer goes with the call. What it
 * throws is reported, and changes nothing.
 */
export interface CallWatcher {
  /**
   * Whether the breaker sees time in whole ticks of {@linkcode TICK}, from when this one began to watch. What is rounded down
   * afterwards would not be what the breaker has decided by.
   */
  readonly countsTicks?: boolean;
  /** Whether it is told of every admission; otherwise of those of probes alone. */
  readonly hearsAdmissions?: boolean;
  /** A call was admitted. What it answers comes back with the call's settlement; calls with one answer may share what the breaker keeps of them. */
  admitted?(at: Nanos, isProbe: boolean): unknown;
  /** An admitted call settled. */
  settled?(settlement: Settlement): void;
  /** A call was refused. */
  refused?(reason: RejectionReason, at: Nanos): void;
  /** Something else happened. */
  happened?(happening: Happening): void;
}
