/** The two sides that are compared: callers with a breaker and callers without. */
export type Side = "guarded" | "bare";

/** How a call ended for its caller. */
export type Ending = "ok" | "failed" | "refused";

/** A call that has ended. */
export interface CallRecord {
  /** When the caller asked, in milliseconds since the demo began. */
  readonly askedMs: number;
  /** When the caller had an answer, in milliseconds since the demo began. */
  readonly endedMs: number;
  /** How it ended. */
  readonly ending: Ending;
  /** Whether the breaker let it through as a probe. */
  readonly probe: boolean;
}

/** What happened on one side during one row of the table. */
export interface Tally {
  /** Calls that callers asked for. */
  readonly asked: number;
  /** Calls that ended well. */
  readonly ok: number;
  /** Calls that failed, by their time limit too. */
  readonly failed: number;
  /** Calls that the breaker refused. */
  readonly refused: number;
  /** Probes among those that ended. */
  readonly probes: number;
  /** Calls in flight at the row's end, or now. */
  readonly waiting: number;
}

/** Everything that callers of one side have seen. */
export class Ledger {
  readonly #askedMs: number[] = [];
  readonly #records: CallRecord[] = [];

  /** Notes that a caller asks. */
  asked(atMs: number): void {
    this.#askedMs.push(atMs);
  }

  /** Notes that a caller has an answer. */
  ended(record: CallRecord): void {
    this.#records.push(record);
  }

  /** The calls that have ended, in the order in which they did. */
  get records(): readonly CallRecord[] {
    return this.#records;
  }

  /** What happened in each `rowMs` milliseconds until `nowMs`, the last of them perhaps unfinished. */
  tallies(rowMs: number, nowMs: number): readonly Tally[] {
    const count = Math.max(1, Math.ceil(nowMs / rowMs));
    const rows = Array.from(
      { length: count },
      () => ({ asked: 0, ok: 0, failed: 0, refused: 0, probes: 0, waiting: 0 }),
    );
    const rowAt = (ms: number) => rows[Math.min(count - 1, Math.floor(ms / rowMs))];
    for (const ms of this.#askedMs) {
      const row = rowAt(ms);
      if (row !== undefined) row.asked++;
    }
    for (const { endedMs, ending, probe } of this.#records) {
      const row = rowAt(endedMs);
      if (row === undefined) continue;
      row[ending]++;
      if (probe) row.probes++;
    }
    let waiting = 0;
    for (const row of rows) {
      waiting += row.asked - row.ok - row.failed - row.refused;
      row.waiting = waiting;
    }
    return rows;
  }
}
