import { NoItemSource, openItems } from "../../call/item_source.ts";
import { platformPromise } from "../../call/platform_promise.ts";
import type { StreamOperation } from "./stream_options.ts";

/** What `next` and its like resolve to. */
export type StreamResult<T> = IteratorResult<T, unknown>;

/** What `next` is called with. */
export type NextArgs = [] | [unknown];

/** What gives a stream its items: an operation, and once that has given it, its iterator. */
export class Producer<T> {
  #opening: Promise<AsyncIterator<T>> | undefined;
  #source: AsyncIterator<T> | undefined;
  #isClosed = false;

  /** Whether the iterator is there. */
  get isThere(): boolean {
    return this.#source !== undefined;
  }

  /** Runs the operation; who asks for an item is told what it threw. */
  open(operation: StreamOperation<T>, signal: AbortSignal): void {
    try {
      const opened = openItems(operation(signal));
      if (opened instanceof Promise) this.#opening = opened.then((source) => this.#source = source);
      else this.#source = opened;
    } catch (error) {
      this.#opening = Promise.reject(error);
    }
  }

  /** Asks for the next item, once there is an iterator. */
  next(args: NextArgs): Promise<StreamResult<T>> {
    const source = this.#source;
    if (source !== undefined) return call(() => source.next(...args));
    if (this.#opening === undefined) {
      const problem = "Cannot ask for an item: the operation of the stream is still being called";
      return Promise.reject(new NoItemSource(problem));
    }
    return this.#opening.then((late) =>
      this.#isClosed ? done(undefined) : call(() => late.next(...args))
    );
  }

  /** Ends it, and gives its answer; `undefined`: it does not take that. */
  return(value: unknown): Promise<StreamResult<T>> | undefined {
    const source = this.#source;
    const end = source?.return;
    return end && call(() => end.call(source, value));
  }

  /** Throws into it, and gives its answer; `undefined`: it does not take that. */
  throw(error: unknown): Promise<StreamResult<T>> | undefined {
    const source = this.#source;
    const end = source?.throw;
    return end && call(() => end.call(source, error));
  }

  /** Calls its `return()`, at once or when there is an iterator, and waits for nothing. */
  close(): void {
    this.#isClosed = true;
    const ignore = (): void => {};
    if (this.isThere) this.return(undefined)?.catch(ignore);
    else this.#opening?.then(() => this.return(undefined)).catch(ignore);
  }
}

/** What a stream answers that has ended. */
export function done<T>(value: unknown): Promise<StreamResult<T>> {
  return Promise.resolve({ done: true, value });
}

/** Whether it is the end; throws where a `for await` would. */
export function isLast(result: unknown): boolean {
  if (typeof result !== "object" || result === null) {
    throw new TypeError("Cannot iterate a stream: its producer gave no iterator result");
  }
  return "done" in result && Boolean(result.done);
}

function call<R>(produce: () => PromiseLike<R>): Promise<R> {
  try {
    return platformPromise(produce());
  } catch (error) {
    return Promise.reject(error);
  }
}
