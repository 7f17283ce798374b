import type { Breaker } from "../../src/breaker/breaker.ts";
import type { Outcome } from "./observation.ts";

/** What an operation rejects with that is to be ignored. */
export const IGNORED: Error = new Error("to be ignored");

/** A call that was admitted. */
export interface CallInFlight {
  /** Ends the call; the first time counts. */
  settle(as: Outcome): Promise<void>;
}

/** Starts a call by a permit. */
export function permitCall(breaker: Breaker): CallInFlight | undefined {
  const permit = breaker.tryAcquire();
  if (permit === undefined) return undefined;
  const settlements: Readonly<Record<Outcome, () => void>> = {
    success: () => permit.success(),
    failure: () => permit.failure(),
    timeout: () => permit.timeout(),
    ignored: () => permit.failure(IGNORED),
    cancelled: () => permit.ignore(),
    dropped: () => permit[Symbol.dispose](),
  };
  return { settle: (as) => Promise.resolve(settlements[as]()) };
}

/**
 * Starts a call by `do`, with a signal where `id` has an even last digit.
 * Operations neither time out nor can they be dropped: both count as ignored
 * here, so nobody should settle so.
 */
export function doCall(breaker: Breaker, id: string): CallInFlight | undefined {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const controller = Number(id.at(-1)) % 2 === 0 ? new AbortController() : undefined;
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
  const end = (as: Outcome): unknown => {
    if (as === "success") {
      resolve(id);
      return id;
    }
    if (as === "cancelled" && controller !== undefined) {
      controller.abort(IGNORED);
      return IGNORED;
    }
    const error = as === "failure" ? new Error(id) : IGNORED;
    reject(error);
    return error;
  };
  let settled = false;
  const settle = async (as: Outcome): Promise<void> => {
    if (settled) return;
    settled = true;
    const expected = end(as);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    if (seen !== expected) throw new Error(`The caller of ${id} saw ${seen}, not ${expected}`);
  };
  return { settle };
}
