import type { CallOptions } from "../../mod.ts";
import { type CallPlan, endsByItself, type PredicatePlan } from "./call_plan.ts";
import type { Ending } from "./judged_call.ts";
import { LocalOperation, OperationFailure } from "./local_operation.ts";
import { after, type RealTimer, startTimer, stopTimer } from "./real_timers.ts";
import { type Settlement, settlementFault } from "./settlement.ts";

/** What a caller aborts with. */
export class Withdrawal {
  /** The number of the call; 0: of many. */
  readonly call: number;

  /** Creates the reason of a call's abort. */
  constructor(call: number) {
    this.call = call;
  }
}

/** One call with its options, and what they must come to. */
export class PlannedCall {
  readonly plan: CallPlan;
  readonly operation: LocalOperation;
  readonly #id: number;
  readonly #controller = new AbortController();
  readonly #sharedSignal: AbortSignal;
  readonly #answer: object;
  #abortTimer: RealTimer | undefined;
  #fallbackBegan = false;
  #ended = false;
  #decides: "yes" | "no" | "perhaps" | undefined;

  /** Prepares a call; `sharedSignal` is one of many calls. */
  constructor(id: number, plan: CallPlan, sharedSignal: AbortSignal) {
    this.#id = id;
    this.plan = plan;
    this.#sharedSignal = sharedSignal;
    this.#answer = new OperationFailure(-id);
    this.operation = new LocalOperation(id, plan.operation, (settle) => this.#settling(settle));
  }

  /** The options that the plan asks for; begins to count down to the abort. */
  options(): CallOptions<unknown> {
    const { abort, abortMs, timeoutMs, via } = this.plan;
    if (via === "do with options") {
      if (abort === "before") this.#abort("yes"); // nothing can have ended it before it began
      if (abort === "during") this.#abortTimer = startTimer(() => this.#abort(), abortMs);
    }
    return {
      ...this.syncOptions(),
      ...(timeoutMs !== undefined && { timeout: timeoutMs }),
      ...(via === "do with options" && abort !== "never" && { signal: this.#signal }),
      ...(this.plan.fallback === "answers late" && { fallback: this.#fallBackLate }),
    };
  }

  /** Those of them that a synchronous call takes. */
  syncOptions(): { fallback?: ((error: unknown) => unknown) | undefined } {
    const { fallback, predicate } = this.plan;
    return {
      ...predicates(predicate),
      ...(fallback === "answers" && { fallback: this.#fallBack }),
      ...(fallback === "throws" && { fallback: this.#failToFallBack }),
    };
  }

  /** All calls that share a signal are aborted now. */
  abortedWithOthers(): void {
    this.#decides = this.#undecided();
  }

  /** Notes the end of the call, and tells what is wrong with it. */
  end(ending: Ending, breaker: string, isLimited: boolean): string | undefined {
    this.#ended = true;
    stopTimer(this.#abortTimer);
    const { operation, plan } = this;
    const settlement: Settlement = {
      breaker,
      ending,
      runs: operation.runs,
      value: operation.value,
      failure: operation.failure,
      isLimited,
      ...(plan.fallback !== "none" && { fallback: this.#answer }),
      ...(this.#decides !== undefined && {
        abort: {
          reason: this.#signal.reason,
          decides: this.#decides,
          isBefore: plan.abort === "before",
        },
      }),
    };
    return settlementFault(settlement);
  }

  /** The longest that the call may take, in milliseconds. */
  get limitMs(): number {
    const { operation, timeoutMs, abort, abortMs, fallbackMs } = this.plan;
    const endsAt = [
      endsByItself(operation) ? operation.ms : Infinity,
      timeoutMs ?? Infinity,
      abort === "during" ? abortMs : Infinity,
    ];
    return Math.min(...endsAt) + fallbackMs;
  }

  get #signal(): AbortSignal {
    return this.plan.abort === "with others" ? this.#sharedSignal : this.#controller.signal;
  }

  #settling(settle: () => void): void {
    const { abort, via } = this.plan;
    if (via !== "do with options") return settle();
    if (abort === "once settled") {
      const decides = this.#undecided() === "yes" ? "no" : "perhaps";
      settle();
      this.#abort(decides);
    } else if (abort === "before settling") {
      this.#abort();
      settle();
    } else {
      settle();
    }
  }

  #abort(decides: "yes" | "no" | "perhaps" = this.#undecided()): void {
    if (this.#ended) return;
    this.#decides = decides;
    this.#controller.abort(new Withdrawal(this.#id));
  }

  /** An abort decides what the caller gets if nothing has ended the call before. */
  #undecided(): "yes" | "perhaps" {
    const { isSettled, runs } = this.operation;
    return !isSettled && !this.#fallbackBegan && !this.#ended && runs > 0 ? "yes" : "perhaps";
  }

  readonly #fallBack = (): unknown => {
    this.#fallbackBegan = true;
    return this.#answer;
  };

  readonly #fallBackLate = async (): Promise<unknown> => {
    this.#fallbackBegan = true;
    await after(this.plan.fallbackMs);
    return this.#answer;
  };

  readonly #failToFallBack = (): never => {
    this.#fallbackBegan = true;
    throw this.#answer;
  };
}

function predicates(plan: PredicatePlan): CallOptions<unknown> {
  const fail = (): boolean => {
    throw new Error("A predicate fails");
  };
  switch (plan) {
    case "none":
      return {};
    case "ignores":
      return { isIgnored: () => true };
    case "forgives":
      return { isFailure: () => false };
    case "condemns":
      return { isResultFailure: () => true };
    case "throws":
      return { isIgnored: fail, isFailure: fail, isResultFailure: fail };
    case "promises":
      return promising();
  }
}

/** Predicates that answer with promises, as those of callers who do not check types do. */
function promising(): CallOptions<unknown> {
  const options: CallOptions<unknown> = {};
  const later = (): Promise<boolean> => Promise.reject(new Error("A predicate answers late"));
  for (const name of ["isIgnored", "isFailure", "isResultFailure"]) {
    Reflect.set(options, name, later);
  }
  return options;
}
