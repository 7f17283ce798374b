import { Application } from "../call/application.ts";
import type { Operation } from "../call/operation.ts";
import type { SyncCallOptions } from "./call_options.ts";
import { classifyError } from "./classify.ts";
import type { BreakerCore } from "./core.ts";
import { IGNORED, type OutcomeBits } from "./window/outcome.ts";

/** An operation, or the call of a wrapped function. */
export type Runnable<T> = Operation<T> | Application<T>;

/** Whether it can be run; what cannot is the caller's mistake, and says nothing about the dependency. */
export function isRunnable(operation: unknown): boolean {
  return typeof operation === "function" || operation instanceof Application;
}

/** How an operation that threw, or that could not be run, is counted. */
export function judgeThrown(
  core: BreakerCore,
  operation: unknown,
  error: unknown,
  options: SyncCallOptions<unknown> | undefined,
): OutcomeBits {
  return isRunnable(operation) ? classifyError(core.host, core.name, error, options) : IGNORED;
}
