import { type AbortWatch, type AbortWatcher, watchAbort } from "../call/abort_watch.ts";
import { Application } from "../call/application.ts";
import { leadTo, rejectTraced, type Settler } from "../call/lead_to.ts";
import { platformPromise } from "../call/platform_promise.ts";
import { queuePromiseJob } from "../call/promise_job.ts";
import { BreakerTimeoutError, isCancellation } from "../errors.ts";
import type { Deadline, Expiring } from "../time/deadline.ts";
import { deadlinesOf } from "../time/deadlines.ts";
import { toMs } from "../time/timeline.ts";
import type { Admission } from "./admission.ts";
import type { CallOptions } from "./call_options.ts";
import { callLimitMs, checkCallOptions, checkSignal } from "./check_call.ts";
import { classifyAbort, classifyError, classifyResult } from "./classify.ts";
import type { BreakerCore } from "./core.ts";
import { answer, countedCall } from "./counted_call.ts";
import { refusedPromise } from "./plain_call.ts";
import { isRunnable, type Runnable } from "./runnable.ts";
import { type FailedOutcome, ResultFailure } from "./trip/last_failure.ts";
import { FAILURE, IGNORED, type OutcomeBits, SUCCESS, TIMEOUT } from "./window/outcome.ts";

const NO_OPTIONS: CallOptions = Object.freeze({});

/**
 * One call with everything that a call can ask for: the caller's signal, a time
 * limit, a fallback, predicates of its own. It owns its promise, so that
 * it can settle whatever the operation does.
 */
