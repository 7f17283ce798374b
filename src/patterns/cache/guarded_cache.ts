import { isThenable } from "../../call/thenable.ts";
import { race } from "../../time/waiting.ts";
import { type CacheEntry, isCacheEntry } from "./cache.ts";
import type { CacheFallbackSettings } from "./cache_fallback_options.ts";
import type { RatedLog } from "./rated_log.ts";

/**
 * A cache that cannot harm a call: what it throws, rejects with or takes too
 * long over is warned of, and counts as nothing found or nothing done. It
 * answers at once where the cache does.
 */
export class GuardedCache<T> {
  readonly #settings: CacheFallbackSettings<T>;
  readonly #log: RatedLog;

  /** Guards the cache of `settings`. */
  constructor(settings: CacheFallbackSettings<T>, log: RatedLog) {
    this.#settings = settings;
    this.#log = log;
  }

  /**
   * What is kept for `key`; `undefined`: nothing that is of use.
   *
   * @throws The signal's reason, by a rejection, if it is aborted while the cache is asked.
   */
  read(
    key: string,
    signal: AbortSignal | undefined,
  ): CacheEntry<T> | undefined | Promise<CacheEntry<T> | undefined> {
    try {
      const found: unknown = this.#settings.cache.get(key);
      if (!isThenable(found)) return this.#entry(key, found);
      return this.#bounded(found, signal).then((entry) => this.#entry(key, entry))
        .catch((error) => {
          if (signal?.aborted) throw signal.reason;
          return this.#unread(key, error);
        });
    } catch (error) {
      return this.#unread(key, error);
    }
  }

  /** Keeps `entry`; a promise where that takes time, which never rejects. */
  write(key: string, entry: CacheEntry<T>): Promise<void> | undefined {
    return this.#change(key, () => this.#settings.cache.set(key, entry));
  }

  /** Drops what is kept for `key`, if the cache can; a promise where that takes time, which never rejects. */
  drop(key: string): Promise<void> | undefined {
    return this.#change(key, () => this.#settings.cache.delete?.(key));
  }

  /** An entry of now; `undefined` where the wall clock fails. */
  stamp(value: T): CacheEntry<T> | undefined {
    const storedAt = this.#now();
    return Number.isFinite(storedAt) ? { value, storedAt } : undefined;
  }

  /**
   * How long ago an entry was stored, in milliseconds. One from the future, by
   * another process whose clock is ahead or from before this one's was set
   * back, counts as being as old as it is early, so that neither a small
   * difference between clocks nor a large one matters. Not a number where the
   * wall clock fails, so that the entry is neither fresh nor stale.
   */
  ageMs(entry: CacheEntry<T>): number {
    return Math.abs(this.#now() - entry.storedAt);
  }

  #now(): number {
    try {
      return this.#settings.wallClock();
    } catch (error) {
      this.#warn("cannot read its wall clock", { error });
      return Number.NaN;
    }
  }

  #entry(key: string, found: unknown): CacheEntry<T> | undefined {
    if (found === undefined || found === null) return undefined;
    if (isCacheEntry<T>(found)) return found;
    this.#warn("ignoring an entry of unknown shape", { key });
    return undefined;
  }

  #unread(key: string, error: unknown): undefined {
    this.#warn("cannot read its cache, loading instead", { key, error });
  }

  #change(key: string, change: () => unknown): Promise<void> | undefined {
    const failed = (error: unknown): void => this.#warn("cannot write its cache", { key, error });
    try {
      const done = change();
      if (isThenable(done)) return this.#bounded(done, undefined).then(() => {}, failed);
    } catch (error) {
      failed(error);
    }
    return undefined;
  }

  #bounded(answer: PromiseLike<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
    const { clock, cacheTimeoutMs: timeoutMs } = this.#settings;
    const options = signal === undefined ? { clock, timeoutMs } : { clock, timeoutMs, signal };
    return race(Promise.resolve(answer), options);
  }

  #warn(what: string, fields: Record<string, unknown>): void {
    this.#log.warn(what, { cache: this.#settings.name, ...fields });
  }
}
