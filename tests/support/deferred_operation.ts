/** An operation that the test settles, and the signal that it was given. */
export class Deferred<T = string> {
  readonly #settle = Promise.withResolvers<T>();
  /** The signal of the last call. */
  signal: AbortSignal | undefined;
  /** How often it was called. */
  calls = 0;
  readonly resolve = this.#settle.resolve;
  readonly reject = this.#settle.reject;
  readonly operation = (signal: AbortSignal | undefined): Promise<T> => {
    this.calls++;
    this.signal = signal;
    return this.#settle.promise;
  };
}
