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
  if (result instanceof Promise && result.then === Promise.prototype.then) return result;
  return follow(result);
}

// A function of its own, so that what is usual stays small enough to be inlined.
function follow<T>(result: T | PromiseLike<T>): Promise<T> {
  if (!(result instanceof Promise)) return Promise.resolve(result);
  return new Promise((resolve) => resolve(result));
}
