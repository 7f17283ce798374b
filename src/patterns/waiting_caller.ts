import { type AbortWatch, type AbortWatcher, watchAbort } from "../call/abort_watch.ts";
import { Deferred } from "../call/deferred.ts";
import { leadTo, rejectTraced } from "../call/lead_to.ts";
import { queuePromiseJob } from "../call/promise_job.ts";

/** What its owner does as a {@linkcode WaitingCaller} leaves. */
export interface CallerHooks {
  /** Runs in the abort itself, before the promise settles. */
  onAbort?(reason: unknown): void;
  /** Runs once, as the promise settles, in whatever way. */
  onEnd?(): void;
}

const NO_HOOKS: CallerHooks = Object.freeze({});

/**
 * One caller that waits for an answer, and leaves when its signal is aborted:
 * its promise then rejects with the signal's reason. That happens one microtask
 * after the abort, so that an answer that was there before the abort, and is
 * ahead in the queue, stands. Its listener is gone as soon as it settles.
 *
 * @typeParam T What it waits for.
 */
export class WaitingCaller<T> implements AbortWatcher {
  /** What the caller is handed. */
  readonly promise: Promise<T>;
  readonly #settler: Deferred<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #hooks: CallerHooks;
  #watch: AbortWatch | undefined;
  #hasLeft = false;

  /** Starts to wait; `signal` may be aborted already. */
  constructor(signal: AbortSignal | undefined, hooks: CallerHooks = NO_HOOKS) {
    const settler = new Deferred<T>();
    this.promise = settler.promise;
    this.#settler = settler;
    this.#signal = signal;
    this.#hooks = hooks;
    if (signal !== undefined) this.#watch = watchAbort(signal, this);
  }

  /** Whether its promise is settled. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Hands the caller its answer, unless it has left. */
  resolve(value: T): void {
    if (this.#leave()) this.#settler.resolve(value);
  }

  /** Hands the caller an error, unless it has left. */
  reject(error: unknown): void {
    if (this.#leave()) this.#settler.reject(error);
  }

  /** Hands the caller an error that a timer made, unless it has left; see {@linkcode rejectTraced}. */
  rejectTraced(error: Error): void {
    if (this.#leave()) rejectTraced(error, this.#settler);
  }

  /** Shows the engine that an operation is for this caller, who has left once `handled` is fulfilled; see {@linkcode leadTo}. */
  isServedBy(handled: Promise<unknown>): void {
    leadTo(handled, this.#settler);
  }

  /** The caller's signal is aborted. */
  onAbort(): void {
    const reason: unknown = this.#signal?.reason;
    queuePromiseJob(() => this.reject(reason));
    this.#hooks.onAbort?.(reason);
  }

  #leave(): boolean {
    if (this.#hasLeft) return false;
    this.#hasLeft = true;
    this.#watch?.end();
    this.#hooks.onEnd?.();
    return true;
  }
}
