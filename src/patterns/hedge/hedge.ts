import type { SignalledOperation } from "../../call/operation.ts";
import { OptionsCheck } from "../../check/check_options.ts";
import { clockOf, loggerOf } from "../../check/services.ts";
import { Emitter, type Listener } from "../../emitter.ts";
import { type Logger, logSafely } from "../../log.ts";
import type { Clock } from "../../time/clock.ts";
import type { Duration } from "../../time/duration.ts";
import { ask } from "../ask.ts";
import { callFault } from "../call_fault.ts";
import type { CallBounds, Layer, LayerDescription, LayerOptions } from "../layer.ts";
import { layerTitle } from "../layer_title.ts";
import { createRetryBudget, type RetryBudget } from "../retry/retry_budget.ts";
import { hedgeDelay, type PercentileDelay } from "./hedge_delay.ts";
import type { HedgeCounts, HedgeEvents } from "./hedge_events.ts";
import { HedgedCall, type HedgePlan } from "./hedged_call.ts";

/** What {@linkcode createHedge} takes. */
export interface HedgeOptions {
  /**
   * How long a call waits for an answer before its first hedge, and before each
   * further one: a duration (0: all attempts at once) or a percentile of the
   * latencies of late. @default { percentile: 0.95 }
   */
  delay?: Duration | PercentileDelay | undefined;
  /** Hedges of one call at most, beside the first attempt. @default 1 */
  maxHedges?: number | undefined;
  /**
   * How many hedges the traffic may cost; it may be shared. `null`: any number.
   * @default one hedge to ten calls and one per second, over 10 seconds
   */
  budget?: RetryBudget | null | undefined;
  /** Whether a failure is final: it ends the call at once, whatever is in flight. @default none is */
  isFatal?: ((error: unknown) => boolean) | undefined;
  /** Whether a failure sends the next hedge at once, without its delay. @default none does */
  hedgeOnFailure?: ((error: unknown) => boolean) | undefined;
  /** Stands in errors, events and reports. @default "hedge" */
  name?: string | undefined;
  /** The source of time and timers. @default systemClock */
  clock?: Clock | undefined;
  /** Is told of callbacks and listeners that throw. @default console */
  logger?: Logger | undefined;
}

const FIELDS: readonly (keyof HedgeOptions)[] = [
  "delay",
  "maxHedges",
  "budget",
  "isFatal",
  "hedgeOnFailure",
  "name",
  "clock",
  "logger",
];

const CALL = /* @__PURE__ */ new OptionsCheck("call through hedge");

/**
 * Cuts the tail of latencies: a call that takes unusually long is made a second
 * time, and the first answer wins. Created by {@linkcode createHedge}.
 *
 * @example Usage
 * ```ts
 * import { createHedge } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const hedge = createHedge({ delay: { percentile: 0.95, initial: "50ms" }, name: "users" });
 * hedge.on("win", ({ hedge, attempt }) => console.info(`${hedge}: attempt ${attempt} won`));
 * assert.equal(await hedge.do((_signal) => Promise.resolve("in time")), "in time");
 * ```
 */
