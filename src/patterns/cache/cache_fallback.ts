import type { Operation } from "../../call/operation.ts";
import { OptionsCheck } from "../../check/check_options.ts";
import { logSafely } from "../../log.ts";
import { ask, type Question } from "../ask.ts";
import { callFault } from "../call_fault.ts";
import type { Layer, LayerOptions } from "../layer.ts";
import type { CacheEntry } from "./cache.ts";
import {
  type CacheFallbackOptions,
  type CacheFallbackSettings,
  checkCacheFallback,
  isNothing,
} from "./cache_fallback_options.ts";
import { CacheLayer } from "./cache_layer.ts";
import { GuardedCache } from "./guarded_cache.ts";
import { type JoinedLoad, JoinedLoads, type LoadHooks } from "./joined_loads.ts";
import { RatedLog } from "./rated_log.ts";

/** A load whose stand-in is what the cache had. */
type CacheLoad<T> = JoinedLoad<T, CacheEntry<T>>;

const CALL = /* @__PURE__ */ new OptionsCheck("get from cache fallback");

/**
 * Answers from a cache while what it has is fresh, else loads, and falls back
 * on what is stale if that fails. Created by {@linkcode createCacheFallback}.
 *
 * @example Usage
 * ```ts
 * import { createCacheFallback } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const users = createCacheFallback<string>({ cache: new Map(), ttl: "1m", staleTtl: "1h" });
 * let loads = 0;
 * const load = () => `loaded ${++loads} times`;
 * assert.equal(await users.get("7", load), "loaded 1 times");
 * assert.equal(await users.get("7", load), "loaded 1 times");
 * ```
 *
 * @typeParam T What is loaded.
 */
export class CacheFallback<T> {
  /** Stands in the log. */
  readonly name: string;
  readonly #settings: CacheFallbackSettings<T>;
  readonly #check: OptionsCheck;
  readonly #log: RatedLog;
  readonly #cache: GuardedCache<T>;
  readonly #loads: JoinedLoads<T, CacheEntry<T>>;
  readonly #isNegative: Question<T>;
  readonly #handles: Question<unknown>;

  /** Created by {@linkcode createCacheFallback}. */
  constructor(options: CacheFallbackOptions<T>) {
    const settings = checkCacheFallback(options);
    const { name, clock, logger, isNegative, handles } = settings;
    this.name = name;
    this.#settings = settings;
    this.#check = new OptionsCheck(`get from cache fallback "${name}"`);
    this.#log = new RatedLog(logger, { clock, prefix: `Cache fallback "${name}"` });
    this.#cache = new GuardedCache(settings, this.#log);
    this.#loads = new JoinedLoads(settings);
    const report = (message: string, error: unknown): void =>
      logSafely(logger, "error", `Cache fallback "${name}": ${message}`, { cache: name, error });
    this.#isNegative = { name: "isNegative", predicate: isNegative, otherwise: false, report };
    this.#handles = { name: "handles", predicate: handles, otherwise: false, report };
  }

