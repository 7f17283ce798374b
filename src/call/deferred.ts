/**
 * A promise and what settles it, for code in which the two are far apart.
 * `Promise.withResolvers` would do, but Node 20 has none.
 */
export class Deferred<T> {
  /** Settles by the first call of `resolve` or `reject`. */
  readonly promise: Promise<T>;
  /** Fulfils the promise, or lets it follow another. */
  resolve: (value: T | PromiseLike<T>) => void = () => {};
  /** Rejects the promise. */
  reject: (reason?: unknown) => void = () => {};

  /** Creates a promise that is pending. */
  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
