import type { Operation } from "../call/operation.ts";

/** What a call through a layer takes. */
export interface LayerOptions {
  /** The caller's own signal: aborting it ends the call with the signal's reason. */
  signal?: AbortSignal | null | undefined;
}

/** What a call may cost at worst. */
export interface CallBounds {
  /** The longest that a call takes, in milliseconds; infinite where nothing limits it. */
  readonly longestMs: number;
  /** How often the operation runs at most. */
  readonly attempts: number;
}

/** What a layer does with a call, for people, and what the call costs at worst with it. */
export interface LayerDescription extends CallBounds {
  /** One clause in words, such as `tries up to 3 times, waiting 100ms to 2s in between`. */
  readonly text: string;
}

/**
 * What every pattern is: something that runs operations, on its own or around
 * another layer. A breaker is one, too.
 *
 * @typeParam F What it answers in place of the operation; `never` where it does not.
 */
export interface Layer<F = never> {
  /** Runs `operation`, and settles as it does unless the layer decides otherwise. */
  do<T>(operation: Operation<T>, options?: LayerOptions): Promise<T | F>;
  /** What it does, around a call that costs `inner` at worst. */
  describe?(inner: CallBounds): LayerDescription;
}
