import type { Operation } from "../../call/operation.ts";
import { OptionsCheck } from "../../check/check_options.ts";
import { clockOf, loggerOf } from "../../check/services.ts";
import { Emitter, type Listener } from "../../emitter.ts";
import { type Logger, logSafely } from "../../log.ts";
import type { Clock } from "../../time/clock.ts";
import { formatDuration } from "../../time/duration.ts";
import { callFault } from "../call_fault.ts";
import type { CallBounds, Layer, LayerDescription, LayerOptions } from "../layer.ts";
import { layerTitle } from "../layer_title.ts";
import { WaitingCaller } from "../waiting_caller.ts";
import { WaitingLine } from "../waiting_line.ts";
import { BulkheadFullError, type BulkheadRefusal } from "./bulkhead_full_error.ts";
import {
  BULKHEAD_FIELDS,
  type BulkheadEvents,
  type BulkheadOptions,
  checkLimits,
  type EffectiveBulkheadLimits,
  LIMIT_FIELDS,
  type PartialBulkheadLimits,
} from "./bulkhead_options.ts";
import { BulkheadSlot } from "./bulkhead_slot.ts";
import { BulkheadWaiter } from "./bulkhead_waiter.ts";

const CALL = /* @__PURE__ */ new OptionsCheck("call through bulkhead");

/**
 * Bounds how many calls are at work at once, and how many wait for their turn. Created by {@linkcode createBulkhead}.
 *
 * Turns are taken in the order of arrival: a slot that comes free is handed to the first who waits. Only a call that waits
 * has a timer, and only with `maxWait`.
 *
 * @example Usage
 * ```ts
 * import { createBulkhead } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const bulkhead = createBulkhead({ name: "reports", maxConcurrent: 10, maxQueued: 20, maxWait: "1s" });
 * assert.equal(await bulkhead.do(() => Promise.resolve("report")), "report");
 * ```
 */
export class Bulkhead implements Layer {
  /** Stands in errors and events. */
  readonly name: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #shared: Emitter<BulkheadEvents> | undefined;
  readonly #line = new WaitingLine<BulkheadWaiter>();
  #own: Emitter<BulkheadEvents> | undefined;
  #limits: EffectiveBulkheadLimits;
  #maxConcurrent: number;
  #active = 0;

  /** As {@linkcode createBulkhead}; what it refuses is told to the listeners of `shared`, too. */
  constructor(options: BulkheadOptions, shared?: Emitter<BulkheadEvents>) {
    const name = options?.name ?? "";
    const check = new OptionsCheck(`create ${layerTitle("bulkhead", String(name))}`);
    check.known(options, BULKHEAD_FIELDS);
    this.name = check.text("name", name);
    this.#limits = checkLimits(options, check);
    this.#maxConcurrent = this.#limits.maxConcurrent;
    this.#clock = clockOf(check, options.clock);
    this.#logger = loggerOf(check, options.logger);
    this.#shared = shared;
  }

  /** Slots that are taken now; after `maxConcurrent` has shrunk they can be more than that. */
  get active(): number {
    return this.#active;
  }

  /** Calls that wait for a slot now. */
  get queued(): number {
    return this.#line.length;
  }

  /** The limits in force. */
  get limits(): EffectiveBulkheadLimits {
    return this.#limits;
  }

  /** Whether nobody runs, waits or listens. */
  get isIdle(): boolean {
    return this.#active === 0 && this.#line.length === 0 && !this.#own?.size;
  }

