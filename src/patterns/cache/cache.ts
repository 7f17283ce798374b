/**
 * What a cache keeps for a key: a value, and when it was stored. It is plain
 * JSON if the value is.
 *
 * @typeParam T The value.
 */
export interface CacheEntry<T> {
  /** The value. */
  readonly value: T;
  /** When it was stored, in milliseconds since 1970. */
  readonly storedAt: number;
}

/**
 * Anything that keeps entries by key: a `Map` and an lru-cache fit as they are,
 * a `MemoryCache` too, and Redis by an adapter of two functions.
 *
 * @example An adapter
 * ```ts
 * import { type Cache, type CacheEntry, createCacheFallback } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const server = new Map<string, string>(); // stands for a client of Redis
 * const redis: Cache<CacheEntry<number>> = {
 *   get: (key) => Promise.resolve(server.get(key)).then((text) => text && JSON.parse(text)),
 *   set: (key, entry) => Promise.resolve(server.set(key, JSON.stringify(entry))),
 * };
 * const cache = createCacheFallback({ cache: redis, ttl: "1m", staleTtl: "1h" });
 * assert.equal(await cache.get("answer", () => 42), 42);
 * assert.equal(await cache.get("answer", () => 43), 42);
 * ```
 *
 * @typeParam V What it keeps.
 */
export interface Cache<V> {
  /** Gives what is kept for `key`; `undefined` or `null`: nothing. */
  get(key: string): V | null | undefined | PromiseLike<V | null | undefined>;
  /** Keeps `value` for `key`; what it returns is awaited, and not looked at. */
  set(key: string, value: V): unknown;
  /** Drops what is kept for `key`. Used, where it is there, when a load finds that a key has no value any more. */
  delete?(key: string): unknown;
}

/** Whether what a cache gave is an entry. The value within is taken for what was stored. */
export function isCacheEntry<T>(found: unknown): found is CacheEntry<T> {
  return typeof found === "object" && found !== null && Object.hasOwn(found, "value") &&
    "storedAt" in found && Number.isFinite(found.storedAt);
}
