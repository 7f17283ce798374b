/** What settles a promise: the functions that `new Promise` hands out, and no others. */
export interface Settler<T> {
  /** Fulfils the promise, or lets it follow another. */
  readonly resolve: (value: T | PromiseLike<T>) => void;
  /** Rejects the promise. */
  readonly reject: (error: unknown) => void;
}

/**
 * Shows the engine whose promise an operation is for, where something else than the operation may settle that promise
 * first. V8 makes the asynchronous part of a stack by walking from the operation's promise along those that depend on
 * it. Through a promise that a handler settles it finds no way, and the stack would end at us. It does follow the
 * functions of `new Promise` themselves.
 *
 * @typeParam T What the call resolves to.
 * @param handled What the handlers of the operation's promise come to. Its value settles the call, unless something else
 * has: handlers that wait for more return {@linkcode unsettled}.
 * @param settler What settles the call.
 */
export function leadTo<T>(handled: Promise<unknown>, { resolve, reject }: Settler<T>): void {
  handled.then(resolve as (value: unknown) => void, reject);
}

/** A promise that never settles; a new one each time, so that nothing gathers on it. */
export function unsettled(): Promise<never> {
  return new Promise(() => {});
}

const NOW = Promise.resolve();

/**
 * Rejects a call with an error that a timer made, one microtask later: its stack then names those who wait for the call,
 * where it would have held the timer alone.
 *
 * @typeParam T What the call resolves to.
 * @param error The error, which nobody else may have had thrown at them yet.
 * @param settler What settles the call, which is still pending.
 */
export function rejectTraced<T>(error: Error, settler: Settler<T>): void {
  const reject = (): void => {
    try {
      Error.captureStackTrace?.(error, reject);
    } catch {
      // The program's own Error.prepareStackTrace failed, or errors are frozen.
    }
    settler.reject(error);
  };
  leadTo(NOW.then(reject), settler);
}
