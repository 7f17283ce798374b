import { Deferred } from "../../call/deferred.ts";
import { OptionsCheck } from "../../check/check_options.ts";
import { clockOf } from "../../check/services.ts";
import type { Clock } from "../../time/clock.ts";
import type { Deadline } from "../../time/deadline.ts";
import { deadlinesOf } from "../../time/deadlines.ts";
import type { Duration } from "../../time/duration.ts";
import { callFault } from "../call_fault.ts";
import type { LayerOptions } from "../layer.ts";
import { layerTitle } from "../layer_title.ts";
import { WaitingLine } from "../waiting_line.ts";
import { PoolClosedError, PoolFullError } from "./pool_full_error.ts";
import { type AnyPooledJob, PooledJob, type PooledJobHost, type PoolJob } from "./pooled_job.ts";

/** What {@linkcode createWorkerPool} takes. */
export interface WorkerPoolOptions {
  /** Jobs that run at once, at least 1. */
  workers: number;
  /** Jobs that are accepted while all workers are busy. @default 0 */
  maxQueued?: number | undefined;
  /** Stands in errors. @default "" */
  name?: string | undefined;
  /** The source of time, for the drain timeout. @default systemClock */
  clock?: Clock | undefined;
}

/** What closing a pool takes. */
export interface PoolCloseOptions {
  /** The longest that accepted jobs may take to end; 0: they are given up at once. @default as long as it takes */
  drainTimeout?: Duration | undefined;
}

const FIELDS: readonly (keyof WorkerPoolOptions)[] = ["workers", "maxQueued", "name", "clock"];

/**
 * Runs jobs, so many at a time, and lets so many more wait. Created by {@linkcode createWorkerPool}.
 *
 * Jobs begin in the order in which they came. Each job that is accepted settles once: as the job does, with the
 * reason of the caller's abort, or with what closing the pool brings. One that throws, at once or later, or hangs,
 * harms no other. A caller that aborts is let go at once; a job that runs then keeps its worker until it has ended,
 * for so long it is at work.
 *
 * @example Usage
 * ```ts
 * import { createWorkerPool } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * await using pool = createWorkerPool({ workers: 4, maxQueued: 100, name: "thumbnails" });
 * const width = await pool.submit((_signal) => Promise.resolve(320));
 * assert.equal(width, 320);
 * ```
 */
