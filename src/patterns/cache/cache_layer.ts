import type { Operation } from "../../call/operation.ts";
import { formatDuration } from "../../time/duration.ts";
import type { CallBounds, Layer, LayerDescription, LayerOptions } from "../layer.ts";

/** What a cache layer asks. */
export interface CacheSource<T> {
  /** Gives the value of `key`, by `load` if need be. */
  get(key: string, load: Operation<T>, options?: LayerOptions): Promise<T>;
}

/** What a cache layer tells of its source, in milliseconds. */
export interface CacheTimes {
  /** For how long an entry is fresh. */
  readonly ttlMs: number;
  /** For how long it may stand in. */
  readonly staleTtlMs: number;
  /** The longest that reading the cache takes. */
  readonly cacheTimeoutMs: number;
}

/**
 * A cache for one key, as a layer: the operation is the loader.
 *
 * @typeParam T What is loaded.
 */
export class CacheLayer<T> implements Layer<T> {
  readonly #source: CacheSource<T>;
  readonly #key: string;
  readonly #times: CacheTimes;

  /** Asks `source` for `key`. */
  constructor(source: CacheSource<T>, key: string, times: CacheTimes) {
    this.#source = source;
    this.#key = key;
    this.#times = times;
  }

  /** Answers from the cache, else by `operation`, which must give what the cache keeps. */
  do<U>(operation: Operation<U>, options?: LayerOptions): Promise<U | T> {
    // A layer takes any operation. That those of one key give one type is what its cache was created for.
    return this.#source.get(this.#key, operation as Operation<U & T>, options);
  }

  /** What it does, around a call that costs `inner` at worst. */
  describe({ longestMs, attempts }: CallBounds): LayerDescription {
    const { ttlMs, staleTtlMs, cacheTimeoutMs } = this.#times;
    return {
      text: `answers from a cache for ${formatDuration(ttlMs)}, and on failure with what is ` +
        `younger than ${formatDuration(staleTtlMs)}`,
      longestMs: longestMs + cacheTimeoutMs,
      attempts,
    };
  }

  /** Says to compositions what it is, also to those of another copy of the package. */
  protected get switchgearLayer(): "cache" {
    return "cache";
  }
}
