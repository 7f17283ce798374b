import type { Nanos } from "../../time/timeline.ts";

/** What is forgotten only once it is idle. */
export interface Idler {
  /** Whether a new one in its place would do the same. */
  readonly isIdle: boolean;
}

/**
 * Values by key, in the order in which they were last used. Every operation
 * takes the same few steps, however many keys there are.
 */
export class RecentKeys<V extends Idler> {
  readonly #entries = new Map<string, Entry<V>>();
  #oldest: Entry<V> | undefined;
  #newest: Entry<V> | undefined;
  /** Where the search for idle keys goes on; from the oldest if nowhere. */
  #hand: Entry<V> | undefined;

  /** Keys there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** All keys and values as of now. */
  entries(): [string, V][] {
    return Array.from(this.#entries.values(), ({ key, value }) => [key, value]);
  }

  /** The value of a key, which is now the one used last. */
  use(key: string, at: Nanos): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry !== this.#newest) {
      this.#unlink(entry);
      this.#append(entry);
    }
    entry.usedAt = at;
    return entry.value;
  }

  /** Adds a key that is not there. */
  add(key: string, value: V, at: Nanos): void {
    const entry = new Entry(key, value, at);
    this.#entries.set(key, entry);
    this.#append(entry);
  }

  /** Forgets a key; whether it was there. */
  delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    this.#unlink(entry);
    return true;
  }

  /** Forgets the key whose use is longest ago. */
  deleteOldest(): void {
    if (this.#oldest !== undefined) this.delete(this.#oldest.key);
  }

  /** Looks at the next `steps` keys last used at `until` or before, and forgets those that are idle. */
  sweep(steps: number, until: Nanos): void {
    for (let i = 0; i < steps; i++) {
      const entry = this.#hand ?? this.#oldest;
      if (entry === undefined) return;
      if (entry.usedAt > until) {
        this.#hand = undefined;
        return;
      }
      this.#hand = entry.next;
      if (entry.value.isIdle && this.#entries.get(entry.key) === entry) this.delete(entry.key);
    }
  }

  #append(entry: Entry<V>): void {
    entry.previous = this.#newest;
    entry.next = undefined;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.next = entry;
    this.#newest = entry;
  }

  #unlink(entry: Entry<V>): void {
    const { previous, next } = entry;
    if (previous === undefined) this.#oldest = next;
    else previous.next = next;
    if (next === undefined) this.#newest = previous;
    else next.previous = previous;
    if (this.#hand === entry) this.#hand = next;
  }
}

/** One key, between the one used before it and the one used after. */
class Entry<V> {
  previous: Entry<V> | undefined;
  next: Entry<V> | undefined;

  constructor(readonly key: string, readonly value: V, public usedAt: Nanos) {}
}
