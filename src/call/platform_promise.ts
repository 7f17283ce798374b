/**
 * What an operation returned, as a promise that calls back once and later: the
 * operation's own where the platform made it, else one that follows it. A class
 * of promise may have a `then` of its own, which calls back twice or at once,
 * or throws.
 *
 * @typeParam T What it resolves to.
 * @param result What the operation returned.
 * @returns A promise whose `then` is the platform's.
 */
export function platformPromise<T>(result: T | PromiseLike<T>): Promise<T> {
  if (!(result instanceof Promise)) return Promise.resolve(result);
  if (result.then === Promise.prototype.then) return result;
  return new Promise((resolve) => resolve(result));
}
