import { BulkheadFullError, type Operation, PoolClosedError, SwitchgearError } from "../../mod.ts";
import type { Ending } from "./judged_call.ts";
import { LocalOperation, OperationFailure, type OperationPlan } from "./local_operation.ts";
import { Withdrawal } from "./planned_call.ts";
import { type RealTimer, startTimer, stopTimer } from "./real_timers.ts";

/** What is chosen for one call through a pattern. */
export interface PatternPlan {
  readonly operation: OperationPlan;
  /** When the caller aborts, in milliseconds; absent: it does not. */
  readonly abortMs: number | undefined;
  /** A number that a pattern uses as it likes, such as to choose a key. */
  readonly variant: number;
}

/** What the end of a call is judged by. */
export interface EndOptions {
  /** Which values are right. */
  readonly isAnswer: (value: unknown) => boolean;
  /** Whether an operation that runs ends its call by itself, also after an abort. @default false */
  readonly leavesAborts?: boolean;
}

/** One call through a pattern, and what it may come to. */
export class PatternCall {
  readonly plan: PatternPlan;
  /** The caller's signal, where it has one. */
  readonly signal: AbortSignal | undefined;
  readonly #id: number;
  readonly #reason: Withdrawal;
  readonly #report: (seen: string) => void;
  #timer: RealTimer | undefined;
  #runs = 0;
  #isAborted = false;

  /** Prepares a call, and begins to count down to its abort; `report` hears what is wrong with it. */
  constructor(id: number, plan: PatternPlan, report: (seen: string) => void) {
    this.#id = id;
    this.plan = plan;
    this.#report = report;
    this.#reason = new Withdrawal(id);
    const { abortMs } = plan;
    if (abortMs === undefined) return;
    const controller = new AbortController();
    this.signal = controller.signal;
    this.#timer = startTimer(() => {
      this.#isAborted = true;
      controller.abort(this.#reason);
    }, abortMs);
  }

  /** How often the operation was run. */
  get runs(): number {
    return this.#runs;
  }

  /** The caller's signal as an option. */
  get options(): { readonly signal?: AbortSignal } {
    return this.signal === undefined ? {} : { signal: this.signal };
  }

  /** The operation; each attempt does the same. `started` is told of each, and returns what ends it. */
  operation(started?: () => () => void): Operation<string> {
    return (signal) => {
      this.#runs++;
      if (this.#isAborted) this.#report("an operation was started after the abort");
      const ended = started?.();
      try {
        // A later attempt is faster, so that one which hedges can win.
        const plan = { ...this.plan.operation, ms: this.plan.operation.ms / this.#runs };
        const result = new LocalOperation(this.#id, plan).run(signal);
        if (ended !== undefined) Promise.resolve(result).then(ended, ended);
        return result;
      } catch (error) {
        ended?.();
        throw error;
      }
    };
  }

  /** The operation where callers share it: it may outlive this call, and start after its abort. */
  sharedOperation(): Operation<string> {
    return (signal) => {
      this.#runs++;
      return new LocalOperation(this.#id, this.plan.operation).run(signal);
    };
  }

  /** Notes the end, and gives its kind, for the tally. */
  end(ending: Ending, { isAnswer, leavesAborts = false }: EndOptions): string {
    stopTimer(this.#timer);
    const got = ending.kind === "value" ? ending.value : ending.error;
    if (this.#isAborted && got === this.#reason) return "aborted";
    // It had not ended when it was aborted, and nothing settles in the same turn.
    if (this.#isAborted && !(leavesAborts && this.#runs > 0)) {
      this.#report(`aborted, and the caller got ${String(got)}`);
    }
    if (ending.kind === "value") {
      if (!isAnswer(got)) this.#report(`the caller got the value ${String(got)}`);
      return "answered";
    }
    if (got instanceof SwitchgearError) return refusalName(got);
    if (!(got instanceof OperationFailure)) this.#report(`the caller got ${String(got)}`);
    return "failed";
  }

  /** Whether a value is that of this call's operation. */
  readonly isOwn = (value: unknown): boolean => value === `value of call ${this.#id}`;
}

function refusalName(error: SwitchgearError): string {
  const isExplained = error instanceof BulkheadFullError || error instanceof PoolClosedError;
  return isExplained ? `${error.code} ${error.reason}` : error.code;
}
