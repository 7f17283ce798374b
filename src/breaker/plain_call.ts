import type { CallOptions } from "./call_options.ts";
import type { BreakerCore } from "./core.ts";
import type { BreakerOpenError } from "./rejection.ts";

/** Whether a call asks for nothing but to be counted: its promise is then the operation's own. */
export function isPlain(core: BreakerCore, options: CallOptions<unknown> | undefined): boolean {
  return options === undefined && !core.behind && core.policy.timeoutMs === 0;
}

/** The error for a call that was just refused, made before listeners hear of it and move the breaker on. */
export function refuse(core: BreakerCore): BreakerOpenError {
  const refusal = core.refusalError();
  core.announce();
  return refusal;
}

const SETTLED = Promise.resolve();

/**
 * The promise of a call that was just refused. Its error is made a microtask
 * later, when the stack holds nothing but the async functions that await the
 * call. V8 takes some 300 ns for each frame of a stack that it captures, which
 * is more than all else of a refusal.
 */
export function refusedPromise(core: BreakerCore): Promise<never> {
  if (!core.host.freshErrors) return Promise.reject(refuse(core));
  const error = core.errorToCome();
  core.announce();
  return SETTLED.then(() => {
    throw error();
  });
}
