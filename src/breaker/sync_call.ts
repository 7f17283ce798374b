import type { Admission } from "./admission.ts";
import type { BreakerCore } from "./core.ts";
import { IGNORED } from "./window/outcome.ts";

/**
 * Refuses a promise as the result of a synchronous operation: nobody knows yet how it ends, and to count a success would
 * be wrong. Its rejection is heard, so that it does not end the program. A thenable of another make is let be: it may be
 * a query that is sent once its `then` is called.
 *
 * @throws {TypeError} If `result` is a promise; the call then counts for nothing.
 */
export function refusePromise(core: BreakerCore, admission: Admission, result: object): void {
  if (!isThenable(result)) return;
  core.settle(admission, IGNORED);
  const isPromise = Object.prototype.toString.call(result) === "[object Promise]";
  if (isPromise) result.then(undefined, () => {});
  throw new TypeError(
    `Cannot call through breaker "${core.name}" by doSync: the operation returned a promise; use do`,
  );
}

function isThenable(result: object): result is PromiseLike<unknown> {
  try {
    return "then" in result && typeof result.then === "function";
  } catch { // it cannot be looked at, as a revoked proxy cannot
    return false;
  }
}
