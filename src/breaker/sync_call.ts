import type { Admission } from "./admission.ts";
import type { SyncCallOptions } from "./call_options.ts";
import { checkSyncOptions } from "./check_call.ts";
import { classifyResult } from "./classify.ts";
import type { BreakerCore } from "./core.ts";
import { judgeThrown } from "./runnable.ts";
import { ResultFailure } from "./trip/last_failure.ts";
import { IGNORED, SUCCESS } from "./window/outcome.ts";

/** Runs a synchronous `operation` if the breaker admits it. */
export function syncCall<T, F>(
  core: BreakerCore,
  operation: () => T,
  options: SyncCallOptions<F, T> | undefined,
): T | F {
  if (options !== undefined) checkSyncOptions(core.name, options);
  const fallback = options?.fallback;
  const admission = core.admit();
  if (admission === undefined) {
    const refusal = fallback !== undefined ? core.refusalNotice() : core.refusalError();
    core.announce();
    if (fallback === undefined) throw refusal;
    return fallback(refusal);
  }
  core.announce();
  let result: T;
  try {
    result = operation();
  } catch (error) {
    const bits = judgeThrown(core, operation, error, options);
    core.conclude(admission, bits, error, options);
    if (fallback !== undefined && bits > 0) return fallback(error);
    throw error;
  }
  if (typeof result === "object" && result !== null) refusePromise(core, admission, result);
  const bits = classifyResult(core.host, core.name, result, options);
  if (bits === SUCCESS) core.settle(admission, bits);
  else core.conclude(admission, bits, new ResultFailure(result), options);
  return result;
}

/**
 * Refuses a promise as the result of a synchronous operation: nobody knows yet how it ends, and to count a success would
 * be wrong. Its rejection is heard, so that it does not end the program. A thenable of another make is let be: it may be
 * a query that is sent once its `then` is called.
 *
 * @throws {TypeError} If `result` is a promise; the call then counts for nothing.
 */
function refusePromise(core: BreakerCore, admission: Admission, result: object): void {
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
