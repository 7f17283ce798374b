import type { CallOptions } from "../../mod.ts";
import { type Ending, judge, type Judgement } from "./judged_call.ts";

/** What is known of a call that was admitted. */
export interface Admitted {
  /** Whether the breaker has changed its state since then. */
  isOutlived(): boolean;
  /** The call is no longer in flight. */
  release(): void;
}

/** How a call came to its end. */
export interface EndedRun {
  /** How often its operation ran. */
  readonly runs: number;
  /** Whether the breaker had changed its state before the operation settled. */
  readonly isOutlived: boolean;
}

/** Who hears of a call. */
export interface TrackedCallHooks {
  /** Its operation starts. */
  readonly onStart: () => Admitted;
  /** The call has ended. */
  readonly onEnd: (judgement: Judgement, run: EndedRun) => void;
}

/** One call through a tracked breaker, from its beginning to its end. */
export class TrackedCall {
  readonly #breaker: string;
  readonly #hooks: TrackedCallHooks;
  #runs = 0;
  #isOutlived = false;
  #admitted: Admitted | undefined;
  #answeredFor: Ending | undefined;

  /** A call through `breaker` begins. */
  constructor(breaker: string, hooks: TrackedCallHooks) {
    this.#breaker = breaker;
    this.#hooks = hooks;
  }

  /** Its operation starts. */
  start(): void {
    this.#runs++;
    this.#admitted = this.#hooks.onStart();
  }

  /** Its operation settles, and the breaker is about to hear of it. */
  readonly settling = (): void => {
    this.#isOutlived = this.#admitted?.isOutlived() ?? false;
  };

  /** The options with a fallback that notes what it answers for. */
  hearing<O extends { fallback?: ((error: unknown) => unknown) | undefined }>(options: O): O {
    const { fallback } = options;
    if (fallback === undefined) return options;
    return {
      ...options,
      fallback: (error: unknown) => {
        this.#answeredFor = { kind: "error", error };
        this.#admitted?.release();
        return fallback(error);
      },
    };
  }

  /** It ended as the caller saw it. */
  end(seen: Ending, options: CallOptions<unknown> = {}): void {
    const ending = this.#answeredFor ?? seen;
    this.settle(judge({ breaker: this.#breaker, runs: this.#runs, ending, options }));
  }

  /** It ended, and this became of it. */
  settle(judgement: Judgement): void {
    this.#admitted?.release();
    this.#hooks.onEnd(judgement, { runs: this.#runs, isOutlived: this.#isOutlived });
  }
}
