import { verdict } from "../call/verdict.ts";
import { isTimeLimitError, isTimeoutReason } from "../errors.ts";
import type { BreakerHost } from "./host/host.ts";
import type { Classification } from "./host/settings.ts";
import { FAILURE, IGNORED, type OutcomeBits, SUCCESS, TIMEOUT } from "./window/outcome.ts";

/** Why a caller's signal was aborted, and when. */
export interface CallerAbort {
  readonly reason: unknown;
  /** How long the call had run by then, in milliseconds. */
  readonly elapsedMs: number;
}

/** How an operation that threw `error` is counted (R2). */
export function classifyError(
  host: BreakerHost,
  breaker: string,
  error: unknown,
  call?: Classification,
): OutcomeBits {
  const isIgnored = call?.isIgnored ?? host.isIgnored;
  if (isIgnored !== undefined && ask(host, breaker, "isIgnored", isIgnored, error, false)) {
    return IGNORED;
  }
  const isFailure = call?.isFailure ?? host.isFailure;
  if (isFailure !== undefined && !ask(host, breaker, "isFailure", isFailure, error, true)) {
    return SUCCESS;
  }
  return isTimeLimitError(error) ? FAILURE | TIMEOUT : FAILURE;
}

/** How a call is counted whose signal was aborted for `reason` after it had run for `elapsedMs` (R2). */
export function classifyAbort(
  host: BreakerHost,
  breaker: string,
  { reason, elapsedMs }: CallerAbort,
  call: Classification,
): OutcomeBits {
  if (!isTimeoutReason(reason)) return IGNORED;
  const isIgnored = call.isIgnored ?? host.isIgnored;
  const isOwnFault = isIgnored !== undefined &&
    ask(host, breaker, "isIgnored", (error) => isIgnored(error, { elapsedMs }), reason, false);
  return isOwnFault ? IGNORED : FAILURE | TIMEOUT;
}

/** How an operation that resolved to `value` is counted (R2). */
export function classifyResult(
  host: BreakerHost,
  breaker: string,
  value: unknown,
  call?: Classification,
): OutcomeBits {
  const isFailure = call?.isResultFailure ?? host.isResultFailure;
  if (isFailure === undefined) return SUCCESS;
  return ask(host, breaker, "isResultFailure", isFailure, value, false) ? FAILURE : SUCCESS;
}

function ask(
  host: BreakerHost,
  breaker: string,
  name: keyof Classification,
  predicate: (subject: unknown) => boolean,
  subject: unknown,
  standing: boolean,
): boolean {
  try {
    return Boolean(verdict(name, predicate(subject)));
  } catch (error) {
    host.report(breaker, `${name} failed, the default stands`, error);
    return standing;
  }
}
