import {
  BreakerOpenError,
  BreakerTimeoutError,
  type CallOptions,
  type Outcome,
} from "../../mod.ts";

/** How a call ended as its caller saw it. */
export type Ending =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly error: unknown };

/** What the caller knows of a call that has ended. */
export interface EndedCall {
  /** Name of the breaker. */
  readonly breaker: string;
  /** How often the operation was run. */
  readonly runs: number;
  /** How the call ended, a fallback's part in it left aside. */
  readonly ending: Ending;
  readonly options: CallOptions<unknown>;
}

/** What became of a call by the rules: refused, never begun, or counted with an outcome. */
export type Judgement = Outcome | "refused" | "not begun";

/** How a call has to be counted (R1, R2, R17, R21). */
export function judge({ breaker, runs, ending, options }: EndedCall): Judgement {
  const { signal } = options;
  if (ending.kind === "error" && isRefusal(ending.error, breaker)) return "refused";
  if (runs === 0) return "not begun";
  if (ending.kind === "value") {
    const { isResultFailure = () => false } = options;
    return answer(isResultFailure, ending.value, false) ? "failure" : "success";
  }
  const { error } = ending;
  if (signal?.aborted && error === signal.reason) {
    return error instanceof BreakerTimeoutError ? "timeout" : "ignored";
  }
  const isTimeout = error instanceof BreakerTimeoutError;
  if (isTimeout && error.breaker === breaker) return "timeout";
  const { isIgnored = () => false, isFailure = () => true } = options;
  if (answer(isIgnored, error, false)) return "ignored";
  if (!answer(isFailure, error, true)) return "success";
  return isTimeout ? "timeout" : "failure";
}

/** Whether an error is a breaker's refusal. */
export function isRefusal(error: unknown, breaker: string): error is BreakerOpenError {
  return error instanceof BreakerOpenError && error.breaker === breaker;
}

function answer(
  predicate: (subject: unknown) => boolean,
  subject: unknown,
  otherwise: boolean,
): boolean {
  try {
    const verdict: unknown = predicate(subject);
    if (!(verdict instanceof Promise)) return Boolean(verdict);
    verdict.catch(() => {});
    return otherwise;
  } catch {
    return otherwise;
  }
}
