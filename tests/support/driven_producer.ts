import { Deferred } from "../../src/call/deferred.ts";

type Result<T> = IteratorResult<T, unknown>;

/** A producer whose items a test gives, one for each `next()`, and what it was told. */
export class DrivenProducer<T = string> implements AsyncIterator<T, unknown> {
  readonly #asked: Deferred<Result<T>>[] = [];
  readonly told: string[] = [];
  /** The signal of the operation. */
  signal: AbortSignal | undefined;
  /** What `return()` does; `undefined`: it ends. */
  onReturn: (() => Promise<Result<T>>) | undefined;

  /** An operation that gives this producer. */
  readonly operation = (signal: AbortSignal): AsyncIterable<T> => {
    this.signal = signal;
    this.told.push("run");
    return { [Symbol.asyncIterator]: () => this };
  };

  next(): Promise<Result<T>> {
    const asked = new Deferred<Result<T>>();
    this.#asked.push(asked);
    return asked.promise;
  }

  return(): Promise<Result<T>> {
    this.told.push("return");
    return this.onReturn?.() ?? Promise.resolve({ done: true, value: undefined });
  }

  /** Who waits for an item. */
  get waiting(): number {
    return this.#asked.length;
  }

  give(value: T): void {
    this.#asked.shift()?.resolve({ done: false, value });
  }

  end(value?: unknown): void {
    this.#asked.shift()?.resolve({ done: true, value });
  }

  fail(error: unknown): void {
    this.#asked.shift()?.reject(error);
  }
}

/** All items of a stream, as a `for await` gets them. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
