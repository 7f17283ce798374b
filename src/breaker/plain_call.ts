import type { CallOptions, SyncCallOptions } from "./call_options.ts";
import { classifyError } from "./classify.ts";
import type { BreakerCore } from "./core.ts";
import type { BreakerOpenError } from "./rejection.ts";
import { IGNORED, type OutcomeBits } from "./window/outcome.ts";

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

/** How an operation that threw before it returned is counted. */
export function judgeThrown(
  core: BreakerCore,
  operation: unknown,
  error: unknown,
  options: SyncCallOptions<unknown> | undefined,
): OutcomeBits {
  // What cannot be called is the caller's mistake and says nothing about the dependency.
  if (typeof operation !== "function") return IGNORED;
  return classifyError(core.host, core.name, error, options);
}
