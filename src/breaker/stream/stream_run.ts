import { type AbortWatch, watchAbort } from "../../call/abort_watch.ts";
import { Deferred } from "../../call/deferred.ts";
import { NoItemSource } from "../../call/item_source.ts";
import { queuePromiseJob } from "../../call/promise_job.ts";
import { BreakerTimeoutError } from "../../errors.ts";
import type { BreakerCore } from "../core.ts";
import { isCancellation } from "../guarded_call.ts";
import { done, isLast, type NextArgs, Producer, type StreamResult } from "./producer.ts";
import type { Limited, StreamLimit } from "./producer_time.ts";
import { StreamCall } from "./stream_call.ts";
import type { StreamLimits, StreamOperation, StreamOptions } from "./stream_options.ts";

/** What a stream is made of. */
export interface StreamParts<T> {
  readonly core: BreakerCore;
  readonly operation: StreamOperation<T>;
  readonly options: StreamOptions;
  readonly limits: StreamLimits;
}

const LIMITED: Readonly<Record<StreamLimit, string>> = {
  first: "First item of the stream",
  idle: "Next item of the stream",
  total: "Stream",
};

/** One stream from its admission on. It holds nothing of its consumer while that does not wait. */
export class StreamRun<T> implements Limited {
  readonly #parts: StreamParts<T>;
  readonly #call: StreamCall;
  readonly #abort = new AbortController();
  /** Until it has ended, or its consumer has left, who is handed what the producer still gives. */
  #isRunning = true;
  #isOver = false;
  readonly #producer = new Producer<T>();
  #watch: AbortWatch | undefined;
  /** Who waits, the oldest first. */
  readonly #asked = new Set<Deferred<StreamResult<T>>>();
  /** What the consumer is to be told when it next asks. */
  #untold: { readonly reason: unknown } | undefined;
  #isDropped = false;

  /**
   * Asks for the admission of a stream; {@linkcode StreamRun.open} begins it.
   *
   * @throws {BreakerOpenError} If the breaker refuses it.
   * @throws The caller's signal's reason, if it is aborted.
   */
  constructor(parts: StreamParts<T>) {
    const { core, options, limits } = parts;
    if (options.signal?.aborted) throw options.signal.reason;
    this.#parts = parts;
    this.#call = StreamCall.admit(core, { limits, options }, this);
  }

  /** Runs the operation and asks for the first item. */
  open(args: NextArgs): Promise<StreamResult<T>> {
    const { signal } = this.#parts.options;
    try {
      if (signal?.aborted) throw signal.reason; // by a listener to what the admission brought about
      if (signal) this.#follow(signal);
      this.#call.time.begin();
    } catch (error) { // or no real signal, or a clock without timers
      this.#end();
      this.#call.ignore();
      return Promise.reject(error);
    }
    const asked = this.#ask();
    this.#producer.open(this.#parts.operation, this.#abort.signal);
    this.#answer(asked, args);
    return asked.promise;
  }

