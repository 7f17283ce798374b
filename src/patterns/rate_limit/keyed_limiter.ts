import type { Operation } from "../../call/operation.ts";
import { OptionsCheck } from "../../check/check_options.ts";
import { describeValue } from "../../check/describe_value.ts";
import { type Clock, CLOCK_METHODS, systemClock } from "../../time/clock.ts";
import type { Duration } from "../../time/duration.ts";
import { type Nanos, Timeline, toNanos } from "../../time/timeline.ts";
import type { LayerOptions } from "../layer.ts";
import { layerTitle } from "../layer_title.ts";
import type { RateLimiter, WaitOptions } from "./rate_limiter.ts";
import { RecentKeys } from "./recent_keys.ts";
import { createTokenBucket, type TokenBucket, type TokenBucketOptions } from "./token_bucket.ts";

/**
 * What a keyed limiter takes.
 *
 * @typeParam L The kind of limiter that each key has.
 */
export interface KeyedLimiterOptions<L extends RateLimiter> {
  /** Makes the limiter of a key that has none. */
  create: (key: string) => L;
  /** Stands in messages. @default "" */
  name?: string | undefined;
  /** Keys that it remembers at most. @default 10_000 */
  maxKeys?: number | undefined;
  /** A key that was not used for so long is forgotten, once its limiter is idle. @default "1m" */
  idleFor?: Duration | undefined;
  /** The source of time. @default systemClock */
  clock?: Clock | undefined;
}

/** What a keyed limiter takes whose keys have a token bucket each, all with the same settings. */
export interface KeyedBucketOptions extends Omit<KeyedLimiterOptions<TokenBucket>, "create"> {
  /** The settings of each bucket; its name and its clock are the keyed limiter's unless given. */
  create: TokenBucketOptions;
}

/** What a wait for a key takes. */
export interface KeyedWaitOptions extends WaitOptions {
  /** How many events. @default 1 */
  n?: number | undefined;
}

const KNOWN = ["create", "name", "maxKeys", "idleFor", "clock"];
/** Uses between two looks at the clock, for keys that are idle. */
const SWEEP_EVERY = 16;

/**
 * A rate limiter per key, in bounded memory. Created by {@linkcode createKeyedLimiter}.
 *
 * @typeParam L The kind of limiter that each key has.
 */
export class KeyedLimiter<L extends RateLimiter> {
  /** Stands in messages. */
  readonly name: string;
  readonly #create: (key: string) => L;
  readonly #maxKeys: number;
  readonly #idleFor: Nanos;
  readonly #timeline: Timeline;
  readonly #keys = new RecentKeys<L>();
  #uses = 0;
  #at: Nanos = 0;
  #change: ((limiter: L, key: string) => void) | undefined;

  /** Created by {@linkcode createKeyedLimiter}. */
  constructor(options: KeyedLimiterOptions<L>) {
    const { name = "", maxKeys = 10_000, idleFor = "1m", clock = systemClock } = options ?? {};
    const check = new OptionsCheck(`create ${layerTitle("keyed limiter", String(name))}`);
    check.known(options, KNOWN);
    check.methods("clock", clock, CLOCK_METHODS);
    check.callable("create", options.create);
    this.name = check.text("name", name);
    this.#create = options.create;
    this.#maxKeys = check.integer("maxKeys", maxKeys, { min: 1 });
    this.#idleFor = toNanos(check.duration("idleFor", idleFor, { min: 0 }));
    this.#timeline = Timeline.of(clock);
  }

  /** Keys that it remembers now. */
  get size(): number {
    return this.#keys.size;
  }