  /**
   * Runs `operation` in a slot, as soon as there is one, and settles as it does. With a free slot it is called synchronously.
   *
   * A caller that aborts is let go at once. Its slot is not, until the operation has settled: so long it is
   * at work, and the limit is about work. One that never settles keeps its slot for ever; give it a time limit.
   *
   * @typeParam T What the operation resolves to.
   * @param operation The call to run; it is handed the caller's signal.
   * @param options The caller's signal. If it is aborted before the operation is called, the operation is not run.
   * @returns What the operation resolves to.
   * @throws {BulkheadFullError} If too many run and wait, or no slot came free within `maxWait`.
   * @throws What the operation throws; the signal's reason, at once, if the caller aborts.
   */
  do<T>(operation: Operation<T>, options?: LayerOptions): Promise<T> {
    const fault = callFault(CALL, options);
    if (fault !== undefined) return Promise.reject(fault);
    const signal = options?.signal ?? undefined;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#active >= this.#maxConcurrent) {
      return this.#wait(signal).then(() => this.#run(operation, signal));
    }
    this.#active++;
    return this.#run(operation, signal);
  }

  /** Takes a slot, to be released, for work that the caller does itself; `undefined`: none is free. */
  tryAcquire(): BulkheadSlot | undefined {
    if (this.#active >= this.#maxConcurrent) return undefined;
    this.#active++;
    return new BulkheadSlot(this.#free);
  }

  /**
   * Takes a slot for work that the caller does itself, as soon as there is one.
   *
   * @param options The caller's signal; once the slot is handed out it does nothing.
   * @returns The slot, to be released.
   * @throws {BulkheadFullError} If too many run and wait, or no slot came free within `maxWait`.
   * @throws The signal's reason, at once, if the caller aborts.
   */
  acquire(options?: LayerOptions): Promise<BulkheadSlot> {
    const fault = callFault(CALL, options);
    if (fault !== undefined) return Promise.reject(fault);
    const signal = options?.signal ?? undefined;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const slot = this.tryAcquire();
    if (slot !== undefined) return Promise.resolve(slot);
    return this.#wait(signal).then(() => {
      if (!signal?.aborted) return new BulkheadSlot(this.#free);
      this.#free();
      throw signal.reason;
    });
  }

  /**
   * Changes limits; those that are left out stay as they are. More slots go at once to those who wait. With fewer, what
   * runs and what waits goes on, and slots that come free are not handed out until few enough are taken. Who waits already
   * does so under the old `maxQueued` and `maxWait`.
   *
   * @param limits The limits to change.
   * @throws {TypeError} If one is unknown or of the wrong type; nothing is changed then.
   * @throws {RangeError} If one is out of range; nothing is changed then.
   */
  setLimits(limits: PartialBulkheadLimits): void {
    const check = new OptionsCheck(`change ${layerTitle("bulkhead", this.name)}`);
    check.known(limits, LIMIT_FIELDS);
    const { maxConcurrent, maxQueued, maxWaitMs } = this.#limits;
    const {
      maxConcurrent: slots = maxConcurrent,
      maxQueued: places = maxQueued,
      maxWait = maxWaitMs === Infinity ? null : maxWaitMs,
    } = limits;
    this.#limits = checkLimits({ maxConcurrent: slots, maxQueued: places, maxWait }, check);
    this.#maxConcurrent = this.#limits.maxConcurrent;
    this.#handOut();
  }

  /**
   * Calls `listener` with each event of one kind; what it throws is reported and harms nothing.
   *
   * @returns What removes the listener again.
   */
  on<K extends keyof BulkheadEvents>(type: K, listener: Listener<BulkheadEvents, K>): () => void {
    this.#own ??= new Emitter<BulkheadEvents>({ reject: new Set() });
    return this.#own.on(type, listener);
  }

  /** What it does, around a call that costs `inner` at worst: the wait comes on top. */
  describe({ longestMs, attempts }: CallBounds): LayerDescription {
    const { maxConcurrent, maxQueued, maxWaitMs } = this.#limits;
    const running = `runs at most ${maxConcurrent} at once`;
    if (maxQueued === 0) return { text: `${running}, none waiting`, longestMs, attempts };
    const limit = maxWaitMs === Infinity ? "" : ` for at most ${formatDuration(maxWaitMs)}`;
    const text = `${running}, up to ${maxQueued} waiting${limit}`;
    return { text, longestMs: longestMs + maxWaitMs, attempts };
  }

  /** Runs an operation in a slot that is taken for it. */
  #run<T>(operation: Operation<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal !== undefined) return this.#runFor(signal, operation);
    try {
      return Promise.resolve(operation(undefined)).then(this.#passOn, this.#throwOn);
    } catch (error) {
      this.#free();
      return Promise.reject(error);
    }
  }

  #runFor<T>(signal: AbortSignal, operation: Operation<T>): Promise<T> {
    let caller: WaitingCaller<T> | undefined;
    try {
      if (signal.aborted) throw signal.reason; // since the slot was granted
      const waiting = caller = new WaitingCaller<T>(signal);
      const handled = Promise.resolve(operation(signal)).then((value) => {
        this.#free();
        waiting.resolve(value);
      }, (error) => {
        this.#free();
        waiting.reject(error);
      });
      waiting.isServedBy(handled);
      return waiting.promise;
    } catch (error) {
      this.#free();
      const reason: unknown = signal.aborted ? signal.reason : error;
      if (caller === undefined) return Promise.reject(reason);
      caller.reject(reason);
      return caller.promise;
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#line.length >= this.#limits.maxQueued) return Promise.reject(this.#refuse("full"));
    try {
      return new BulkheadWaiter(this.#line, {
        signal,
        maxWaitMs: this.#limits.maxWaitMs,
        clock: this.#clock,
        refuse: () => this.#refuse("timeout"),
      }).promise;
    } catch (error) { // no real signal, or a clock without timers
      return Promise.reject(error);
    }
  }

  // Shared by all calls, so that a call without a signal makes no closure of its own.
  readonly #passOn = <T>(value: T): T => {
    this.#free();
    return value;
  };

  readonly #throwOn = (error: unknown): never => {
    this.#free();
    throw error;
  };

  readonly #free = (): void => {
    this.#active--;
    if (this.#line.length > 0) this.#handOut();
  };

  #handOut(): void {
    while (this.#active < this.#maxConcurrent) {
      const waiter = this.#line.shift();
      if (waiter === undefined) return;
      this.#active++;
      if (!waiter.grant()) this.#active--;
    }
  }

  #refuse(reason: BulkheadRefusal["reason"]): BulkheadFullError {
    const refusal = { bulkhead: this.name, reason, active: this.#active, queued: this.queued };
    for (const emitter of [this.#own, this.#shared]) emitter?.emit("reject", refusal, this.#report);
    return new BulkheadFullError(refusal);
  }

  readonly #report = (error: unknown): void => {
    const message = `${layerTitle("Bulkhead", this.name)}: a listener to "reject" failed`;
    logSafely(this.#logger, "error", message, { bulkhead: this.name, error });
  };

  /** Says to compositions what it is, also to those of another copy of the package. */
  protected get switchgearLayer(): "bulkhead" {
    return "bulkhead";
  }
}

/**
 * Creates a bulkhead: one dependency that hangs then holds up so many calls and no more, and the rest of the program keeps
 * its connections, memory and time. The pattern is from M. Nygard's Release It!; the limits are those of resilience4j's
 * semaphore bulkhead and Polly's concurrency limiter.
 *
 * @example Usage
 * ```ts
 * import { createBulkhead } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const bulkhead = createBulkhead({ name: "reports", maxConcurrent: 2 });
 * bulkhead.on("reject", ({ bulkhead, active }) => console.warn(`${bulkhead}: ${active} running`));
 * assert.equal(await bulkhead.do(() => Promise.resolve("report")), "report");
 * bulkhead.setLimits({ maxConcurrent: 10, maxQueued: 100, maxWait: "500ms" });
 * ```
 *
 * @param options Its limits, and what else it takes.
 * @returns The bulkhead, with all slots free.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function createBulkhead(options: BulkheadOptions): Bulkhead {
  return new Bulkhead(options);
}
