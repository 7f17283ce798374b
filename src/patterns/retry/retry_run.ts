import { type AbortWatch, type AbortWatcher, watchAbort } from "../../call/abort_watch.ts";
import { invoke } from "../../call/invoke.ts";
import { leadTo, type Settler, unsettled } from "../../call/lead_to.ts";
import type { Operation } from "../../call/operation.ts";
import { queuePromiseJob } from "../../call/promise_job.ts";
import { isCancellation } from "../../errors.ts";
import { type Nanos, toMs } from "../../time/timeline.ts";
import type { RetryHost } from "./retry_host.ts";
import type { RetryOutcome } from "./retry_options.ts";

/** Errors and delays that are kept for the report: a call that is retried for ever must not grow for ever. */
const MAX_KEPT = 1_000;
/** Attempts without a wait between them after which the event loop gets a turn. */
const MAX_AT_ONCE = 100;

/** What is noted for the report of a call, where somebody wants one. */
interface Notes {
  readonly since: Nanos;
  readonly errors: unknown[];
  readonly delaysMs: number[];
}

/**
 * One call with more to it than a first attempt that succeeds: it owns its
 * promise, so that it can settle whatever the operation does.
 */
export class RetryRun<T> implements AbortWatcher {
  readonly #host: RetryHost;
  readonly #operation: Operation<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #caller: Settler<T>;
  readonly #notes: Notes | undefined;
  #attempt = 0;
  #previousMs: number | undefined;
  #timer: unknown;
  #watch: AbortWatch | undefined;
  #isWaiting = false;
  #settled = false;

  constructor(
    host: RetryHost,
    call: { readonly operation: Operation<T>; readonly signal: AbortSignal | undefined },
    caller: Settler<T>,
  ) {
    this.#host = host;
    this.#operation = call.operation;
    this.#signal = call.signal;
    this.#caller = caller;
    if (host.onReport !== undefined) {
      this.#notes = { since: host.timeline.now(), errors: [], delaysMs: [] };
    }
  }

  /** Makes the first attempt. */
  start(): void {
    if (this.#signal?.aborted) {
      this.#cancel(this.#signal);
      return;
    }
    try {
      if (this.#signal !== undefined) this.#watch = watchAbort(this.#signal, this);
    } catch (error) { // it is no real signal
      this.#finish("not-retryable", error);
      return;
    }
    this.#host.deposit();
    this.#try();
  }

  /** Goes on where the first attempt, made elsewhere, failed with `error`. */
  resume(error: unknown): void {
    this.#attempt = 1;
    this.#threw(error);
  }

  #try(): void {
    if (this.#signal?.aborted) { // somebody else's listener may have kept ours from being called
      this.#cancel(this.#signal);
      return;
    }
    this.#attempt++;
    const attempt = invoke(this.#operation, this.#signal);
    try {
      leadTo(attempt.then(this.#resolved, this.#failed), this.#caller);
    } catch (error) { // a subclass of Promise can throw in then
      Promise.reject(error).catch(this.#threw);
    }
  }

  readonly #resolved = (value: T): void => {
    if (this.#settled) return;
    this.#end("success");
    this.#caller.resolve(value);
  };

  readonly #failed = (error: unknown): void | Promise<never> => {
    this.#threw(error);
    if (!this.#settled) return unsettled();
  };

  readonly #threw = (error: unknown): void => {
    if (this.#settled) return;
    if (this.#notes !== undefined) keep(this.#notes.errors, error);
    const signal = this.#signal;
    if (signal?.aborted && isCancellation(error, signal)) {
      this.#cancel(signal);
      return;
    }
    const refusal = this.#host.refusal(error, this.#attempt);
    if (refusal !== undefined) this.#finish(refusal, error);
    else if (signal?.aborted) this.#cancel(signal);
    else this.#again(error);
  };

  #again(error: unknown): void {
    const host = this.#host;
    const retryAfterMs = host.retryAfterMs(error);
    if (retryAfterMs !== undefined && retryAfterMs > (host.maxRetryAfterMs ?? 0)) {
      this.#finish("retry-after-too-long", error);
      return;
    }
    this.#previousMs = host.delayMs(this.#attempt, this.#previousMs);
    if (!host.withdraw()) {
      this.#finish("budget-exhausted", error);
      return;
    }
    const delayMs = Math.max(this.#previousMs, retryAfterMs ?? 0);
    if (this.#notes !== undefined) keep(this.#notes.delaysMs, delayMs);
    const event = { attempt: this.#attempt, error, delayMs };
    host.announce(retryAfterMs === undefined ? event : { ...event, retryAfterMs });
    this.#wait(delayMs, error);
  }

  #wait(delayMs: number, error: unknown): void {
    // Attempts that fail at once with no wait between them would keep every timer from firing, the caller's too.
    const isAtOnce = delayMs === 0 && this.#attempt % MAX_AT_ONCE !== 0;
    if (isAtOnce || this.#signal?.aborted) { // by a callback
      this.#try();
      return;
    }
    this.#isWaiting = true;
    try {
      this.#timer = this.#host.clock.setTimeout(this.#onTimer, delayMs);
    } catch (thrown) {
      this.#isWaiting = false;
      this.#host.report("the clock gave no timer, giving up", thrown);
      this.#finish("not-retryable", error);
    }
  }

  readonly #onTimer = (): void => {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#try();
  };

  /**
   * Ends a wait now, and an attempt one microtask later: what it had settled
   * with before the abort is ahead in the queue, and is the call's result.
   */
  onAbort(): void {
    const signal = this.#signal;
    if (signal === undefined) return;
    if (this.#isWaiting) this.#cancel(signal);
    else queuePromiseJob(() => this.#cancel(signal));
  }

  #cancel(signal: AbortSignal): void {
    if (!this.#settled) this.#finish("cancelled", signal.reason);
  }

  #finish(outcome: RetryOutcome, error: unknown): void {
    this.#end(outcome);
    this.#caller.reject(error);
  }

  #end(outcome: RetryOutcome): void {
    this.#settled = true;
    this.#watch?.end();
    if (this.#isWaiting) {
      this.#isWaiting = false;
      this.#host.clock.clearTimeout(this.#timer);
    }
    if (this.#notes === undefined) return;
    const { since, errors, delaysMs } = this.#notes;
    const elapsedMs = toMs(this.#host.timeline.now() - since);
    this.#host.close({ attempts: this.#attempt, errors, delaysMs, outcome, elapsedMs });
  }
}

function keep<E>(list: E[], item: E): void {
  list.push(item);
  if (list.length > MAX_KEPT) list.shift();
}
