import { type Indexed, IndexedHeap } from "./indexed_heap.ts";

/** From this worth on less may be lost with a value by and by; below it, a value is worth more only by being used. */
export const AT_STAKE = 2 ** 52;

/** The worth of a value that never gives way. */
export const KEPT = Infinity;

/** Values at stake that are looked at again whenever one is to give way. */
const LOOKED_AT = 8;

/** A value, and what it is worth. */
export interface Valued<T> {
  /** The value. */
  readonly value: T;
  /** What it was worth when it was last looked at. */
  readonly worth: number;
}

class Entry<T> implements Valued<T>, Indexed {
  index = -1;
  readonly value: T;
  /** Who came first, of those that are worth the same. */
  readonly turn: number;
  worth: number;

  constructor(value: T, turn: number, worth: number) {
    this.value = value;
    this.turn = turn;
    this.worth = worth;
  }
}

/**
 * The order in which values give way: the one with which the least would be
 * lost first, and of those that are worth the same the one that came first.
 *
 * Nobody tells it that a value is used. It keeps what each was worth when it was
 * last looked at, in a heap, and looks again at those that come to the front:
 * use only moves a value back, so that one which is still worth as little is the
 * first of all. Values at stake may come to be worth less as well; of those it
 * looks at eight each time, in turn. So finding one costs O(log n), and what
 * uses of values cost beyond that is O(log n) for each use at most.
 */
export class GivingWay<T extends object> {
  readonly #worthOf: (value: T) => number;
  readonly #entries = new Map<T, Entry<T>>();
  readonly #heap = new IndexedHeap<Entry<T>>((one, other) =>
    one.worth < other.worth || (one.worth === other.worth && one.turn < other.turn)
  );
  readonly #atStake = new Set<Entry<T>>();
  /** Goes round those at stake. */
  #hand = this.#atStake.values();
  #turns = 0;

  /** Starts empty. `worthOf` may wake listeners, through whom values come and go. */
  constructor(worthOf: (value: T) => number) {
    this.#worthOf = worthOf;
  }

  /** Adds a value that is worth so much at least; it is looked at before it gives way. */
  add(value: T, worth = 0): void {
    if (this.#entries.has(value)) return;
    const entry = new Entry(value, this.#turns++, worth);
    this.#entries.set(value, entry);
    this.#heap.add(entry);
    if (worth >= AT_STAKE) this.#atStake.add(entry);
  }

  /** Takes a value out. */
  delete(value: T): void {
    const entry = this.#entries.get(value);
    if (entry === undefined) return;
    this.#entries.delete(value);
    this.#heap.remove(entry);
    this.#atStake.delete(entry);
  }

  /** The value that is to give way; `undefined`: none is, as far as has been seen. */
  next(): Valued<T> | undefined {
    this.#lookAgain();
    for (;;) {
      const { first } = this.#heap;
      if (first === undefined || first.worth === KEPT) return undefined;
      const { worth } = first;
      if (this.#look(first) === worth) return first;
    }
  }

  /** Looks at some of those that may be worth less by now. */
  #lookAgain(): void {
    for (let left = Math.min(LOOKED_AT, this.#atStake.size); left > 0; left--) {
      let next = this.#hand.next();
      if (next.done) {
        this.#hand = this.#atStake.values();
        next = this.#hand.next();
      }
      if (next.done) return;
      this.#look(next.value);
    }
  }

  /** What a value is worth now; `undefined`: it has gone meanwhile. */
  #look(entry: Entry<T>): number | undefined {
    const worth = this.#worthOf(entry.value);
    if (entry.index < 0) return undefined;
    if (worth !== entry.worth) {
      entry.worth = worth;
      this.#heap.move(entry);
      if (worth < AT_STAKE) this.#atStake.delete(entry);
      else this.#atStake.add(entry);
    }
    return worth;
  }
}
