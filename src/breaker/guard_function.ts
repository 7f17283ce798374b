import { Application } from "../call/application.ts";
import { lookLike } from "../call/look_like.ts";
import type { CallOptions } from "./call_options.ts";
import { checkCall } from "./check_call.ts";
import type { BreakerCore } from "./core.ts";
import { guardedCall } from "./guarded_call.ts";
import { isPlain } from "./plain_call.ts";

/** What guards the calls of a function. */
export interface FunctionGuard<R, F> {
  /** The breaker. */
  readonly core: BreakerCore;
  /** Its shortest way. */
  readonly run: (operation: () => R | PromiseLike<R>) => Promise<R>;
  /** What each call asks for. */
  readonly options: CallOptions<F, R> | undefined;
}

/**
 * A function that runs `fn` through a breaker, and looks like it.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If the time limit is not above 0.
 */
export function guardFunction<This, Args extends unknown[], R, F>(
  fn: (this: This, ...args: Args) => R | PromiseLike<R>,
  { core, run, options }: FunctionGuard<R, F>,
): (this: This, ...args: Args) => Promise<R | F> {
  if (options !== undefined) checkCall(core.name, options);
  const guarded = function (this: This, ...args: Args): Promise<R | F> {
    return isPlain(core, options)
      ? run(() => fn.apply(this, args))
      : guardedCall<R, F>(core, Application.of(fn, this, args), options);
  };
  return lookLike(guarded, fn);
}
