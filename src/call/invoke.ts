import { platformPromise } from "./platform_promise.ts";

/** Runs an operation; what it throws becomes a rejection. */
export function invoke<T, S extends AbortSignal | undefined>(
  operation: (signal: S) => T | PromiseLike<T>,
  signal: S,
): Promise<T> {
  try {
    return platformPromise(operation(signal));
  } catch (error) {
    return Promise.reject(error);
  }
}
