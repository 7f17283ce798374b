import { RecentEntries, type RecentEntry } from "../../collections/recent_entries.ts";
import type { Nanos } from "../../time/timeline.ts";

/** What is forgotten only once it is idle. */
export interface Idler {
  /** Whether a new one in its place would do the same. */
  readonly isIdle: boolean;
}

/** Values by key, which are forgotten one by one when they are idle and were not used for long. */
export class RecentKeys<V extends Idler> {
  readonly #entries = new RecentEntries<Entry<V>>();
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
    if (entry === this.#hand && entry.newer !== undefined) this.#hand = entry.newer;
    this.#entries.use(entry);
    entry.usedAt = at;
    return entry.value;
  }

  /** Adds a key that is not there. */
  add(key: string, value: V, at: Nanos): void {
    this.#entries.add(new Entry(key, value, at));
  }

  /** Forgets a key; whether it was there. */
  delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#forget(entry);
    return true;
  }

  /** Forgets the key whose use is longest ago. */
  deleteOldest(): void {
    if (this.#entries.oldest !== undefined) this.#forget(this.#entries.oldest);
  }

  /** Looks at the next `steps` keys last used at `until` or before, and forgets those that are idle. */
  sweep(steps: number, until: Nanos): void {
    for (let i = 0; i < steps; i++) {
      const entry = this.#hand ?? this.#entries.oldest;
      if (entry === undefined) return;
      if (entry.usedAt > until) {
        this.#hand = undefined;
        return;
      }
      this.#hand = entry.newer;
      if (entry.value.isIdle && this.#entries.get(entry.key) === entry) this.#forget(entry);
    }
  }

  #forget(entry: Entry<V>): void {
    if (entry === this.#hand) this.#hand = entry.newer;
    this.#entries.delete(entry);
  }
}

class Entry<V> implements RecentEntry<Entry<V>> {
  older: Entry<V> | undefined;
  newer: Entry<V> | undefined;

  constructor(readonly key: string, readonly value: V, public usedAt: Nanos) {}
}
