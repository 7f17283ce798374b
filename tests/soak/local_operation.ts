import type { Operation } from "../../mod.ts";
import type { Chance } from "./chance.ts";
import { startTimer, stopTimer } from "./real_timers.ts";

/**
 * What an operation does: `returns` a plain value; `answers` or `rejects` with a
 * promise, at once or `late`; `throws` before it returns; `hangs` until its signal
 * is aborted; is `deaf` to its signal and settles long after; `defies` the abort
 * and answers, or fails with an error of its own, in the abort itself.
 */
export type OperationKind =
  | "returns"
  | "answers"
  | "answers late"
  | "throws"
  | "rejects"
  | "rejects late"
  | "hangs"
  | "deaf"
  | "defies";

/** What an operation is to do. */
export interface OperationPlan {
  readonly kind: OperationKind;
  /** When it settles where it does so late, in milliseconds. */
  readonly ms: number;
  /** Whether what is deaf or defiant fails in the end. */
  readonly fails: boolean;
}

/** What an operation fails with: anything can be thrown. */
export class OperationFailure {
  /** The number of the call. */
  readonly call: number;

  /** Creates what the operation of a call fails with. */
  constructor(call: number) {
    this.call = call;
  }
}

/** Draws what an operation is to do; where the dependency `isFailing` mostly something bad. */
export function planOperation(chance: Chance, isFailing: boolean): OperationPlan {
  const good = isFailing ? 1 : 12;
  const bad = isFailing ? 4 : 0.4;
  const kind = chance.weighted<OperationKind>([
    ["returns", good / 4],
    ["answers", good],
    ["answers late", good],
    ["throws", bad / 4],
    ["rejects", bad],
    ["rejects late", bad],
    ["hangs", bad / 2],
    ["deaf", bad / 2],
    ["defies", 0.3],
  ]);
  const ms = kind === "deaf" ? chance.between(50, 400) : chance.between(0, 25);
  return { kind, ms, fails: chance.isHit(0.5) };
}

/** One operation as it is run, for one call. */
export class LocalOperation {
  /** What it resolves to, and nothing else does. */
  readonly value: string;
  /** What it fails with, and nothing else does. */
  readonly failure: OperationFailure;
  /** How often it was run. */
  runs = 0;
  /** Whether it has settled by itself. */
  isSettled = false;
  readonly #plan: OperationPlan;
  readonly #settling: ((settle: () => void) => void) | undefined;

  /** `settling` takes over as a late operation settles. */
  constructor(call: number, plan: OperationPlan, settling?: (settle: () => void) => void) {
    this.value = `value of call ${call}`;
    this.failure = new OperationFailure(call);
    this.#plan = plan;
    this.#settling = settling;
  }

  /** The operation. */
  readonly run: Operation<string> = (signal) => {
    this.runs++;
    const { kind } = this.#plan;
    if (kind === "returns" || kind === "answers" || kind === "throws" || kind === "rejects") {
      return this.#now();
    }
    return this.#later(signal);
  };

  /** The operation where it has to be synchronous. */
  readonly runSync = (): string => {
    this.runs++;
    this.isSettled = true;
    if (/answers|returns/.test(this.#plan.kind)) return this.value;
    throw this.failure;
  };

  #now(): string | Promise<string> {
    this.isSettled = true;
    switch (this.#plan.kind) {
      case "returns":
        return this.value;
      case "throws":
        throw this.failure;
      case "rejects":
        return Promise.reject(this.failure);
      default:
        return Promise.resolve(this.value);
    }
  }

  #later(signal: AbortSignal | undefined): Promise<string> {
    const { kind, ms, fails } = this.#plan;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const isFailing = kind === "rejects late" || (fails && kind !== "answers late");
    const settle = (): void => {
      this.isSettled = true;
      if (isFailing) reject(this.failure);
      else resolve(this.value);
    };
    const settleInTurn = (): void => {
      signal?.removeEventListener("abort", onAbort);
      if (this.#settling === undefined) settle();
      else this.#settling(settle);
    };
    const timer = kind === "hangs" || kind === "defies" ? undefined : startTimer(settleInTurn, ms);
    const onAbort = (): void => {
      signal?.removeEventListener("abort", onAbort);
      stopTimer(timer);
      if (kind === "defies") settle();
      else reject(signal?.reason);
    };
    if (kind === "deaf" || signal === undefined) return promise;
    // Operations that heed a signal count as its listeners, and take them off again.
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
    return promise;
  }
}
