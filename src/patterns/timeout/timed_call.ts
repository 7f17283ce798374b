import type { SignalledOperation } from "../../call/operation.ts";
import { BreakerTimeoutError } from "../../errors.ts";
import type { Clock } from "../../time/clock.ts";
import type { Deadline, Expiring } from "../../time/deadline.ts";
import { deadlinesOf } from "../../time/deadlines.ts";
import { type CallerHooks, WaitingCaller } from "../waiting_caller.ts";

/** What one call is held to. */
export interface TimedCallSettings {
  /** Stands in the error. */
  readonly name: string;
  /** What took too long, in the error's message. */
  readonly subject: string;
  /** The limit in milliseconds. */
  readonly limitMs: number;
  /** Whether the call rejects at the deadline, whatever the operation does. */
  readonly isHard: boolean;
  /** The clock of the deadline. */
  readonly clock: Clock;
}

/** One call with a deadline. The deadline and its listener are gone as soon as it settles. */
export class TimedCall<T> implements CallerHooks, Expiring {
  readonly #settings: TimedCallSettings;
  readonly #signal: AbortSignal | undefined;
  readonly #caller: WaitingCaller<T>;
  readonly #controller = new AbortController();
  #deadline: Deadline | undefined;

  /** Prepares the call of somebody who may abort it by `signal`. */
  constructor(settings: TimedCallSettings, signal: AbortSignal | undefined) {
    this.#settings = settings;
    this.#signal = signal;
    this.#caller = new WaitingCaller(signal, this);
  }

  /** Starts the deadline and runs the operation. */
  run(operation: SignalledOperation<T>): Promise<T> {
    const caller = this.#caller;
    const { clock, limitMs } = this.#settings;
    try {
      this.#deadline = deadlinesOf(clock).set(limitMs, this);
      const handled = Promise.resolve(operation(this.#controller.signal)).then(
        (value) => caller.resolve(value),
        (error) => caller.reject(error),
      );
      caller.isServedBy(handled);
    } catch (error) {
      caller.reject(this.#signal?.aborted ? this.#signal.reason : error);
    }
    return caller.promise;
  }

  /** Passes the caller's abort on to the operation. */
  onAbort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Leaves no deadline behind. */
  onEnd(): void {
    this.#deadline?.clear();
  }

  /** The time limit is over. */
  onDeadline(): void {
    if (this.#caller.hasLeft) return;
    const { name, subject, limitMs, isHard } = this.#settings;
    const error = new BreakerTimeoutError(name, limitMs, { subject });
    // Settled before the operation hears of it, so that nothing it does then counts.
    if (isHard) this.#caller.rejectTraced(error);
    this.#controller.abort(error);
  }
}
