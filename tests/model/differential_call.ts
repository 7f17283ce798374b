import type { Breaker } from "../../src/breaker/breaker.ts";
import { BreakerTimeoutError } from "../../src/errors.ts";
import type { Outcome } from "./observation.ts";

/** What an operation rejects with that is to be ignored. */
export const IGNORED: Error = new Error("to be ignored");

/** A failure that asks to be left alone for a while. */
export class AskingError extends Error {
  constructor(readonly holdAfterMs: number) {
    super("ask again later");
  }
}

/** A call that was admitted. */
export interface CallInFlight {
  /** Ends the call, a failure with `error` if there is one; the first time counts. */
  settle(as: Outcome, error?: AskingError): Promise<void>;
}

/** Starts a call by a permit. */
export function permitCall(breaker: Breaker): CallInFlight | undefined {
  const permit = breaker.tryAcquire();
  if (permit === undefined) return undefined;
  const settlements: Readonly<Record<Outcome, (error?: AskingError) => void>> = {
    success: () => permit.success(),
    failure: (error) => permit.failure(error),
    timeout: () => permit.timeout(),
    ignored: () => permit.failure(IGNORED),
    cancelled: () => permit.ignore(),
    dropped: () => permit[Symbol.dispose](),
  };
  return { settle: (as, error) => Promise.resolve(settlements[as](error)) };
}

/**
 * Starts a call by `do`, with a signal where `id` has an even last digit: one
 * that times out is then aborted by a `TimeoutError`, others fail by the time
 * limit of an inner breaker. Operations cannot be dropped: that counts as ignored
 * here, so nobody should settle so.
 */
export function doCall(breaker: Breaker, id: string): CallInFlight | undefined {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const controller = hasSignal(id) ? new AbortController() : undefined;
  let ran = false;
  const operation = (): Promise<string> => {
    ran = true;
    return promise;
  };
  let seen: unknown;
  breaker.do(operation, controller && { signal: controller.signal }).then(
    (value) => seen = value,
    (error) => seen = error,
  );
  if (!ran) return undefined;
  const end = (as: Outcome, failure: Error): unknown => {
    if (as === "success") {
      resolve(id);
      return id;
    }
    if (controller !== undefined && (as === "cancelled" || as === "timeout")) {
      const reason = new DOMException(id, as === "timeout" ? "TimeoutError" : "AbortError");
      controller.abort(reason);
      return reason;
    }
    const error = as === "failure" ? failure : as === "timeout" ? timeLimit(id) : IGNORED;
    reject(error);
    return error;
  };
  let settled = false;
  const settle = async (as: Outcome, failure = new Error(id)): Promise<void> => {
    if (settled) return;
    settled = true;
    const expected = end(as, failure);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    if (seen !== expected) throw new Error(`The caller of ${id} saw ${seen}, not ${expected}`);
  };
  return { settle };
}

/** Whether the call of this id has a signal where it is one by `do`. */
export function hasSignal(id: string): boolean {
  return Number(id.at(-1)) % 2 === 0;
}

/** What an inner breaker's time limit throws. */
function timeLimit(id: string): BreakerTimeoutError {
  return new BreakerTimeoutError(id, 1);
}
