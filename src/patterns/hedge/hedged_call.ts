import { type AbortWatch, type AbortWatcher, watchAbort } from "../../call/abort_watch.ts";
import { invoke } from "../../call/invoke.ts";
import { leadTo, type Settler, unsettled } from "../../call/lead_to.ts";
import type { SignalledOperation } from "../../call/operation.ts";
import { queuePromiseJob } from "../../call/promise_job.ts";
import { isCancellation } from "../../errors.ts";
import type { Clock } from "../../time/clock.ts";
import type { Deadline, Expiring } from "../../time/deadline.ts";
import { deadlinesOf } from "../../time/deadlines.ts";
import type { HedgeDelay } from "./hedge_delay.ts";
import type { HedgeCause } from "./hedge_events.ts";
import { HedgeLostError } from "./hedge_lost_error.ts";

/** What the calls through one hedge share. */
export interface HedgePlan {
  readonly name: string;
  readonly clock: Clock;
  readonly delay: HedgeDelay;
  readonly maxHedges: number;
  /** Takes a hedge from the budget; false: there is none left. */
  takeHedge(): boolean;
  /** Whether a failure ends the call at once. */
  isFatal(error: unknown): boolean;
  /** Whether a failure sends the next hedge at once. */
  hedgesOn(error: unknown): boolean;
  /** Is told of a hedge that runs; attempts count from 1, the first. */
  onHedge(attempt: number, cause: HedgeCause): void;
  /** Is told of a hedge that answered first. */
  onWin(attempt: number): void;
}

/**
 * One call and its attempts. It owns its promise, so that it can settle with the
 * first answer; what settles after that is swallowed.
 */
export class HedgedCall<T> implements AbortWatcher, Expiring {
  readonly #plan: HedgePlan;
  readonly #operation: SignalledOperation<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #caller: Settler<T>;
  /** In the order of their start; `undefined` is one that has settled. */
  readonly #attempts: (AbortController | undefined)[] = [];
  #running = 0;
  #startedAt = 0;
  #delayMs: number | undefined;
  #wait: Deadline | undefined;
  #watch: AbortWatch | undefined;
  #isRefused = false;
  #isSettled = false;

  constructor(
    plan: HedgePlan,
    operation: SignalledOperation<T>,
    signal: AbortSignal | undefined,
    caller: Settler<T>,
  ) {
    this.#plan = plan;
    this.#operation = operation;
    this.#signal = signal;
    this.#caller = caller;
  }

  run(): void {
    const { clock, delay } = this.#plan;
    try {
      if (this.#signal !== undefined) this.#watch = watchAbort(this.#signal, this);
      if (delay.observes) this.#startedAt = clock.now();
      this.#delayMs = delay.at(this.#startedAt);
      this.#arm();
    } catch (error) { // no real signal, or a clock without timers
      this.#end();
      this.#caller.reject(error);
      return;
    }
    this.#attempt();
  }

  #attempt(): void {
    const attempt = this.#attempts.length;
    const controller = new AbortController();
    this.#attempts.push(controller);
    this.#running++;
    const handled = invoke(this.#operation, controller.signal).then(
      (value) => this.#answered(attempt, value),
      (error) => {
        this.#failed(attempt, error);
        return this.#isSettled ? undefined : unsettled();
      },
    );
    leadTo(handled, this.#caller);
  }

  /** Begins the wait for the hedge that follows the attempt that is about to start. */
  #arm(): void {
    const { clock, maxHedges } = this.#plan;
    if (this.#delayMs === undefined || this.#attempts.length >= maxHedges) return;
    this.#wait = deadlinesOf(clock).set(this.#delayMs, this);
  }

  #disarm(): void {
    this.#wait?.clear();
    this.#wait = undefined;
  }

  /** The attempts so far are slow. */
  onDeadline(): void {
    this.#wait = undefined;
    this.#hedge("slow");
  }

  #hedge(cause: HedgeCause): void {
    if (this.#signal?.aborted || this.#isRefused) return;
    if (this.#attempts.length > this.#plan.maxHedges) return;
    this.#disarm();
    this.#isRefused = !this.#plan.takeHedge();
    if (this.#isRefused) return;
    this.#arm();
    this.#attempt();
    this.#plan.onHedge(this.#attempts.length, cause);
  }

  #answered(attempt: number, value: T): void {
    if (this.#isSettled) return;
    this.#observe(attempt === 0);
    this.#attempts[attempt] = undefined;
    this.#running--;
    this.#end();
    this.#caller.resolve(value);
    this.#giveUpRest();
    if (attempt > 0) this.#plan.onWin(attempt + 1);
  }

  #failed(attempt: number, error: unknown): void {
    if (this.#isSettled) return;
    this.#attempts[attempt] = undefined;
    this.#running--;
    const signal = this.#signal;
    if (signal?.aborted) {
      if (this.#running > 0) return; // the call ends a microtask later
      this.#end();
      this.#caller.reject(isCancellation(error, signal) ? signal.reason : error);
      return;
    }
    const isFatal = this.#plan.isFatal(error);
    if (!isFatal && this.#plan.hedgesOn(error)) this.#hedge("failed");
    if (this.#running > 0 && !isFatal) return;
    this.#end();
    this.#caller.reject(error);
    this.#giveUpRest();
  }

  /**
   * Aborts the attempts now and settles one microtask later: what an attempt had
   * settled with before the abort is ahead in the queue and stands.
   */
  onAbort(): void {
    const signal = this.#signal;
    if (signal === undefined) return;
    queuePromiseJob(() => this.#cancel(signal));
    this.#abortAll(signal.reason);
  }

  #cancel(signal: AbortSignal): void {
    if (this.#isSettled) return;
    this.#observe(false);
    this.#end();
    this.#caller.reject(signal.reason);
  }

  /**
   * Tells what the first attempt took. Of one that was given up only that it took
   * longer is known: that counts if it had the whole delay, since what is
   * above the percentile may be any amount above without moving it.
   */
  #observe(hasAnswered: boolean): void {
    const { clock, delay } = this.#plan;
    if (!delay.observes || this.#attempts[0] === undefined) return;
    const now = clock.now();
    const tookMs = now - this.#startedAt;
    if (hasAnswered || tookMs >= (this.#delayMs ?? Infinity)) delay.observe(tookMs, now);
  }

  #end(): void {
    this.#isSettled = true;
    this.#disarm();
    this.#watch?.end();
  }

  #giveUpRest(): void {
    if (this.#running > 0) this.#abortAll(new HedgeLostError(this.#plan.name));
  }

  #abortAll(reason: unknown): void {
    for (const controller of this.#attempts) controller?.abort(reason);
  }
}
