import { type AbortWatch, watchAbort } from "../../src/call/abort_watch.ts";

/** What follows a body to its end. */
export interface TrackedBodyOptions {
  /** The call's signal: once it is aborted, readers get its reason. */
  readonly signal: AbortSignal;
  /** Is aborted where the caller wants no more of it, or has lost it. */
  readonly ending: AbortController;
}

/** A body whose last holder let go of it unread would otherwise keep its call, and its connection, for ever. */
const lost = new FinalizationRegistry<TrackedBody>((body) => body.drop());

/** A response's body handed on chunk by chunk as it is read, so that its end is seen. Nothing is read ahead. */
export class TrackedBody {
  /** Settles with the body: resolves at its end, rejects where it breaks off; dropped, it stays pending. */
  readonly ended: Promise<void>;
  readonly #source: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #options: TrackedBodyOptions;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #interrupt: ((error: unknown) => void) | undefined;
  #watch: AbortWatch | undefined;
  #isOver = false;

  /** Takes over `body`. */
  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>, options: TrackedBodyOptions) {
    this.#source = body.getReader();
    this.#options = options;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#watch = watchAbort(options.signal, this);
  }

  /** The stream to read in place of the body. It must not be kept here: it is what tells whether anybody still holds it. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const source: UnderlyingByteSource = {
      type: "bytes",
      pull: (controller) => this.#pull(controller),
      cancel: (reason) => {
        const cancelled = this.#source.cancel(reason);
        this.drop();
        return cancelled;
      },
    };
    const stream = new ReadableStream(source);
    lost.register(stream, this, this);
    return stream;
  }

  /** The caller wants no more of it, or has lost it. */
  drop(): void {
    if (this.#release()) this.#options.ending.abort();
  }

  /** The call was aborted: whoever reads gets the reason, even where the source goes on. */
  onAbort(): void {
    const { reason } = this.#options.signal;
    this.#interrupt?.(reason);
    this.#source.cancel(reason).catch(() => {});
    this.#fail(reason);
  }

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    let chunk: ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;
    do {
      try {
        chunk = await this.#read();
      } catch (error) {
        this.#fail(error);
        throw error;
      }
    } while (!chunk.done && chunk.value.byteLength === 0); // a byte stream takes no empty chunk
    if (!chunk.done) {
      controller.enqueue(chunk.value);
      return;
    }
    if (this.#release()) this.#resolve();
    controller.close();
    controller.byobRequest?.respond(0);
  }

  /** The next chunk, or the signal's reason. A race with one promise for all chunks would keep them all. */
  #read(): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      this.#source.read().then(resolve, reject);
    });
  }

  #fail(error: unknown): void {
    if (this.#release()) this.#reject(error);
  }

  /** Lets go of all that holds it; whether it still held anything. */
  #release(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#watch?.end();
    lost.unregister(this);
    return true;
  }
}
