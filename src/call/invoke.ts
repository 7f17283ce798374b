import type { Operation } from "./operation.ts";
import { platformPromise } from "./platform_promise.ts";

/** Runs an operation; what it throws becomes a rejection. */
export function invoke<T>(
  operation: Operation<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return platformPromise(operation(signal));
  } catch (error) {
    return Promise.reject(error);
  }
}
