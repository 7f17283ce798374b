import { OptionsCheck } from "../../check/check_options.ts";
import { type Logger, LOGGER_METHODS } from "../../log.ts";
import { type Clock, CLOCK_METHODS, systemClock } from "../../time/clock.ts";
import type { Duration } from "../../time/duration.ts";
import { systemWallClock, type WallClock } from "../../time/wall_clock.ts";
import { layerTitle } from "../layer_title.ts";
import type { Cache, CacheEntry } from "./cache.ts";

/**
 * What a cache fallback takes.
 *
 * @typeParam T What is loaded.
 */
export interface CacheFallbackOptions<T> {
  /** Keeps the entries; whatever it does, it neither fails a call nor blocks one for longer than `cacheTimeout`. */
  cache: Cache<CacheEntry<T>>;
  /** How long after it was stored an entry is fresh, and answers without a load. */
  ttl: Duration;
  /** How long after it was stored an entry may stand in for a load that failed; at least `ttl`. */
  staleTtl: Duration;
  /** The share of `ttl`, above 0 and at most 1, after which a hit starts a load in the background. @default none */
  refreshAhead?: number | undefined;
  /** Under which text the cache keeps a key, such as `(key) => "users:" + key`. @default (key) => key */
  key?: ((key: string) => string) | undefined;
  /** Which results are not cached; one that throws is reported and the default stands. @default undefined and null */
  isNegative?: ((value: T) => boolean) | undefined;
  /** For which errors a stale entry may stand in; one that throws is reported and counts as `false`. @default () => true */
  handles?: ((error: unknown) => boolean) | undefined;
  /** How long the cache may take to read or to write. @default "250ms" */
  cacheTimeout?: Duration | undefined;
  /** How long after its start a load is still joined, so that one that hangs cannot hold its key for ever. @default "30s" */
  joinFor?: Duration | undefined;
  /** Stands in the log. @default "cache" */
  name?: string | undefined;
  /** The source of time. @default systemClock */
  clock?: Clock | undefined;
  /**
   * The time of day, which entries are stamped with, so that processes that share a cache agree on their age.
   *
   * @default systemWallClock; with a `clock` of one's own, its readings
   */
  wallClock?: WallClock | undefined;
  /** Hears of stale answers and of a cache that fails. @default console */
  logger?: Logger | undefined;
}

/** The options, checked, in milliseconds and with the defaults. */
export interface CacheFallbackSettings<T> {
  readonly cache: Cache<CacheEntry<T>>;
  readonly ttlMs: number;
  readonly staleTtlMs: number;
  readonly refreshAfterMs: number;
  readonly key: (key: string) => string;
  readonly isNegative: (value: T) => boolean;
  readonly handles: (error: unknown) => boolean;
  readonly cacheTimeoutMs: number;
  readonly joinForMs: number;
  readonly name: string;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly logger: Logger;
}

const KNOWN = [
  "cache",
  "ttl",
  "staleTtl",
  "refreshAhead",
  "key",
  "isNegative",
  "handles",
  "cacheTimeout",
  "joinFor",
  "name",
  "clock",
  "wallClock",
  "logger",
];

/** Whether a result is one that is not cached, unless the options say otherwise. */
export function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a duration or the share is out of range.
 */
export function checkCacheFallback<T>(options: CacheFallbackOptions<T>): CacheFallbackSettings<T> {
  const title = layerTitle("cache fallback", String(options?.name ?? ""));
  const check = new OptionsCheck(`create ${title}`);
  check.known(options, KNOWN);
  const { cache, clock = systemClock, logger = console } = options;
  const {
    key = (key) => key,
    isNegative = isNothing,
    handles = () => true,
    wallClock = clock === systemClock ? systemWallClock : () => clock.now(),
  } = options;
  for (const [field, value] of Object.entries({ key, isNegative, handles, wallClock })) {
    check.callable(field, value);
  }
  check.methods("clock", clock, CLOCK_METHODS);
  check.methods("logger", logger, LOGGER_METHODS);
  check.callable("cache.get", cache?.get);
  check.callable("cache.set", cache?.set);
  const ttlMs = check.duration("ttl", options.ttl, { above: 0 });
  const { name = "cache", refreshAhead, cacheTimeout = 250, joinFor = 30_000 } = options;
  return {
    cache,
    ttlMs,
    staleTtlMs: check.duration("staleTtl", options.staleTtl, { min: ttlMs }),
    refreshAfterMs: refreshAhead === undefined
      ? Infinity
      : ttlMs * check.number("refreshAhead", refreshAhead, { above: 0, max: 1 }),
    key,
    isNegative,
    handles,
    cacheTimeoutMs: check.duration("cacheTimeout", cacheTimeout, { above: 0 }),
    joinForMs: check.duration("joinFor", joinFor, { above: 0 }),
    name: check.text("name", name),
    clock,
    wallClock,
    logger,
  };
}