export class WorkerPool implements AsyncDisposable {
  /** Stands in errors. */
  readonly name: string;
  readonly #workers: number;
  readonly #maxQueued: number;
  readonly #clock: Clock;
  readonly #check: OptionsCheck;
  readonly #running = new Set<AnyPooledJob>();
  readonly #queue = new WaitingLine<AnyPooledJob>();
  /** Those who wait for a place in the queue. */
  readonly #applicants = new WaitingLine<AnyPooledJob>();
  readonly #host: PooledJobHost = {
    left: () => this.#advance(),
    finished: (job) => {
      this.#running.delete(job);
      this.#advance();
    },
  };
  readonly #drained = new Deferred<void>();
  #isClosed = false;
  #isDrained = false;
  #isStarting = false;
  #drainLimit: Deadline | undefined;
  #drainsUntil = Infinity;

  /** As {@linkcode createWorkerPool}. */
  constructor(options: WorkerPoolOptions) {
    const name = options?.name ?? "";
    const title = layerTitle("worker pool", String(name));
    const check = new OptionsCheck(`create ${title}`);
    check.known(options, FIELDS);
    this.name = check.text("name", name);
    this.#workers = check.integer("workers", options.workers, { min: 1 });
    this.#maxQueued = check.integer("maxQueued", options.maxQueued ?? 0, { min: 0 });
    this.#clock = clockOf(check, options.clock);
    this.#check = new OptionsCheck(`use ${title}`);
  }

  /** Jobs that run now, those whose callers have left included. */
  get running(): number {
    return this.#running.size;
  }

  /** Jobs that are accepted and have not begun. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Callers of {@linkcode WorkerPool.submitWait} that wait for a place. */
  get waiting(): number {
    return this.#applicants.length;
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Hands in a job, to be run as soon as a worker is free; at once, if one is.
   *
   * A job that is not accepted is refused synchronously, as by the executors of
   * Java: there is no promise then, and nobody who drops it raises an unhandled
   * rejection. In an async function `await pool.submit(job)` throws either way;
   * with `.then` or `.catch`, mind that `submit` itself may throw, or use `submitWait`.
   *
   * @typeParam T What the job resolves to.
   * @param job What to run.
   * @param options The caller's signal. Aborting it rejects the promise at once; a job that has not begun is then not run.
   * @returns What the job resolves to; rejects with what it throws, or with a {@linkcode PoolClosedError} if closing gave it up.
   * @throws {PoolFullError} Synchronously, if all workers are busy and the queue is full.
   * @throws {PoolClosedError} Synchronously, if the pool is closed.
   * @throws {TypeError} Synchronously, if `job` is no function.
   */
  submit<T>(job: PoolJob<T>, options?: LayerOptions): Promise<T> {
    this.#checkJob(job, options);
    if (this.#isClosed) throw new PoolClosedError(this.name, "closed");
    const signal = options?.signal ?? undefined;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (!this.#hasPlace) {
      throw new PoolFullError({ pool: this.name, running: this.running, queued: this.queued });
    }
    return this.#enter(job, signal);
  }

  /**
   * Hands in a job, and waits for a place in the queue if there is none. Nobody
   * who comes later gets a place before. Closing the pool refuses those who still wait for one.
   *
   * @typeParam T What the job resolves to.
   * @param job What to run.
   * @param options The caller's signal. Aborting it rejects the promise at once; a job that has not begun is then not run.
   * @returns What the job resolves to; rejects with what it throws, or with a {@linkcode PoolClosedError} if closing gave it up.
   * @throws {PoolClosedError} If the pool is closed, or is before there is a place.
   * @throws {TypeError} If `job` is no function.
   */
  submitWait<T>(job: PoolJob<T>, options?: LayerOptions): Promise<T> {
    try {
      this.#checkJob(job, options);
      if (this.#isClosed) throw new PoolClosedError(this.name, "closed");
      const signal = options?.signal ?? undefined;
      if (signal?.aborted) return Promise.reject(signal.reason);
      return this.#enter(job, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Closes the pool: what is new is refused, and so is who waits for a place; every job that was accepted is run to its end,
   * and then the promise resolves. Closing again can only end the drain earlier. A job that awaits it waits for itself.
   *
   * At the drain timeout the jobs that run or wait are given up: they reject with a {@linkcode PoolClosedError}, their
   * signals are aborted with it, and the promise resolves, even if a job ignores its signal.
   *
   * @param options The longest that it may take.
   * @returns A promise that resolves once every accepted job has settled; it never rejects for a job's failure.
   * @throws {TypeError} If an option is unknown or of the wrong type; the pool is not closed then.
   * @throws {RangeError} If `drainTimeout` is negative or no duration; the pool is not closed then.
   */
  close(options: PoolCloseOptions = {}): Promise<void> {
    try {
      this.#check.known(options, ["drainTimeout"]);
      const { drainTimeout } = options;
      const limitMs = drainTimeout === undefined
        ? Infinity
        : this.#check.duration("drainTimeout", drainTimeout, { min: 0 });
      this.#shut();
      this.#limitDrain(limitMs);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#drained.promise;
  }

  /** As `close()`: waits for as long as the accepted jobs take. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkJob(job: unknown, options: LayerOptions | undefined): void {
    this.#check.callable("job", job);
    const fault = callFault(this.#check, options);
    if (fault !== undefined) throw fault;
  }

  /** Whether one more job can be accepted; while anybody waits for that, there is no place. */
  get #hasPlace(): boolean {
    return this.#running.size + this.#queue.length - this.#workers < this.#maxQueued;
  }

  #enter<T>(job: PoolJob<T>, signal: AbortSignal | undefined): Promise<T> {
    const entered = new PooledJob<T>(this.#host, job, signal);
    entered.enter(this.#hasPlace ? this.#queue : this.#applicants);
    this.#startNext();
    return entered.promise;
  }

  /** A job has left or finished: others move up. */
  #advance(): void {
    while (this.#hasPlace) {
      const applicant = this.#applicants.shift();
      if (applicant === undefined) break;
      applicant.enter(this.#queue);
    }
    this.#startNext();
    if (this.#isClosed) this.#endIfDrained();
  }

  /** Starts jobs while workers are free. Jobs that end or hand in others as they start are seen to by the same loop. */
  #startNext(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    try {
      while (this.#running.size < this.#workers) {
        const job = this.#queue.shift();
        if (job === undefined) break;
        this.#running.add(job);
        job.start();
      }
    } finally {
      this.#isStarting = false;
    }
  }

  #shut(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (let job = this.#applicants.shift(); job; job = this.#applicants.shift()) {
      job.giveUp(new PoolClosedError(this.name, "closed"));
    }
    this.#endIfDrained();
  }

  #endIfDrained(): void {
    if (this.#running.size + this.#queue.length === 0) this.#endDrain();
  }

  #limitDrain(limitMs: number): void {
    const until = this.#clock.now() + limitMs;
    if (this.#isDrained || until >= this.#drainsUntil) return;
    this.#drainsUntil = until;
    this.#drainLimit?.clear();
    if (limitMs === 0) this.#endDrain();
    else {
      const onDeadline = (): void => this.#endDrain();
      this.#drainLimit = deadlinesOf(this.#clock).set(limitMs, { onDeadline });
    }
  }

  /** Gives up what runs or waits, if anything does. */
  #endDrain(): void {
    if (this.#isDrained) return;
    this.#isDrained = true;
    this.#drainLimit?.clear();
    const jobs = [...this.#running];
    for (let job = this.#queue.shift(); job; job = this.#queue.shift()) jobs.push(job);
    for (const job of jobs) job.giveUp(new PoolClosedError(this.name, "timeout"));
    this.#drained.resolve();
  }
}

/**
 * Creates a pool that runs so many jobs at a time. Its queue is bounded, so that work which comes faster than it is done is
 * refused (`submit`) or held back (`submitWait`), instead of filling the memory. Its model is Java's `ThreadPoolExecutor`;
 * jobs are async functions here, not threads.
 *
 * @example Usage
 * ```ts
 * import { createWorkerPool, PoolFullError } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const pool = createWorkerPool({ workers: 1, name: "thumbnails" });
 * const first = pool.submit(() => Promise.resolve("done"));
 * assert.throws(() => pool.submit(() => Promise.resolve("one too many")), PoolFullError);
 * const second = pool.submitWait(() => Promise.resolve("done later"));
 * assert.deepEqual(await Promise.all([first, second]), ["done", "done later"]);
 * await pool.close({ drainTimeout: "5s" });
 * ```
 *
 * @param options How many jobs run and wait, and what else it takes.
 * @returns The pool, idle.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  return new WorkerPool(options);
}