  /** Asks for the next item. */
  next(args: NextArgs): Promise<StreamResult<T>> {
    if (this.#isOver) return this.#afterEnd();
    if (this.#isRunning && this.#asked.size === 0) {
      try {
        this.#call.time.begin();
      } catch (error) { // a clock whose timers are gone
        this.#finish();
        this.#call.ignore();
        return Promise.reject(error);
      }
    }
    const asked = this.#ask();
    this.#answer(asked, args);
    return asked.promise;
  }

  /** The consumer wants no more of it. */
  return(value: unknown): Promise<StreamResult<T>> {
    this.#untold = undefined;
    if (this.#isOver) return done(value);
    if (this.#leave()) return done(value);
    const answer = this.#producer.return(value);
    if (answer !== undefined) return this.#passOn(answer);
    this.#finish();
    return done(value);
  }

  /** The consumer throws into it. */
  throw(error: unknown): Promise<StreamResult<T>> {
    this.#untold = undefined;
    if (this.#isOver) return Promise.reject(error);
    if (this.#leave()) return Promise.reject(error);
    const answer = this.#producer.throw(error);
    if (answer !== undefined) return this.#passOn(answer);
    this.#finish();
    return Promise.reject(error);
  }

  /** Nobody holds it any more. */
  drop(): void {
    this.#isDropped = true;
    if (this.#isRunning && this.#asked.size === 0) this.#abandon();
  }

  /** A limit is over. */
  onLimit(limit: StreamLimit, limitMs: number): void {
    const { name } = this.#parts.core;
    const subject = `${LIMITED[limit]} through breaker "${name}"`;
    const error = new BreakerTimeoutError(name, limitMs, { subject });
    this.#end();
    this.#call.timeOut(error);
    this.#stop(error);
  }

  #follow(signal: AbortSignal): void {
    const onAbort = (): void => {
      const reason: unknown = signal.reason;
      const elapsedMs = this.#call.waitedMs();
      // What the producer had settled with before is ahead in the queue, and stands (R21).
      queuePromiseJob(() => this.#cancel(reason, elapsedMs));
      this.#abort.abort(reason);
    };
    this.#watch = watchAbort(signal, { onAbort });
  }

  #cancel(reason: unknown, elapsedMs: number): void {
    if (!this.#isRunning) return;
    this.#end();
    if (this.#asked.size > 0) this.#call.abort({ reason, elapsedMs });
    else this.#call.ignore(); // the time was the consumer's own
    this.#stop(reason);
  }

  /** Tells the producer to stop and the consumer why, and waits for neither. */
  #stop(reason: unknown): void {
    this.#abort.abort(reason);
    const [oldest, ...others] = this.#asked;
    this.#asked.clear();
    if (oldest === undefined) this.#untold = { reason };
    else oldest.reject(reason);
    for (const asked of others) asked.resolve({ done: true, value: undefined });
    this.#producer.close();
  }

  #ask(): Deferred<StreamResult<T>> {
    const asked = new Deferred<StreamResult<T>>();
    this.#asked.add(asked);
    return asked;
  }

  #answer(asked: Deferred<StreamResult<T>>, args: NextArgs): void {
    this.#producer.next(args).then(
      (result) => this.#gave(asked, result),
      (error) => this.#broke(asked, error),
    );
  }

  #gave(asked: Deferred<StreamResult<T>>, result: StreamResult<T>): void {
    let isDone: boolean;
    try {
      isDone = isLast(result);
    } catch (error) {
      this.#broke(asked, error);
      return;
    }
    this.#asked.delete(asked);
    if (isDone) {
      this.#end();
      this.#call.succeed();
    } else {
      this.#call.item();
      this.#goOn();
    }
    asked.resolve(result); // what comes after a limit changes nothing
  }

  /** An item came, and others may be waited for. */
  #goOn(): void {
    if (!this.#isRunning) return; // another one was the end, or a listener left
    if (this.#asked.size === 0) {
      if (this.#isDropped) this.#abandon();
      return;
    }
    try {
      this.#call.time.begin();
    } catch (error) { // a clock whose timers are gone
      this.#end();
      this.#call.ignore();
      this.#stop(error);
    }
  }

  #broke(asked: Deferred<StreamResult<T>>, error: unknown): void {
    const { signal } = this.#parts.options;
    this.#asked.delete(asked);
    this.#end();
    if (error instanceof NoItemSource) {
      this.#call.ignore();
    } else if (signal?.aborted && isCancellation(error, signal)) {
      this.#call.abort({ reason: signal.reason, elapsedMs: this.#call.waitedMs() });
      asked.reject(signal.reason);
    } else {
      this.#call.fail(error);
    }
    asked.reject(error);
  }

  /** The consumer leaves. `true`: the producer was at work, and is told by the signal; nobody waits for it. */
  #leave(): boolean {
    const isBusy = this.#asked.size > 0 || !this.#producer.isThere;
    this.#isRunning = false;
    this.#watch?.end();
    this.#call.ignore();
    if (!isBusy) return false;
    for (const asked of this.#asked) asked.resolve({ done: true, value: undefined });
    this.#asked.clear();
    this.#finish();
    return true;
  }

  /** Hands on what the producer still gives to a consumer that leaves. */
  async #passOn(answer: Promise<StreamResult<T>>): Promise<StreamResult<T>> {
    let isOver = true;
    try {
      const result = await answer;
      isOver = isLast(result);
      return result;
    } finally {
      if (isOver) this.#end();
    }
  }

  /** Ends a stream that nobody will ever ask again. */
  #abandon(): void {
    this.#end();
    this.#call.ignore();
    this.#finish();
  }

  /** Ends it for good, and tells the producer. */
  #finish(): void {
    this.#end();
    this.#abort.abort();
    this.#producer.close();
  }

  #end(): void {
    this.#isRunning = false;
    this.#isOver = true;
    this.#watch?.end();
  }

  #afterEnd(): Promise<StreamResult<T>> {
    const untold = this.#untold;
    this.#untold = undefined;
    return untold === undefined ? done(undefined) : Promise.reject(untold.reason);
  }
}
