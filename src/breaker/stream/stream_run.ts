import { type AbortWatch, type AbortWatcher, watchAbort } from "../../call/abort_watch.ts";
import { Deferred } from "../../call/deferred.ts";
import { NoItemSource, openItems } from "../../call/item_source.ts";
import { platformPromise } from "../../call/platform_promise.ts";
import { queuePromiseJob } from "../../call/promise_job.ts";
import { BreakerTimeoutError } from "../../errors.ts";
import type { BreakerCore } from "../core.ts";
import { isCancellation } from "../guarded_call.ts";
import type { Limited, StreamLimit } from "./producer_time.ts";
import { StreamCall } from "./stream_call.ts";
import type { StreamLimits, StreamOperation, StreamOptions } from "./stream_options.ts";

/** What `next` and its like resolve to. */
export type StreamResult<T> = IteratorResult<T, unknown>;

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
export class StreamRun<T> implements AbortWatcher, Limited {
  readonly #parts: StreamParts<T>;
  readonly #call: StreamCall;
  readonly #abort = new AbortController();
  /** `left`: by its consumer, who is handed what the producer still gives. */
  #phase: "running" | "left" | "over" = "running";
  #opening: Promise<AsyncIterator<T>> | undefined;
  #source: AsyncIterator<T> | undefined;
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
  open(args: [] | [unknown]): Promise<StreamResult<T>> {
    const { signal } = this.#parts.options;
    try {
      if (signal?.aborted) throw signal.reason; // by a listener to what the admission brought about
      if (signal !== undefined) this.#watch = watchAbort(signal, this);
      this.#call.time.begin();
    } catch (error) { // or no real signal, or a clock without timers
      this.#end();
      this.#call.ignore();
      return Promise.reject(error);
    }
    const asked = this.#ask();
    this.#follow(asked, () => {
      const opened = openItems(this.#parts.operation(this.#abort.signal));
      if (!(opened instanceof Promise)) {
        this.#source = opened;
        return opened.next(...args);
      }
      this.#opening = opened.then((source) => this.#source = source);
      return this.#opening.then((source) => this.#nextOf(source, args));
    });
    return asked.promise;
  }

  /** Asks for the next item. */
  next(args: [] | [unknown]): Promise<StreamResult<T>> {
    if (this.#phase === "over") return this.#afterEnd();
    if (this.#phase === "running" && this.#asked.size === 0) {
      try {
        this.#call.time.begin();
      } catch (error) { // a clock whose timers are gone
        this.#finish();
        this.#call.ignore();
        return Promise.reject(error);
      }
    }
    const asked = this.#ask();
    this.#follow(asked, () => {
      if (this.#source !== undefined) return this.#source.next(...args);
      return this.#opened().then((source) => this.#nextOf(source, args));
    });
    return asked.promise;
  }

  /** The consumer wants no more of it. */
  return(value: unknown): Promise<StreamResult<T>> {
    if (this.#phase === "over") return done(value);
    if (this.#leave()) return done(value);
    const source = this.#source;
    if (source?.return === undefined) {
      this.#finish();
      return done(value);
    }
    return call(() => source.return?.(value));
  }

  /** The consumer throws into it. */
  throw(error: unknown): Promise<StreamResult<T>> {
    if (this.#phase === "over") return Promise.reject(error);
    if (this.#leave()) return Promise.reject(error);
    const source = this.#source;
    if (source?.throw === undefined) {
      this.#finish();
      return Promise.reject(error);
    }
    return call(() => source.throw?.(error));
  }

  /** Nobody holds it any more. */
  drop(): void {
    this.#isDropped = true;
    if (this.#phase === "running" && this.#asked.size === 0) this.#abandon();
  }

  /** The caller's signal is aborted. What the producer had settled with before is ahead in the queue, and stands (R21). */
  onAbort(): void {
    const reason: unknown = this.#parts.options.signal?.reason;
    const elapsedMs = this.#call.waitedMs();
    queuePromiseJob(() => this.#cancel(reason, elapsedMs));
    this.#abort.abort(reason);
  }

  /** A limit is over. */
  onLimit(limit: StreamLimit, limitMs: number): void {
    if (this.#phase !== "running") return;
    const { name } = this.#parts.core;
    const subject = `${LIMITED[limit]} through breaker "${name}"`;
    const error = new BreakerTimeoutError(name, limitMs, { subject });
    this.#end();
    this.#call.timeOut();
    this.#stop(error);
  }

  #cancel(reason: unknown, elapsedMs: number): void {
    if (this.#phase !== "running") return;
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
    this.#close();
  }

  #ask(): Deferred<StreamResult<T>> {
    const asked = new Deferred<StreamResult<T>>();
    this.#asked.add(asked);
    return asked;
  }

  #follow(asked: Deferred<StreamResult<T>>, produce: () => PromiseLike<StreamResult<T>>): void {
    call(produce).then(
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
    if (!this.#asked.delete(asked)) return; // too late, and dropped
    if (this.#phase === "running") {
      if (isDone) {
        this.#end();
        this.#call.succeed();
      } else {
        this.#call.item();
        this.#goOn();
      }
    }
    asked.resolve(result);
  }

  /** An item came, and others may be waited for. */
  #goOn(): void {
    if (this.#phase !== "running") return; // a listener has ended it
    if (this.#asked.size === 0) {
      if (this.#isDropped) this.#abandon();
      return;
    }
    try {
      this.#call.time.begin();
    } catch (error) {
      this.#end();
      this.#call.ignore();
      this.#stop(error);
    }
  }

  #broke(asked: Deferred<StreamResult<T>>, error: unknown): void {
    if (!this.#asked.delete(asked)) return;
    let told = error;
    if (this.#phase === "running") {
      const { signal } = this.#parts.options;
      this.#end();
      if (error instanceof NoItemSource) {
        this.#call.ignore();
      } else if (signal?.aborted && isCancellation(error, signal)) {
        told = signal.reason;
        this.#call.abort({ reason: told, elapsedMs: this.#call.waitedMs() });
      } else {
        this.#call.fail(error);
      }
    }
    asked.reject(told);
  }

  /** The consumer leaves. `true`: the producer was at work, and is told by the signal; nobody waits for it. */
  #leave(): boolean {
    if (this.#phase === "left") return false;
    const isBusy = this.#asked.size > 0 || this.#source === undefined;
    this.#end("left");
    this.#call.ignore();
    if (!isBusy) return false;
    for (const asked of this.#asked) asked.resolve({ done: true, value: undefined });
    this.#asked.clear();
    this.#finish();
    return true;
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
    this.#close();
  }

  #end(phase: "left" | "over" = "over"): void {
    this.#phase = phase;
    this.#watch?.end();
  }

  /** Calls the producer's `return()`, at once or when there is one, and waits for nothing. */
  #close(): void {
    if (this.#source !== undefined) closeQuietly(this.#source);
    else this.#opening?.then(closeQuietly, () => {});
  }

  /** What comes too late is not begun. */
  #nextOf(source: AsyncIterator<T>, args: [] | [unknown]): Promise<StreamResult<T>> {
    return this.#phase === "over" ? done(undefined) : call(() => source.next(...args));
  }

  #opened(): Promise<AsyncIterator<T>> {
    return this.#opening ?? Promise.reject(new TypeError("The stream is being opened"));
  }

  #afterEnd(): Promise<StreamResult<T>> {
    const untold = this.#untold;
    this.#untold = undefined;
    return untold === undefined ? done(undefined) : Promise.reject(untold.reason);
  }
}

/** What a stream answers that has ended. */
export function done<T>(value: unknown): Promise<StreamResult<T>> {
  return Promise.resolve({ done: true, value });
}

/** Whether it is the end; throws where a `for await` would. */
function isLast(result: unknown): boolean {
  if (typeof result !== "object" || result === null) {
    throw new TypeError("The producer of a stream gave no iterator result");
  }
  return "done" in result && Boolean(result.done);
}

function call<R>(produce: () => PromiseLike<R> | undefined): Promise<R> {
  try {
    const result = produce();
    if (result !== undefined) return platformPromise(result);
    throw new TypeError("The producer of a stream gave no promise");
  } catch (error) {
    return Promise.reject(error);
  }
}

function closeQuietly(source: AsyncIterator<unknown>): void {
  call(() => source.return?.()).catch(() => {});
}
