import type { RejectionReason } from "../../src/breaker/events/refusal.ts";
import type { StateName } from "../../src/breaker/events/state_name.ts";
import type { LifetimeCounts } from "../../src/breaker/window/counts.ts";

/** What is reported of one breaker, or of all those that have no series of their own. */
export interface Series {
  /** The breaker's name as it is reported; `undefined`: of all that have no series of their own. */
  readonly label: string | undefined;
  /** How many of its breakers are in each state: one in one, unless names share a series or the breaker is gone. */
  readonly states: Readonly<Record<StateName, number>>;
  /** What its breakers have counted; never falls. */
  readonly totals: Totals;
}

/** The kinds of outcomes, each call in one: a timeout is no `failure` here. */
export type OutcomeName = "success" | "failure" | "timeout" | "ignored";

const REASONS: readonly RejectionReason[] = ["open", "held", "probing", "ramping", "forced"];

/** Counters that never fall, although breakers come and go. */
export class Totals {
  readonly outcomes: Record<OutcomeName, number> = {
    success: 0,
    failure: 0,
    timeout: 0,
    ignored: 0,
  };
  readonly rejections: Record<RejectionReason, number> = {
    open: 0,
    held: 0,
    probing: 0,
    ramping: 0,
    forced: 0,
  };
  readonly transitions: Record<StateName, number> = { closed: 0, open: 0, "half-open": 0 };
  slow = 0;
  stale = 0;
  overdueProbes = 0;
  holds = 0;
  wouldOpen = 0;

  /** Adds what a breaker has counted since `before`. */
  add(now: LifetimeCounts, before: LifetimeCounts | undefined): void {
    const { outcomes } = this;
    const failures = now.failures - (before?.failures ?? 0);
    const timeouts = now.timeouts - (before?.timeouts ?? 0);
    outcomes.success += now.successes - (before?.successes ?? 0);
    outcomes.failure += failures - timeouts;
    outcomes.timeout += timeouts;
    outcomes.ignored += now.ignored - (before?.ignored ?? 0);
    this.slow += now.slow - (before?.slow ?? 0);
    this.stale += now.stale - (before?.stale ?? 0);
    // A breaker of another version of the package may not know all of them.
    this.overdueProbes += (now.overdueProbes ?? 0) - (before?.overdueProbes ?? 0);
    this.holds += (now.holds ?? 0) - (before?.holds ?? 0);
    for (const reason of REASONS) {
      this.rejections[reason] += (now.rejected[reason] ?? 0) - (before?.rejected[reason] ?? 0);
    }
  }
}
