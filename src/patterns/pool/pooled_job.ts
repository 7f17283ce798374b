import { type CallerHooks, WaitingCaller } from "../waiting_caller.ts";
import type { LinePlace, WaitingLine } from "../waiting_line.ts";

/**
 * What a pool runs. Its signal is aborted when the caller aborts, and when the
 * pool gives it up.
 *
 * @typeParam T What it resolves to.
 */
export type PoolJob<T> = (signal: AbortSignal) => T | PromiseLike<T>;

/** What a pool hears of a job. */
export interface PooledJobHost {
  /** It has left its line without being run. */
  left(): void;
  /** It ran, and is at work no more. */
  finished(job: AnyPooledJob): void;
}

/** A job of which the pool need not know what it resolves to. */
export interface AnyPooledJob {
  /** Goes to the end of a line. */
  enter(line: WaitingLine<AnyPooledJob>): void;
  /** Runs it, unless its caller has aborted. */
  start(): void;
  /** Settles it now, whether it runs or waits, and asks it to stop. */
  giveUp(error: unknown): void;
}

/** One job on its way through a pool. Its promise settles once, whatever comes first. */
export class PooledJob<T> implements AnyPooledJob, CallerHooks {
  readonly #host: PooledJobHost;
  readonly #job: PoolJob<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #caller: WaitingCaller<T>;
  #place: LinePlace<AnyPooledJob> | undefined;
  #controller: AbortController | undefined;

  /** Prepares a job whose caller may abort it by `signal`, which is not aborted yet. */
  constructor(host: PooledJobHost, job: PoolJob<T>, signal: AbortSignal | undefined) {
    this.#host = host;
    this.#job = job;
    this.#signal = signal;
    this.#caller = new WaitingCaller(signal, this);
  }

  /** How it ends. */
  get promise(): Promise<T> {
    return this.#caller.promise;
  }

  /** Goes to the end of a line. */
  enter(line: WaitingLine<AnyPooledJob>): void {
    this.#place = line.push(this);
  }

  /** Runs it, unless its caller has aborted. */
  start(): void {
    try {
      this.#signal?.throwIfAborted(); // by an abort that was kept from this job
      const controller = this.#controller = new AbortController();
      const job = this.#job; // called as a function: it is not to be handed this object as its own
      const result = Promise.resolve(job(controller.signal));
      this.#caller.isServedBy(result.then(this.#resolved, this.#threw));
    } catch (error) {
      this.#threw(this.#signal?.aborted ? this.#signal.reason : error);
    }
  }

  /** Settles it now, whether it runs or waits, and asks it to stop. */
  giveUp(error: unknown): void {
    // Settled before the job hears of it, so that nothing it does then counts.
    this.#caller.reject(this.#signal?.aborted ? this.#signal.reason : error);
    this.#controller?.abort(error);
  }

  /** The caller aborts: it leaves its line, or is asked to stop. */
  onAbort(reason: unknown): void {
    const place = this.#place;
    if (place?.line?.remove(place)) this.#host.left();
    else this.#controller?.abort(reason);
  }

  readonly #resolved = (value: T): void => {
    this.#caller.resolve(value);
    this.#host.finished(this); // afterwards, so that a pool has drained once its jobs have settled
  };

  readonly #threw = (error: unknown): void => {
    this.#caller.reject(error);
    this.#host.finished(this);
  };
}
