/** One call that somebody made and that has to settle. */
export interface LedgerEntry {
  /** Its number. */
  readonly id: number;
  /** What it is, for people. */
  readonly what: string;
  /** When it has to be settled at the latest, in milliseconds. */
  readonly dueAt: number;
  /** Timers and abort listeners that it may have at once. */
  readonly resources: number;
}

/** What a call is that is entered. */
export interface LedgerOptions {
  /** The longest that it may take, in milliseconds. */
  readonly limitMs: number;
  /** Timers and abort listeners that it may have at once. @default 2 */
  readonly resources?: number;
}

/** Every call that was made, until it settles: exactly once, and in time. */
export class CallLedger {
  readonly #report: (seen: string) => void;
  readonly #now: () => number;
  readonly #outstanding = new Map<number, LedgerEntry>();
  /** Calls that were reported as overdue, and may settle yet. */
  readonly #givenUp = new Set<number>();
  #made = 0;
  #resources = 0;

  /** Starts empty; `report` hears of each call that settles late or more than once. */
  constructor(report: (seen: string) => void, now: () => number) {
    this.#report = report;
    this.#now = now;
  }

  /** Enters a call. */
  begin(what: string, { limitMs, resources = 2 }: LedgerOptions): LedgerEntry {
    const entry = { id: ++this.#made, what, dueAt: this.#now() + limitMs, resources };
    this.#outstanding.set(entry.id, entry);
    this.#resources += resources;
    return entry;
  }

  /** Strikes a call off. */
  settle(entry: LedgerEntry): void {
    if (this.#givenUp.delete(entry.id)) return;
    if (!this.#outstanding.delete(entry.id)) {
      this.#report(`call ${entry.id} (${entry.what}) settled again`);
      return;
    }
    this.#resources -= entry.resources;
  }

  /** Reports, once, each call that is out for more than its limit and `slackMs`, and gives it up. */
  reportOverdue(slackMs: number): void {
    const now = this.#now();
    for (const entry of this.#outstanding.values()) {
      if (now <= entry.dueAt + slackMs) continue;
      const lateMs = Math.round(now - entry.dueAt);
      this.#report(`call ${entry.id} (${entry.what}) is not settled ${lateMs} ms after its limit`);
      this.settle(entry);
      this.#givenUp.add(entry.id);
    }
  }

  /** Calls that were made. */
  get made(): number {
    return this.#made;
  }

  /** Calls that have not settled. */
  get outstanding(): number {
    return this.#outstanding.size;
  }

  /** Timers and abort listeners that they may have at once. */
  get resources(): number {
    return this.#resources;
  }
}
