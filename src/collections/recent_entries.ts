/** An entry by key, between the one used before it and the one used after. */
export interface RecentEntry<E> {
  readonly key: string;
  /** Set by {@linkcode RecentEntries}. */
  older: E | undefined;
  /** Set by {@linkcode RecentEntries}. */
  newer: E | undefined;
}

/**
 * Entries by key, in the order in which they were last used. Every operation
 * takes the same few steps, however many entries there are: a `Map` alone would take
 * longer to find its first key the more were deleted before it.
 */
export class RecentEntries<E extends RecentEntry<E>> {
  readonly #entries = new Map<string, E>();
  #oldest: E | undefined;
  #newest: E | undefined;

  /** Entries there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** The one whose use is longest ago. */
  get oldest(): E | undefined {
    return this.#oldest;
  }

  /** All entries, in the order in which they were added. */
  values(): IterableIterator<E> {
    return this.#entries.values();
  }

  /** The entry of a key; that is no use of it. */
  get(key: string): E | undefined {
    return this.#entries.get(key);
  }

  /** Adds an entry whose key is not there, as the one used last. */
  add(entry: E): void {
    this.#entries.set(entry.key, entry);
    this.#append(entry);
  }

  /** An entry that is there is now the one used last. */
  use(entry: E): void {
    if (entry === this.#newest) return;
    this.#unlink(entry);
    this.#append(entry);
  }

  /** Removes an entry that is there. */
  delete(entry: E): void {
    this.#entries.delete(entry.key);
    this.#unlink(entry);
    entry.older = undefined; // or a dead entry would keep its neighbours from being collected soon
    entry.newer = undefined;
  }

  /** Removes all entries. */
  clear(): void {
    this.#entries.clear();
    this.#oldest = undefined;
    this.#newest = undefined;
  }

  #append(entry: E): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink({ older, newer }: E): void {
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
  }
}