export class Hedge implements Layer {
  /** Name of the hedge. */
  readonly name: string;
  readonly #logger: Logger;
  readonly #budget: RetryBudget | null;
  readonly #plan: HedgePlan;
  readonly #emitter = new Emitter<HedgeEvents>({
    hedge: new Set(),
    win: new Set(),
    budgetExhausted: new Set(),
  });
  #calls = 0;
  #hedges = 0;
  #wins = 0;
  #refused = 0;

  /** As {@linkcode createHedge}. */
  constructor(options: HedgeOptions = {}) {
    new OptionsCheck("create hedge").known(options, FIELDS);
    const { name = "hedge", budget, isFatal, hedgeOnFailure } = options;
    const check = new OptionsCheck(`create ${layerTitle("hedge", String(name))}`);
    const clock = clockOf(check, options.clock);
    if (isFatal !== undefined) check.callable("isFatal", isFatal);
    if (hedgeOnFailure !== undefined) check.callable("hedgeOnFailure", hedgeOnFailure);
    if (budget !== undefined && budget !== null) {
      check.callable("budget.deposit", budget.deposit);
      check.callable("budget.tryWithdraw", budget.tryWithdraw);
    }
    this.name = check.text("name", name);
    this.#logger = loggerOf(check, options.logger);
    this.#budget = budget === undefined
      ? createRetryBudget({ ratio: 0.1, minPerSecond: 1, clock })
      : budget;
    this.#plan = {
      name,
      clock,
      delay: hedgeDelay(check, options.delay === undefined ? {} : options.delay),
      maxHedges: check.integer("maxHedges", options.maxHedges ?? 1, { min: 1 }),
      takeHedge: () => this.#takeHedge(),
      isFatal: (error) => this.#asks("isFatal", isFatal, error),
      hedgesOn: (error) => this.#asks("hedgeOnFailure", hedgeOnFailure, error),
      onHedge: (attempt, cause) => {
        this.#hedges++;
        this.#emit("hedge", { hedge: name, attempt, cause });
      },
      onWin: (attempt) => {
        this.#wins++;
        this.#emit("win", { hedge: name, attempt });
      },
    };
  }

  /** Totals since the hedge was created. */
  get counts(): HedgeCounts {
    return {
      calls: this.#calls,
      hedges: this.#hedges,
      wins: this.#wins,
      refused: this.#refused,
    };
  }

  /**
   * Runs `operation`, and again for each hedge; settles with the first answer.
   *
   * Each attempt is given a signal of its own. When the call settles, the signals
   * of the attempts that still run are aborted with a `HedgeLostError`;
   * the winner's never is, so that the body of a `Response` can still be read; a
   * later abort by the caller does not reach it.
   *
   * @typeParam T What the operation resolves to.
   * @param operation The call to hedge; it must be safe to make twice.
   * @param options The caller's signal.
   * @returns What the first attempt that succeeds resolves to.
   * @throws What the last attempt in flight failed with, as it was, where all of them failed.
   * @throws The signal's reason, at once, if the caller aborts; all attempts are aborted with it.
   */
  do<T>(operation: SignalledOperation<T>, options?: LayerOptions): Promise<T> {
    const fault = callFault(CALL, options);
    if (fault !== undefined) return Promise.reject(fault);
    const signal = options?.signal ?? undefined;
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#calls++;
    this.#deposit();
    return new Promise((resolve, reject) => {
      new HedgedCall<T>(this.#plan, operation, signal, { resolve, reject }).run();
    });
  }

  /** What it does, around a call that costs `inner` at worst. */
  describe(inner: CallBounds): LayerDescription {
    const { maxHedges, delay } = this.#plan;
    const each = maxHedges === 1 ? "" : "each ";
    return {
      text: `sends up to ${maxHedges} hedge${maxHedges === 1 ? "" : "s"}, ${each}after ` +
        `${delay.text} without an answer; the first answer wins`,
      attempts: inner.attempts * (1 + maxHedges),
      // A hedge is sent only while an attempt runs, so at the latest when the one before it ends.
      longestMs: inner.longestMs + maxHedges * Math.min(delay.longestMs, inner.longestMs),
    };
  }

  /**
   * Calls `listener` with each event of one kind; what it throws is reported and
   * harms nothing.
   *
   * @returns What removes the listener again.
   * @throws {TypeError} If there is no such event.
   */
  on<K extends keyof HedgeEvents>(type: K, listener: Listener<HedgeEvents, K>): () => void {
    return this.#emitter.on(type, listener);
  }

  #deposit(): void {
    try {
      this.#budget?.deposit();
    } catch (error) {
      this.#report("the budget failed to take a call", error);
    }
  }

  #takeHedge(): boolean {
    try {
      if (this.#budget === null || this.#budget.tryWithdraw() === true) return true;
    } catch (error) {
      this.#report("the budget failed to give a hedge", error);
    }
    this.#refused++;
    this.#emit("budgetExhausted", { hedge: this.name });
    return false;
  }

  #asks(
    name: string,
    predicate: ((error: unknown) => boolean) | undefined,
    error: unknown,
  ): boolean {
    if (predicate === undefined) return false;
    const report = (message: string, thrown: unknown): void => this.#report(message, thrown);
    return ask(error, { name, predicate, otherwise: false, report });
  }

  #emit<K extends keyof HedgeEvents>(type: K, event: HedgeEvents[K]): void {
    if (!this.#emitter.hears(type)) return;
    this.#emitter.emit(
      type,
      event,
      (error) => this.#report(`a listener to "${type}" failed`, error),
    );
  }

  #report(what: string, error: unknown): void {
    const { name } = this;
    logSafely(this.#logger, "error", `Hedge "${name}": ${what}`, { hedge: name, error });
  }

  /** Says to compositions what it is, also to those of another copy of the package. */
  protected get switchgearLayer(): "hedge" {
    return "hedge";
  }
}

/**
 * Creates a hedge, the remedy for calls that are slow now and then: what has
 * not answered after a delay is asked for a second time, the first answer wins and
 * the loser is aborted. With a delay at the 95th percentile that is one call in
 * twenty more, for a tail that is as long as only both together are slow.
 *
 * Only for operations that are safe to make twice. It does not replace a retry:
 * a call whose attempts have all failed has failed, before a hedge was sent or
 * after. A failure while another attempt runs is passed over, as that one may
 * answer. `isFatal` and `hedgeOnFailure` change this per error; together they
 * are gRPC's `nonFatalStatusCodes`.
 *
 * With a percentile, what counts is how long first attempts took to answer,
 * within 1 %. One that a hedge beat counts with the time it had until then, so that
 * hedges do not make the calls look faster than they are.
 *
 * Put a hedge around a breaker: `hedge.do((signal) => breaker.do(op, { signal }))`.
 * The breaker then counts each attempt, and ignores the losers. Inside of one, it
 * sees only the winners.
 *
 * After Dean and Barroso, "The Tail at Scale" (Communications of the ACM, 2013),
 * and gRPC's proposal A6; the budget after Finagle's `RetryBudget`.
 *
 * @example Usage
 * ```ts
 * import { createHedge } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const hedge = createHedge({ delay: "10ms" });
 * let attempts = 0;
 * const answer = await hedge.do((signal) => {
 *   if (++attempts === 2) return "the second";
 *   return new Promise<string>((_, reject) => {
 *     signal?.addEventListener("abort", () => reject(signal.reason));
 *   });
 * });
 * assert.equal(answer, "the second");
 * assert.deepEqual(hedge.counts, { calls: 1, hedges: 1, wins: 1, refused: 0 });
 * ```
 *
 * @param options When and how often to hedge. @default {}
 * @returns The hedge.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function createHedge(options: HedgeOptions = {}): Hedge {
  return new Hedge(options);
}
