import { RecentEntries, type RecentEntry } from "../../collections/recent_entries.ts";
import { OptionsCheck } from "../../check/check_options.ts";
import { type Clock, CLOCK_METHODS, systemClock } from "../../time/clock.ts";
import type { Duration } from "../../time/duration.ts";
import type { Cache } from "./cache.ts";

/** What a memory cache takes. */
export interface MemoryCacheOptions {
  /** Entries kept at most; the one that was used least recently makes way. */
  maxEntries: number;
  /** An entry that was set so long ago is gone. @default none, entries stay until they make way */
  maxAge?: Duration | undefined;
  /** The source of time. @default systemClock */
  clock?: Clock | undefined;
}

const KNOWN = ["maxEntries", "maxAge", "clock"];

interface Slot<V> extends RecentEntry<Slot<V>> {
  value: V;
  setAtMs: number;
}

/**
 * A bounded cache in memory that drops what was used least recently. Created by
 * {@linkcode createMemoryCache}.
 *
 * @example Usage
 * ```ts
 * import { createMemoryCache } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const cache = createMemoryCache<number>({ maxEntries: 2 });
 * cache.set("a", 1);
 * cache.set("b", 2);
 * cache.get("a");
 * cache.set("c", 3); // b makes way
 * assert.deepEqual([cache.get("a"), cache.get("b"), cache.get("c")], [1, undefined, 3]);
 * ```
 *
 * @typeParam V What it keeps.
 */
export class MemoryCache<V> implements Cache<V> {
  /** Entries kept at most. */
  readonly maxEntries: number;
  readonly #maxAgeMs: number;
  readonly #clock: Clock;
  readonly #slots = new RecentEntries<Slot<V>>();

  /** Created by {@linkcode createMemoryCache}. */
  constructor(options: MemoryCacheOptions) {
    const check = new OptionsCheck("create memory cache");
    check.known(options, KNOWN);
    const { maxEntries, maxAge, clock = systemClock } = options;
    check.methods("clock", clock, CLOCK_METHODS);
    this.maxEntries = check.integer("maxEntries", maxEntries, { min: 1 });
    this.#maxAgeMs = maxAge === undefined
      ? Infinity
      : check.duration("maxAge", maxAge, { above: 0 });
    this.#clock = clock;
  }

  /** Entries that are kept, those included that are too old but were not looked at since. */
  get size(): number {
    return this.#slots.size;
  }

  /** Gives what is kept for `key`, which thereby becomes the one used last; `undefined`: nothing. */
  get(key: string): V | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    if (this.#maxAgeMs !== Infinity && this.#clock.now() - slot.setAtMs >= this.#maxAgeMs) {
      this.#slots.delete(slot);
      return undefined;
    }
    this.#slots.use(slot);
    return slot.value;
  }

  /** Keeps `value` for `key`, which thereby becomes the one used last. */
  set(key: string, value: V): this {
    const setAtMs = this.#maxAgeMs === Infinity ? 0 : this.#clock.now();
    const known = this.#slots.get(key);
    if (known !== undefined) {
      known.value = value;
      known.setAtMs = setAtMs;
      this.#slots.use(known);
      return this;
    }
    const { oldest } = this.#slots;
    if (this.#slots.size >= this.maxEntries && oldest !== undefined) this.#slots.delete(oldest);
    this.#slots.add({ key, value, setAtMs, older: undefined, newer: undefined });
    return this;
  }

  /** Drops what is kept for `key`, and says whether there was anything. */
  delete(key: string): boolean {
    const slot = this.#slots.get(key);
    if (slot === undefined) return false;
    this.#slots.delete(slot);
    return true;
  }

  /** Drops everything. */
  clear(): void {
    this.#slots.clear();
  }
}

/**
 * Creates a bounded cache in memory. Every operation takes constant time; it
 * sets no timer: an entry that is too old goes when it is looked at, or when it
 * makes way.
 *
 * @example Usage
 * ```ts
 * import { createMemoryCache } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const cache = createMemoryCache<string>({ maxEntries: 10_000, maxAge: "10m" });
 * cache.set("user:7", "Ada");
 * assert.equal(cache.get("user:7"), "Ada");
 * ```
 *
 * @typeParam V What it keeps.
 * @param options Its bounds.
 * @returns The cache, empty.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If `maxEntries` is no integer of at least 1, or `maxAge` no duration above 0.
 */
export function createMemoryCache<V>(options: MemoryCacheOptions): MemoryCache<V> {
  return new MemoryCache(options);
}
