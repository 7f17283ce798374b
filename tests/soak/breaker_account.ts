import type { LifetimeCounts, Outcome, RejectionReason } from "../../mod.ts";

const OUTCOMES = ["success", "failure", "timeout", "ignored"] as const;
const REASONS = ["open", "held", "probing", "ramping", "forced"] as const;

/** Lifetime counts of a breaker that has counted nothing. */
export const NOTHING_COUNTED: LifetimeCounts = {
  successes: 0,
  failures: 0,
  slow: 0,
  timeouts: 0,
  ignored: 0,
  stale: 0,
  overdueProbes: 0,
  holds: 0,
  rejected: { open: 0, held: 0, probing: 0, ramping: 0, forced: 0 },
};

/**
 * What happened to the calls through one breaker as its callers saw it, beside
 * what the breaker counted. Every call that was admitted is counted once: with
 * its outcome, or, once stale, in the stale ones, of which the events tell the outcome.
 */
export class BreakerAccount {
  readonly #base: LifetimeCounts;
  readonly #settled = { success: 0, failure: 0, timeout: 0, ignored: 0 };
  readonly #stale = { success: 0, failure: 0, timeout: 0, ignored: 0 };
  readonly #rejected = { open: 0, held: 0, probing: 0, ramping: 0, forced: 0 };
  readonly #outlived = { success: 0, failure: 0, timeout: 0, ignored: 0 };
  #refusals = 0;

  /** Starts with what the breaker has counted already. */
  constructor(base: LifetimeCounts = NOTHING_COUNTED) {
    this.#base = base;
  }

  /** A call that was admitted has ended. */
  settled(outcome: Outcome): void {
    this.#settled[outcome]++;
  }

  /** A call that was admitted in an earlier state has ended: it has to be stale. */
  outlived(outcome: Outcome): void {
    this.#outlived[outcome]++;
  }

  /** A caller was refused. */
  refused(): void {
    this.#refusals++;
  }

  /** The breaker announced a stale result. */
  announcedStale(outcome: Outcome): void {
    this.#stale[outcome]++;
  }

  /** The breaker announced a refusal. */
  announcedRefusal(reason: RejectionReason): void {
    this.#rejected[reason]++;
  }

  /**
   * What does not agree with what the breaker has counted, nothing being in flight.
   *
   * @param isPartial Whether the breaker may have left calls uncounted, as it does in the mode `disabled`.
   */
  differences(lifetime: LifetimeCounts, isPartial: boolean): string[] {
    const counted = countedSince(this.#base, lifetime);
    const found: string[] = [];
    const staleCalls = OUTCOMES.reduce((sum, outcome) => sum + this.#stale[outcome], 0);
    compare(found, "stale", { counted: counted.stale, seen: staleCalls });
    for (const outcome of OUTCOMES) {
      const [due, stale] = [this.#outlived[outcome], this.#stale[outcome]];
      if (stale < due) found.push(`${outcome}: ${due} are stale at least, ${stale} were announced`);
      const seen = this.#settled[outcome] - this.#stale[outcome];
      if (isPartial && counted[outcome] <= seen) continue;
      compare(found, outcome, { counted: counted[outcome], seen });
    }
    for (const reason of REASONS) {
      const seen = this.#rejected[reason];
      compare(found, `rejected (${reason})`, { counted: counted.rejected[reason], seen });
    }
    const rejected = REASONS.reduce((sum, reason) => sum + counted.rejected[reason], 0);
    compare(found, "rejected", { counted: rejected, seen: this.#refusals });
    return found;
  }
}

function countedSince(base: LifetimeCounts, now: LifetimeCounts):
  & {
    readonly [K in Outcome | "stale"]: number;
  }
  & { readonly rejected: Readonly<Record<RejectionReason, number>> } {
  const timeout = now.timeouts - base.timeouts;
  return {
    success: now.successes - base.successes,
    failure: now.failures - base.failures - timeout,
    timeout,
    ignored: now.ignored - base.ignored,
    stale: now.stale - base.stale,
    rejected: {
      open: now.rejected.open - base.rejected.open,
      probing: now.rejected.probing - base.rejected.probing,
      held: now.rejected.held - base.rejected.held,
      ramping: now.rejected.ramping - base.rejected.ramping,
      forced: now.rejected.forced - base.rejected.forced,
    },
  };
}

function compare(
  found: string[],
  what: string,
  { counted, seen }: { readonly counted: number; readonly seen: number },
): void {
  if (counted !== seen) found.push(`${what}: the breaker counted ${counted}, callers saw ${seen}`);
}
