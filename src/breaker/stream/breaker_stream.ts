import type { BreakerCore } from "../core.ts";
import { streamLimits, type StreamOperation, type StreamOptions } from "./stream_options.ts";
import { done } from "./producer.ts";
import { type StreamParts, StreamRun } from "./stream_run.ts";

/** A stream that its consumer has lost would otherwise be in flight for ever, and hold its connection. */
const lost = new FinalizationRegistry<{ drop(): void }>((run) => run.drop());

/**
 * Streams that go through a breaker, one for each time that it is iterated. Created by `breaker.stream`.
 *
 * @example Usage
 * ```ts
 * import { createBreaker } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * async function* answer(_signal: AbortSignal) {
 *   yield* ["Hello", "Ada"];
 * }
 *
 * const breaker = createBreaker("model");
 * const words = await Array.fromAsync(breaker.stream(answer, { idleWithin: "5s" }));
 * assert.deepEqual(words, ["Hello", "Ada"]);
 * assert.equal(breaker.counts.successes, 1);
 * ```
 *
 * @typeParam T What the items are.
 */
export class BreakerStream<T> implements AsyncIterable<T> {
  readonly #parts: StreamParts<T>;

  private constructor(parts: StreamParts<T>) {
    this.#parts = parts;
  }

  /** Streams of `operation` through a breaker; see `Breaker.stream`. */
  static of<T>(
    core: BreakerCore,
    operation: StreamOperation<T>,
    options: StreamOptions,
  ): BreakerStream<T> {
    const limits = streamLimits(core.name, operation, options);
    return new BreakerStream({ core, operation, options, limits });
  }

  /** A stream: one call, admitted at its first `next()`. */
  [Symbol.asyncIterator](): StreamIterator<T> {
    return StreamIterator.of(this.#parts);
  }
}

/** One stream through a breaker, as its consumer has it. */
export class StreamIterator<T> implements AsyncDisposable {
  readonly #parts: StreamParts<T>;
  #run: StreamRun<T> | undefined;
  #isOver = false;

  private constructor(parts: StreamParts<T>) {
    this.#parts = parts;
  }

  /** Created by a {@linkcode BreakerStream}. */
  static of<T>(parts: StreamParts<T>): StreamIterator<T> {
    return new StreamIterator(parts);
  }

  /**
   * The next item. The first time the stream is admitted, and its operation run.
   *
   * @throws {BreakerOpenError} If the breaker refuses the stream.
   * @throws {BreakerTimeoutError} If the producer takes longer than a limit.
   * @throws What the producer throws; the signal's reason, at once, if the caller aborts.
   */
  next(...args: [] | [unknown]): Promise<IteratorResult<T, unknown>> {
    if (this.#run !== undefined) return this.#run.next(args);
    if (this.#isOver) return done(undefined);
    try {
      this.#run = new StreamRun(this.#parts);
    } catch (error) {
      this.#isOver = true;
      return Promise.reject(error);
    }
    lost.register(this, this.#run);
    return this.#run.open(args);
  }

  /** Ends the stream, which counts for nothing, and gives what the producer's `return()` does. */
  return(value?: unknown): Promise<IteratorResult<T, unknown>> {
    if (this.#run !== undefined) return this.#run.return(value);
    this.#isOver = true;
    return done(value);
  }

  /** Ends the stream, which counts for nothing, and gives what the producer's `throw()` does. */
  throw(error?: unknown): Promise<IteratorResult<T, unknown>> {
    if (this.#run !== undefined) return this.#run.throw(error);
    this.#isOver = true;
    return Promise.reject(error);
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the stream if it has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
