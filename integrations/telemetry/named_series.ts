import { Totals } from "./totals.ts";

/** How much a name needs a series of its own: the more, the later it gives it back. */
export const Need = {
  /** Its breaker is gone. */
  gone: 0,
  /** Its breaker gave way to another, and somebody still holds it. */
  loose: 1,
  /** Its breaker is closed. */
  closed: 2,
  /** Its breaker is not closed. */
  open: 3,
} as const;

/** One of {@linkcode Need}. */
export type Need = (typeof Need)[keyof typeof Need];

/** Series beyond the limit that are kept for the next reading; maybe nobody ever reads. */
const MOST_UNREAD = 10_000;

/** What is reported under one label. */
export interface Entry {
  /** The label; `undefined`: of all that have no series of their own. */
  readonly label: string | undefined;
  readonly totals: Totals;
  need: Need;
  /** Whether what it came to when its breaker closed has been read. */
  isTold: boolean;
}

/**
 * The names that have a series of their own: as many as may be, the first ones.
 * What is not closed has one always, also beyond that. A series that is needed
 * less is given back when a name needs one more: that of a breaker that is gone
 * first, and that of a closed one only for one that is not.
 */
export class NamedSeries {
  readonly #max: number;
  readonly #entries = new Map<string, Entry>();
  /** Of all that have none of their own. */
  #overflow: Entry | undefined;
  /** So many are cleared up without a reading. */
  #clearAt: number;
  /** Who may give a series back at this reading, the readiest last. */
  #ready: Entry[] = [];
  /** Given back after the last reading showed them: who is back by the next one goes on, or its counters would fall. */
  readonly #givenBack = new Map<string, Entry>();

  /** Starts empty, for `max` names; with 0 no name has a series of its own. */
  constructor(max: number) {
    this.#max = max;
    this.#clearAt = max + MOST_UNREAD;
  }

  /** Every series there is. */
  all(): Entry[] {
    const entries = [...this.#entries.values()];
    return this.#overflow === undefined ? entries : [...entries, this.#overflow];
  }

  /** The series that a label has of its own. */
  own(label: string): Entry | undefined {
    return this.#entries.get(label);
  }

  /** The series under which a label is reported between readings. */
  of(label: string, need: Need = Need.closed): Entry {
    const own = this.#entries.get(label);
    if (own !== undefined) return own;
    if (this.#entries.size < this.#max) return this.#add(label, need);
    if (this.#max === 0 || need < Need.open) return this.overflow;
    if (this.#entries.size >= this.#clearAt) this.#clear();
    return this.#add(label, need);
  }

  /** The series of all that have none of their own. */
  get overflow(): Entry {
    return this.#overflow ??= newEntry(undefined, Need.open);
  }

  /** Begins a reading: who has a series shows its need anew. */
  begin(): void {
    for (const entry of this.#entries.values()) entry.need = Need.gone;
  }

  /** All who have a series have shown their need: those who need theirs little may lose it. */
  settle(): void {
    // The newest of those that need it as little is the readiest, so that the first names keep theirs.
    this.#ready = [...this.#entries.values()]
      .filter(({ need, isTold }) => need < Need.open && isTold)
      .sort((one, other) => other.need - one.need);
  }

  /** A series for a label that has none, if it needs one more than another does. */
  claim(label: string, need: Need): Entry {
    if (this.#entries.has(label) || this.#max === 0) return this.of(label, need);
    if (this.#entries.size >= this.#max) {
      const readiest = this.#ready.at(-1);
      if (readiest !== undefined && readiest.need < need) this.#giveBack(readiest);
    }
    return this.of(label, need);
  }

  /** Ends a reading, which has told of all: what is beyond the limit is given back. */
  end(): void {
    for (const entry of this.#entries.values()) entry.isTold = true;
    this.settle();
    this.#givenBack.clear();
    while (this.#entries.size > this.#max) {
      const readiest = this.#ready.at(-1);
      if (readiest === undefined) break;
      this.#giveBack(readiest);
      if (readiest.label !== undefined) this.#givenBack.set(readiest.label, readiest);
    }
    this.#ready = [];
  }

  #giveBack(readiest: Entry): void {
    this.#ready.pop();
    if (readiest.label !== undefined) this.#entries.delete(readiest.label);
  }

  /** Gives back what is not needed, where nobody reads. */
  #clear(): void {
    for (const [label, { need }] of this.#entries) {
      if (need < Need.open) this.#entries.delete(label);
    }
    this.#clearAt = Math.max(this.#max, this.#entries.size) + MOST_UNREAD;
  }

  #add(label: string, need: Need): Entry {
    const entry = this.#givenBack.get(label) ?? newEntry(label, need);
    entry.need = need;
    this.#entries.set(label, entry);
    return entry;
  }
}

function newEntry(label: string | undefined, need: Need): Entry {
  return { label, totals: new Totals(), need, isTold: false };
}