  /**
   * The limiter of a key. Use it at once: one that is kept for later may have been forgotten here, and
   * replaced by another.
   *
   * @param key Any text.
   * @returns The limiter that all calls for `key` share now.
   * @throws {TypeError} If `key` is no text.
   * @throws What `create` throws; the key then has no limiter.
   */
  get(key: string): L {
    if (typeof key !== "string") this.#refuse(key);
    if (++this.#uses >= SWEEP_EVERY) this.#sweep(2 * SWEEP_EVERY);
    return this.#keys.use(key, this.#at) ?? this.#add(key);
  }

  /**
   * Takes `n` events of a key if they may happen now; otherwise takes nothing.
   *
   * @param key Whose limit it is.
   * @param n How many. @default 1
   * @returns Whether they may happen.
   * @throws {RangeError} If `n` is no whole number of at least 0.
   */
  allow(key: string, n: number = 1): boolean {
    return this.get(key).allow(n);
  }

  /**
   * Waits until events of a key may happen, and takes them.
   *
   * @param key Whose limit it is.
   * @param options How many, the caller's signal, and the longest wait.
   * @returns A promise that resolves when they may happen.
   * @throws {RateLimitedError} If the wait would be too long, or the limit never gives so much.
   * @throws The signal's reason, at once, if the caller aborts.
   */
  wait(key: string, options: KeyedWaitOptions = {}): Promise<void> {
    try {
      const { n, ...rest } = options;
      return this.get(key).wait(n, rest);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Runs `operation` within the limit of a key.
   *
   * @typeParam T What the operation resolves to.
   * @param key Whose limit it is.
   * @param operation The call to limit.
   * @param options The caller's signal.
   * @returns What the operation resolves to.
   * @throws {RateLimitedError} If the key's limiter refuses the call.
   * @throws What the operation throws; the signal's reason, at once, if the caller aborts a wait.
   */
  do<T>(key: string, operation: Operation<T>, options?: LayerOptions): Promise<T> {
    try {
      return this.get(key).do(operation, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Changes the limiters of all keys: those there are, now, and those still to
   * be made, right after `create`. The last change replaces the ones before, so give it all that is to hold.
   *
   * @param change What to do with a limiter, such as `(bucket) => bucket.setLimit(20)`.
   * @throws {TypeError} If `change` is no function.
   * @throws What `change` throws; the limiters before that one are changed already.
   */
  changeAll(change: (limiter: L, key: string) => void): void {
    new OptionsCheck(`change ${layerTitle("keyed limiter", this.name)}`).callable("change", change);
    this.#change = change;
    for (const [key, limiter] of this.#keys.entries()) change(limiter, key);
  }

  /**
   * Forgets a key: its next call gets a new limiter. Who waits for the old one still gets a turn there.
   *
   * @param key Whose limiter.
   * @returns Whether there was one.
   */
  delete(key: string): boolean {
    return this.#keys.delete(key);
  }

  #refuse(key: unknown): never {
    const received = describeValue(key);
    throw new TypeError(
      `Cannot take from ${
        layerTitle("keyed limiter", this.name)
      }: "key" must be a text, received ${received}`,
    );
  }

  #add(key: string): L {
    const limiter = this.#create(key);
    this.#change?.(limiter, key);
    this.#sweep(2);
    const present = this.#keys.use(key, this.#at);
    if (present !== undefined) return present; // made by `create` itself, calling back
    if (this.#keys.size >= this.#maxKeys) this.#keys.deleteOldest();
    this.#keys.add(key, limiter, this.#at);
    return limiter;
  }

  #sweep(steps: number): void {
    this.#uses = 0;
    this.#at = this.#timeline.now();
    this.#keys.sweep(steps, this.#at - this.#idleFor);
  }
}

/**
 * Creates a rate limiter per key: per user, per tenant, per address.
 *
 * Keys cost no timer. A key that was not used for `idleFor` is forgotten, some
 * uses later, when its limiter has all to give again, which loses nothing. Beyond `maxKeys` the one
 * that was used least recently is forgotten in any case: memory stays bounded, and a
 * key that comes back after that starts anew, with all that its limit gives. Whoever can make up
 * more than `maxKeys` keys can so get around the limit: choose it above the number of keys in use.
 *
 * @example Usage
 * ```ts
 * import { createKeyedLimiter, createSlidingWindow } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const perUser = createKeyedLimiter({ create: { rate: 5, burst: 1 } });
 * assert.deepEqual(["ann", "bob", "ann"].map((user) => perUser.allow(user)), [true, true, false]);
 * perUser.changeAll((bucket) => bucket.setLimit(10));
 *
 * const perAddress = createKeyedLimiter({
 *   create: (address) => createSlidingWindow({ name: address, limit: 100, window: "1m" }),
 *   maxKeys: 50_000,
 * });
 * assert.equal(await perAddress.do("::1", () => "served"), "served");
 * ```
 *
 * @typeParam L The kind of limiter that each key has.
 * @param options How to make a key's limiter, or the settings of a token bucket for each; and how many keys to remember.
 * @returns The limiter, with no keys.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function createKeyedLimiter<L extends RateLimiter>(
  options: KeyedLimiterOptions<L>,
): KeyedLimiter<L>;
/** Creates a token bucket per key, all with the same settings. */
export function createKeyedLimiter(options: KeyedBucketOptions): KeyedLimiter<TokenBucket>;
export function createKeyedLimiter<L extends RateLimiter>(
  options: KeyedLimiterOptions<L> | KeyedBucketOptions,
): KeyedLimiter<L> | KeyedLimiter<TokenBucket> {
  if (!hasSettings(options)) return new KeyedLimiter(options);
  const { create: settings, name, clock } = options;
  const common = { ...settings, name: settings.name ?? name, clock: settings.clock ?? clock };
  createTokenBucket(common); // so that wrong settings are refused now
  return new KeyedLimiter({ ...options, create: () => createTokenBucket(common) });
}

function hasSettings<L extends RateLimiter>(
  options: KeyedLimiterOptions<L> | KeyedBucketOptions,
): options is KeyedBucketOptions {
  return typeof options?.create === "object" && options.create !== null;
}
