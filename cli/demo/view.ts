import type { StateName } from "../../src/breaker/events/state_name.ts";
import type { Peek } from "../../src/breaker/rejection.ts";
import type { EffectivePolicy } from "../../src/policy/policy.ts";
import type { Happening } from "./happening.ts";
import type { CallRecord, Side, Tally } from "./ledger.ts";
import type { Phase, Scenario } from "./scenario.ts";
import type { Behaviour } from "./service.ts";

/** A phase that has begun. */
export interface BegunPhase {
  /** Which phase. */
  readonly phase: Phase;
  /** When it began, in milliseconds since the demo did. */
  readonly sinceMs: number;
}

/** What is known of one side. */
export interface SideView {
  /** What happened in each row's time. */
  readonly tallies: readonly Tally[];
  /** Every call that has ended. */
  readonly records: readonly CallRecord[];
  /** What the service itself has counted. */
  readonly received: Readonly<Record<Behaviour, number>>;
}

/** Everything that there is to show of the demo at one moment. */
export interface DemoView {
  /** What the demo does. */
  readonly scenario: Scenario;
  /** The breaker's name. */
  readonly breaker: string;
  /** Where the guarded service listens. */
  readonly url: string;
  /** Milliseconds since the demo began. */
  readonly elapsedMs: number;
  /** The phases that have begun; the last of them is going on. */
  readonly phases: readonly BegunPhase[];
  /** The breaker's state now. */
  readonly state: StateName;
  /** What a call would get now. */
  readonly peek: Peek;
  /** The policy in force now. */
  readonly policy: EffectivePolicy;
  /** What has happened, in order. */
  readonly happenings: readonly Happening[];
  /** Callers with the breaker and callers without. */
  readonly sides: Readonly<Record<Side, SideView>>;
}

/** Shows a demo as it runs. */
export interface DemoDisplay {
  /** Is called several times a second, and with `isLast` once at the end. */
  update(view: DemoView, isLast: boolean): void;
}
