import { describeValue } from "../check/describe_value.ts";
import { platformPromise } from "./platform_promise.ts";

/** What items come from: an async iterable, or the platform's readable stream, which is one on some platforms only. */
export type ItemSource<T> = AsyncIterable<T> | ReadableStream<T>;

/** There is no {@linkcode ItemSource} where one was to be. */
export class NoItemSource extends TypeError {}

/**
 * The items of what an operation returned, or of what its promise resolves to.
 * What is an iterable and a promise too is iterated.
 *
 * @throws What getting its iterator throws, and {@linkcode NoItemSource}.
 */
export function openItems<T>(
  opened: ItemSource<T> | PromiseLike<ItemSource<T>>,
): AsyncIterator<T> | Promise<AsyncIterator<T>> {
  const items = itemsOf<T>(opened);
  if (items !== undefined) return items;
  if (isThenable(opened)) return platformPromise(opened).then((source) => itemsIn<T>(source));
  return itemsIn<T>(opened);
}

function itemsIn<T>(source: unknown): AsyncIterator<T> {
  const items = itemsOf<T>(source);
  if (items !== undefined) return items;
  throw new NoItemSource(
    `Cannot iterate a stream: its operation gave no async iterable, but ${describeValue(source)}`,
  );
}

function itemsOf<T>(source: unknown): AsyncIterator<T> | undefined {
  if (isReadable<T>(source)) return new ReadItems(source.getReader());
  return isAsyncIterable<T>(source) ? source[Symbol.asyncIterator]() : undefined;
}

/** Whether it can be iterated by `for await`, and is no synchronous iterable. */
export function isAsyncIterable<T>(value: unknown): value is AsyncIterable<T> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value &&
    typeof value[Symbol.asyncIterator] === "function";
}

/** The platform's own, or one on a platform whose readable streams cannot be iterated. */
function isReadable<T>(value: unknown): value is ReadableStream<T> {
  if (typeof value !== "object" || value === null) return false;
  if (!("getReader" in value) || typeof value.getReader !== "function") return false;
  return !isAsyncIterable(value) ||
    Object.prototype.toString.call(value) === "[object ReadableStream]";
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") && value !== null &&
    "then" in value && typeof value.then === "function";
}

/**
 * The chunks of a readable stream. Its own iterator would not do: a `return()`
 * waits behind a read that is pending, and not every platform has one.
 */
class ReadItems<T> implements AsyncIterator<T> {
  readonly #reader: ReadableStreamDefaultReader<T>;

  constructor(reader: ReadableStreamDefaultReader<T>) {
    this.#reader = reader;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    let isOver = true;
    try {
      const chunk = await this.#reader.read();
      isOver = chunk.done;
      return chunk.done ? { done: true, value: undefined } : chunk;
    } finally {
      if (isOver) this.#reader.releaseLock();
    }
  }

  async return(value?: unknown): Promise<IteratorResult<T, unknown>> {
    await this.#reader.cancel();
    this.#reader.releaseLock();
    return { done: true, value };
  }
}
