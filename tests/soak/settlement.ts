import { BreakerTimeoutError } from "../../mod.ts";
import { type Ending, isRefusal } from "./judged_call.ts";

/** Everything that bears on what a caller must be given. */
export interface Settlement {
  /** Name of the breaker. */
  readonly breaker: string;
  readonly ending: Ending;
  /** How often the operation ran. */
  readonly runs: number;
  readonly value: unknown;
  readonly failure: unknown;
  /** What the fallback answers or fails with; absent where there is none. */
  readonly fallback?: unknown;
  /** Whether the call has a time limit, of its own or by its policy. */
  readonly isLimited: boolean;
  /** Present where the caller aborted; `decides`: before anything else had ended the call. */
  readonly abort?: {
    readonly reason: unknown;
    readonly decides: "yes" | "no" | "perhaps";
    readonly isBefore: boolean;
  };
}

/** What is wrong with what a caller was given (R2, R17, R21); `undefined`: nothing. */
export function settlementFault(settlement: Settlement): string | undefined {
  const { ending, runs, value, failure, fallback, isLimited, abort, breaker } = settlement;
  const got = ending.kind === "value" ? ending.value : ending.error;
  if (abort?.isBefore && runs > 0) return "the signal was aborted before, and the operation ran";
  if (abort?.decides === "yes") {
    if (ending.kind === "error" && got === abort.reason) return undefined;
    return `aborted, and the caller got ${describe(ending)} instead of the signal's reason`;
  }
  if (abort?.decides === "no" && got === abort.reason) {
    return "aborted when the operation had settled, and the caller got the signal's reason";
  }
  if (fallback !== undefined && got === fallback) return undefined;
  if (ending.kind === "value") {
    return got === value && runs > 0 ? undefined : `the caller got the value ${String(got)}`;
  }
  if (got === failure && runs > 0) return undefined;
  if (abort !== undefined && got === abort.reason) return undefined;
  if (isRefusal(got, breaker)) return undefined;
  if (isLimited && got instanceof BreakerTimeoutError && got.breaker === breaker) return undefined;
  return `the caller got ${describe(ending)}`;
}

function describe({ kind, ...ending }: Ending): string {
  const got: unknown = "value" in ending ? ending.value : ending.error;
  return `the ${kind} ${got instanceof Error ? `${got.name}: ${got.message}` : String(got)}`;
}