  /**
   * Gives the value of `key`: the cached one while it is fresh, else what `load`
   * resolves to, else, if that fails, the cached one while it may be stale.
   *
   * Concurrent loads of one key are joined: one of their loaders runs, and its
   * signal is aborted only when every caller that waits for it has aborted. A
   * loader must not wait for its own key. Where that can be seen, in a call made
   * while the loader starts or with the loader's own signal, the inner call
   * rejects; elsewhere, loaders that wait for each other wait until they are
   * aborted.
   *
   * @param key What is asked for.
   * @param load Loads it, guarded as it needs to be: through a breaker, with a timeout.
   * @param options The caller's signal. If it is aborted already, nothing is read or loaded.
   * @returns The value.
   * @throws What the loader throws, if nothing stands in; the signal's reason, at once, if the caller aborts.
   * @throws {TypeError} If `key` is no text or `load` no function.
   */
  get(key: string, load: Operation<T>, options?: LayerOptions): Promise<T> {
    const fault = callFault(CALL, options);
    if (fault !== undefined) return Promise.reject(fault);
    const signal = options?.signal ?? undefined;
    if (signal?.aborted) return Promise.reject(signal.reason);
    try {
      this.#check.callable("load", load);
      const under = this.#check.text("key", this.#settings.key(this.#check.text("key", key)));
      const inFlight = this.#find(under);
      // A refresh that nobody waits for is not waited for while what is cached is fresh.
      if (inFlight?.hasCallers || inFlight?.hasAnswer) return inFlight.join(signal);
      const found = this.#cache.read(under, signal);
      return found instanceof Promise
        ? found.then((entry) => this.#use(under, entry, load, signal))
        : this.#use(under, found, load, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * This cache for one key, as a layer of a composition: the operation is the loader.
   *
   * @param key What is asked for.
   * @returns The layer.
   */
  layer(key: string): Layer<T> {
    return new CacheLayer(this, key, this.#settings);
  }

  #use(
    key: string,
    entry: CacheEntry<T> | undefined,
    load: Operation<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const ageMs = entry === undefined ? Infinity : this.#cache.ageMs(entry);
    const { ttlMs, refreshAfterMs } = this.#settings;
    if (entry !== undefined && ageMs < ttlMs) {
      if (ageMs >= refreshAfterMs && this.#loads.find(key) === undefined) {
        this.#begin(key, entry).run(load, this.#hooks);
      }
      return Promise.resolve(entry.value);
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    const inFlight = this.#find(key);
    if (inFlight !== undefined) {
      inFlight.standIn ??= entry;
      return inFlight.join(signal);
    }
    const begun = this.#begin(key, entry);
    const answer = begun.join(signal);
    begun.run(load, this.#hooks);
    return answer;
  }

  /** The load to join: one in flight, or one whose answer is being stored and still fresh. */
  #find(key: string): CacheLoad<T> | undefined {
    const load = this.#loads.find(key);
    if (load === undefined || !load.hasAnswer) return load;
    const { standIn } = load;
    if (standIn === undefined) return undefined;
    return this.#cache.ageMs(standIn) < this.#settings.ttlMs ? load : undefined;
  }

  #begin(key: string, standIn: CacheEntry<T> | undefined): CacheLoad<T> {
    const load = this.#loads.begin(key);
    load.standIn = standIn;
    return load;
  }

  readonly #hooks: LoadHooks<T, CacheEntry<T>> = {
    onLoaded: (load, value) => this.#loaded(load, value),
    onFailed: (load, error) => this.#failed(load, error),
  };

  #loaded(load: CacheLoad<T>, value: T): void {
    // Found out before the callers are answered, so that the answer, the cache and their next call agree.
    const isNegative = ask(value, { ...this.#isNegative, otherwise: isNothing(value) });
    const isNewest = this.#loads.isNewest(load);
    const entry = this.#cache.stamp(value);
    load.standIn = entry;
    load.answer(value);
    const kept = isNewest ? this.#keep(load.key, entry, isNegative) : undefined;
    if (kept === undefined) load.forget();
    else kept.then(() => load.forget());
  }

  #keep(
    key: string,
    entry: CacheEntry<T> | undefined,
    isNegative: boolean,
  ): Promise<void> | undefined {
    if (isNegative) return this.#cache.drop(key);
    return entry === undefined ? undefined : this.#cache.write(key, entry);
  }

  #failed(load: CacheLoad<T>, error: unknown): void {
    const fields = { cache: this.name, key: load.key, error };
    if (!load.hasCallers) {
      load.fail(error);
      this.#log.warn("a refresh ahead failed", fields);
      return;
    }
    const { standIn } = load;
    const ageMs = standIn === undefined ? Infinity : this.#cache.ageMs(standIn);
    if (
      standIn === undefined || !(ageMs < this.#settings.staleTtlMs) || !ask(error, this.#handles)
    ) {
      load.fail(error);
      return;
    }
    this.#log.warn("a load failed, answering with what is stale", { ...fields, ageMs });
    load.answer(standIn.value);
    load.forget();
  }
}

/**
 * Creates a cache that keeps answering when the dependency behind it fails.
 *
 * - An entry younger than `ttl` answers at once, and the loader does not run.
 * - Else the loader runs, once for all who ask for the same key at the time.
 * - If it fails, an entry younger than `staleTtl` answers. That is warned of in
 *   the log: at once, then at most once a minute, with how many warnings were
 *   left out. So is what the cache itself fails at.
 * - `undefined` and `null` are not cached, and drop what was (where the cache
 *   has `delete`).
 *
 * Both ages count from the moment at which the entry was stored (`staleTtl` is
 * what RFC 5861 calls `max-age` plus `stale-if-error`), by the wall clock, so
 * that processes may share a cache.
 *
 * @example Usage
 * ```ts
 * import { createBreaker, createCacheFallback, createMemoryCache } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const breaker = createBreaker("users");
 * const users = createCacheFallback<{ id: string }>({
 *   cache: createMemoryCache({ maxEntries: 10_000 }),
 *   ttl: "1m",
 *   staleTtl: "1h",
 *   refreshAhead: 0.8,
 *   name: "users",
 * });
 * const load = (id: string) => Promise.resolve({ id });
 * const getUser = (id: string) => users.get(id, () => breaker.do(() => load(id)));
 * assert.deepEqual(await getUser("7"), { id: "7" });
 * ```
 *
 * @typeParam T What is loaded.
 * @param options The cache, how long its entries are of use, and more.
 * @returns The cache fallback.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a duration or a share is out of range, such as a `staleTtl` below `ttl`.
 */
export function createCacheFallback<T>(options: CacheFallbackOptions<T>): CacheFallback<T> {
  return new CacheFallback(options);
}
