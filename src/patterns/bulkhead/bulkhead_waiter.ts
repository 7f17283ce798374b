import { type AbortWatch, type AbortWatcher, watchAbort } from "../../call/abort_watch.ts";
import { Deferred } from "../../call/deferred.ts";
import type { Clock } from "../../time/clock.ts";
import type { Deadline, Expiring } from "../../time/deadline.ts";
import { deadlinesOf } from "../../time/deadlines.ts";
import type { LinePlace, WaitingLine } from "../waiting_line.ts";

/** What a {@linkcode BulkheadWaiter} waits with. */
export interface BulkheadWait {
  /** The caller's own signal. */
  readonly signal: AbortSignal | undefined;
  /** The longest wait in milliseconds; infinite if there is none. */
  readonly maxWaitMs: number;
  /** The clock of the longest wait. */
  readonly clock: Clock;
  /** Called with what rejects the promise, once it has waited too long and has left the line. */
  readonly refuse: () => unknown;
}

/**
 * One call that waits for a slot. However the wait ends, the waiter is then in
 * no line, its deadline cleared and its listener removed.
 */
export class BulkheadWaiter implements AbortWatcher, Expiring {
  readonly #line: WaitingLine<BulkheadWaiter>;
  readonly #wait: BulkheadWait;
  readonly #settle = new Deferred<void>();
  readonly #place: LinePlace<BulkheadWaiter>;
  readonly #watch: AbortWatch | undefined;
  readonly #deadline: Deadline | undefined;

  /** Goes to the end of `line`. */
  constructor(line: WaitingLine<BulkheadWaiter>, wait: BulkheadWait) {
    const { signal, maxWaitMs, clock } = wait;
    this.#line = line;
    this.#wait = wait;
    // What may throw comes before the line: no real signal, a clock without timers.
    this.#watch = signal && watchAbort(signal, this);
    if (maxWaitMs < Infinity) this.#deadline = deadlinesOf(clock).set(maxWaitMs, this);
    this.#place = line.push(this);
  }

  /** Resolves once a slot is granted. */
  get promise(): Promise<void> {
    return this.#settle.promise;
  }

  /** Grants a slot to a waiter that was taken out of the line; `false`: it has given up and takes none. */
  grant(): boolean {
    const { signal } = this.#wait;
    const takes = !signal?.aborted; // aborted, perhaps, by whoever is told before this one
    if (takes) this.#settle.resolve();
    else this.#settle.reject(signal.reason);
    this.#release();
    return takes;
  }

  /** The caller's signal is aborted. */
  onAbort(): void {
    if (!this.#line.remove(this.#place)) return;
    this.#settle.reject(this.#wait.signal?.reason);
    this.#release();
  }

  /** It has waited too long. */
  onDeadline(): void {
    if (!this.#line.remove(this.#place)) return;
    this.#release();
    this.#settle.reject(this.#wait.refuse());
  }

  #release(): void {
    this.#watch?.end();
    this.#deadline?.clear();
  }
}