export function guardedCall<T, F>(
  core: BreakerCore,
  operation: Runnable<T>,
  given: CallOptions<F, T> | null | undefined,
): Promise<T | F> {
  const options = given ?? NO_OPTIONS;
  const { signal, fallback } = options;
  let ownLimitMs: number | undefined;
  if (options !== NO_OPTIONS) {
    try {
      checkCallOptions(core.name, options);
      ownLimitMs = callLimitMs(core.name, options.timeout);
      const isAborted = signal?.aborted; // to read it costs more than all else here
      if (isAborted === true) return Promise.reject(signal?.reason);
      if (isAborted !== false) checkSignal(core.name, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }
  const admission = core.admit(ownLimitMs);
  if (admission === undefined) return refused(core, fallback);
  const timeoutMs = ownLimitMs ?? core.policy.timeoutMs;
  core.announce();
  // Nothing but the operation ends it.
  if (timeoutMs === 0 && !signal) return countedCall(core, operation, options, admission);
  return new Promise((resolve, reject) => {
    const call = new GuardedCall<T, F>(core, options, admission, timeoutMs, resolve, reject);
    call.run(operation);
  });
}

function refused<F>(core: BreakerCore, fallback: CallOptions<F>["fallback"]): Promise<F> {
  if (fallback === undefined) return refusedPromise(core);
  const notice = core.refusalNotice();
  core.announce();
  return answer(fallback, notice);
}

class GuardedCall<T, F> implements AbortWatcher, Expiring, Settler<T | F> {
  readonly #core: BreakerCore;
  readonly #options: CallOptions<F, T>;
  readonly #admission: Admission;
  readonly resolve: (value: T | F | PromiseLike<T | F>) => void;
  readonly reject: (error: unknown) => void;
  readonly #timeoutMs: number;
  #limit: AbortController | undefined;
  #deadline: Deadline | undefined;
  #watch: AbortWatch | undefined;
  #settled = false;

  constructor(
    core: BreakerCore,
    options: CallOptions<F, T>,
    admission: Admission,
    timeoutMs: number,
    resolve: (value: T | F | PromiseLike<T | F>) => void,
    reject: (error: unknown) => void,
  ) {
    this.#core = core;
    this.#options = options;
    this.#admission = admission;
    this.#timeoutMs = timeoutMs;
    this.resolve = resolve;
    this.reject = reject;
  }

  run(operation: Runnable<T>): void {
    const { signal } = this.#options;
    if (signal?.aborted) { // by a listener to what the admission brought about
      this.#fail(signal.reason, IGNORED);
      return;
    }
    try {
      this.#arm();
    } catch (error) { // no real signal, or a clock without timers
      this.#fail(error, IGNORED);
      return;
    }
    try {
      const result = operation instanceof Application
        ? operation.run()
        : operation(this.#handedSignal());
      const handled = platformPromise(result).then(
        (value) => this.#resolved(value),
        (error) => this.#threw(error),
      );
      leadTo(handled, this);
    } catch (error) {
      if (signal?.aborted) this.#cancel(signal.reason, this.#elapsedMs());
      else if (!isRunnable(operation)) this.#fail(error, IGNORED);
      else this.#threw(error);
    }
  }

  #arm(): void {
    const { signal } = this.#options;
    const timeoutMs = this.#timeoutMs;
    if (timeoutMs > 0) this.#deadline = deadlinesOf(this.#core.host.clock).set(timeoutMs, this);
    if (signal) this.#watch = watchAbort(signal, this);
  }

  /** The operation's signal: one of its own only where there is a time limit. */
  #handedSignal(): AbortSignal | undefined {
    if (this.#deadline === undefined) return this.#options.signal ?? undefined;
    this.#limit = new AbortController();
    return this.#limit.signal;
  }

  /** Counts the call; that `value` is handed on settles it, once and no second time, which Node would look at. */
  #resolved(value: T): T {
    if (this.#settled) return value;
    const bits = classifyResult(this.#core.host, this.#core.name, value, this.#options);
    this.#end(bits, bits === SUCCESS ? undefined : new ResultFailure(value));
    return value;
  }

  #threw(error: unknown): void {
    if (this.#settled) return;
    const { signal } = this.#options;
    if (signal?.aborted && isCancellation(error, signal)) {
      this.#cancel(signal.reason, this.#elapsedMs());
    } else {
      this.#fail(error, classifyError(this.#core.host, this.#core.name, error, this.#options));
    }
  }

  #fail(error: unknown, bits: OutcomeBits): void {
    const { fallback } = this.#options;
    this.#end(bits, error);
    if (bits > 0 && fallback !== undefined) this.resolve(answer(fallback, error));
    else this.reject(error);
  }

  /**
   * Aborts the operation now and settles one microtask later: what the operation
   * had settled with before the abort is ahead in the queue and stands (R21).
   */
  onAbort(): void {
    const { signal } = this.#options;
    if (!signal) return;
    const { reason } = signal;
    const elapsedMs = this.#elapsedMs();
    queuePromiseJob(() => this.#cancel(reason, elapsedMs));
    this.#limit?.abort(reason);
  }

  /** Rejects with the reason of the caller's abort, which decides how the call is counted (R2). */
  #cancel(reason: unknown, elapsedMs: number): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#release();
    const { host, name } = this.#core;
    const bits = classifyAbort(host, name, { reason, elapsedMs }, this.#options);
    this.#core.settle(this.#admission, bits, reason);
    this.reject(reason);
  }

  #elapsedMs(): number {
    return toMs(this.#core.host.timeline.now() - this.#admission.start.at);
  }

  /** The time limit is over. */
  onDeadline(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#release();
    const error = new BreakerTimeoutError(this.#core.name, this.#timeoutMs);
    this.#core.settle(this.#admission, FAILURE | TIMEOUT, error);
    this.#limit?.abort(error);
    const { fallback } = this.#options;
    if (fallback === undefined) rejectTraced(error, this);
    else this.resolve(answer(fallback, error));
  }

  #end(bits: OutcomeBits, outcome: FailedOutcome): void {
    this.#settled = true;
    this.#release();
    this.#core.conclude(this.#admission, bits, outcome, this.#options);
  }

  #release(): void {
    this.#watch?.end();
    this.#deadline?.clear();
  }
}
