import { Application } from "../call/application.ts";
import { platformPromise } from "../call/platform_promise.ts";
import type { Admission } from "./admission.ts";
import type { CallOptions } from "./call_options.ts";
import { classifyResult } from "./classify.ts";
import type { BreakerCore } from "./core.ts";
import { judgeThrown, type Runnable } from "./runnable.ts";
import { ResultFailure } from "./trip/last_failure.ts";
import { SUCCESS } from "./window/outcome.ts";

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
    const bits = judgeThrown(core, operation, error, options);
    core.conclude(admission, bits, error, options);
    return bits > 0 && fallback !== undefined ? answer(fallback, error) : Promise.reject(error);
  };
  try {
    const result = operation instanceof Application ? operation.run() : operation(undefined);
    return platformPromise(result).then((value) => {
      const bits = classifyResult(host, name, value, options);
      if (bits === SUCCESS) core.settle(admission, bits);
      else core.conclude(admission, bits, new ResultFailure(value), options);
      return value;
    }, failed);
  } catch (error) {
    return failed(error);
  }
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
