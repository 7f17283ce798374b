import { Application } from "../call/application.ts";
import type { Operation } from "../call/operation.ts";
import { platformPromise } from "../call/platform_promise.ts";
import type { Admission } from "./admission.ts";
import type { CallOptions } from "./call_options.ts";
import { classifyError, classifyResult } from "./classify.ts";
import type { BreakerCore } from "./core.ts";
import { ResultFailure } from "./trip/last_failure.ts";
import { IGNORED, SUCCESS } from "./window/outcome.ts";

/** An operation, or the call of a wrapped function. */
export type Runnable<T> = Operation<T> | Application<T>;

/** An admitted call with a fallback or predicates of its own, which nothing ends but its operation. */
export function countedCall<T, F>(
  core: BreakerCore,
  operation: Runnable<T>,
  options: CallOptions<F, T>,
  admission: Admission,
): Promise<T | F> {
  const { host, name } = core;
  const failed = (error: unknown): Promise<F> => {
    const { fallback } = options;
    const bits = isRunnable(operation) ? classifyError(host, name, error, options) : IGNORED;
    core.conclude(admission, bits, error, options);
    return bits > 0 && fallback !== undefined ? answer(fallback, error) : Promise.reject(error);
  };
  try {
    return platformPromise(run(operation, undefined)).then((value) => {
      const bits = classifyResult(host, name, value, options);
      if (bits === SUCCESS) core.settle(admission, bits);
      else core.conclude(admission, bits, new ResultFailure(value), options);
      return value;
    }, failed);
  } catch (error) {
    return failed(error);
  }
}

/** Runs an operation, which is handed `signal`. */
export function run<T>(
  operation: Runnable<T>,
  signal: AbortSignal | undefined,
): T | PromiseLike<T> {
  return operation instanceof Application ? operation.run() : operation(signal);
}

/** Whether it can be run; what cannot is the caller's mistake, and says nothing about the dependency. */
export function isRunnable(operation: unknown): boolean {
  return typeof operation === "function" || operation instanceof Application;
}

/** Runs a fallback; what it throws becomes a rejection. */
export function answer<F>(
  fallback: (error: unknown) => F | PromiseLike<F>,
  error: unknown,
): Promise<F> {
  try {
    return Promise.resolve(fallback(error));
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}
