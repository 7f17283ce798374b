import type { AsyncFunction, GuardedFunction } from "../call/guarded_function.ts";
import type { Operation, SignalledOperation } from "../call/operation.ts";
import { platformPromise } from "../call/platform_promise.ts";
import type { EffectivePolicy, Mode } from "../policy/policy.ts";
import type { Duration } from "../time/duration.ts";
import type { CallOptions, CallSignal, SyncCallOptions } from "./call_options.ts";
import {
  checkHold,
  checkMode,
  checkOwner,
  checkReason,
  type HoldOptions,
  type TripOptions,
} from "./commands.ts";
import type { BreakerCore } from "./core.ts";
import type { BreakerEvents, BreakerListener } from "./events/events.ts";
import type { StateName } from "./events/state_name.ts";
import { guardFunction } from "./guard_function.ts";
import { guardedCall } from "./guarded_call.ts";
import { answerInside } from "./inside.ts";
import { Permit } from "./permit.ts";
import { isPlain, refusedPromise } from "./plain_call.ts";
import type { Peek } from "./rejection.ts";
import { judgeThrown } from "./runnable.ts";
import { type BreakerSnapshot, takeSnapshot } from "./snapshot/snapshot.ts";
import { BreakerStream } from "./stream/breaker_stream.ts";
import type { StreamOperation, StreamOptions } from "./stream/stream_options.ts";
import { syncCall } from "./sync_call.ts";
import type { Trip } from "./trip/trip.ts";
import type { BreakerCounts } from "./window/counts.ts";

/** The machine behind a breaker; for providers, not for users. */
export let coreOf: (breaker: Breaker) => BreakerCore;

/**
 * A circuit breaker: it counts how the calls through it end, refuses them while the dependency is failing, and lets a few
 * through to find out whether it has recovered. Created by `createBreaker`, or by a provider's `getBreaker`.
 *
 * It owns no timer: transitions that time brings are made when somebody looks, each as of the instant at which it was due.
 *
 * @example Usage
 * ```ts
 * import { createBreaker } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const breaker = createBreaker("payments", { failureThreshold: 5, openStateTimeout: "30s" });
 * assert.equal(await breaker.do(() => Promise.resolve(42)), 42);
 * assert.equal(breaker.state, "closed");
 * ```
 */
export class Breaker {
  readonly #core: BreakerCore;

  /** Created by `createBreaker` and by providers. */
  constructor(core: BreakerCore) {
    this.#core = core;
  }

  /** The breaker's name. */
  get name(): string {
    return this.#core.name;
  }

  /** The state now; the mode `forced-open` shows as `open`, `disabled` and `metrics-only` as `closed`. */
  get state(): StateName {
    lookAt(this.#core);
    return this.#core.shown;
  }

  /** The mode in force: the override if one is set, else the policy's. */
  get mode(): Mode {
    lookAt(this.#core);
    return this.#core.mode;
  }

  /** The policy in force. */
  get policy(): EffectivePolicy {
    lookAt(this.#core);
    return this.#core.policy.effective;
  }

  /** What tripped the breaker when it left closed; `undefined` while it is closed. */
  get trip(): Trip | undefined {
    lookAt(this.#core);
    return this.#core.trip;
  }

  /** What is counted now: the window's evidence, and totals since the breaker was created. */
  get counts(): BreakerCounts {
    return this.#core.counts(lookAt(this.#core));
  }

  /**
   * Runs `operation` if the breaker admits it, and settles as it does.
   *
   * `operation` is called synchronously, with an `AbortSignal` where the policy or the call sets a time limit or the call
   * has a signal, else with `undefined`.
   *
   * @typeParam T What the operation resolves to.
   * @typeParam F What the fallback answers.
   * @param operation The call to guard.
   * @param options What this call asks for beyond the breaker's settings.
   * @returns What the operation or the fallback resolves to.
   * @throws {BreakerOpenError} If the breaker refuses the call.
   * @throws {BreakerTimeoutError} If the call takes longer than its time limit, even if the operation ignores its signal.
   * @throws {TypeError} If an option is unknown or of the wrong type; nothing is run or counted then.
   * @throws What the operation throws; the signal's reason, at once, if the caller aborts.
   */
  do<T>(operation: Operation<T>): Promise<T>;
  /** Runs `operation`, which is handed a signal: the caller's, or that of a time limit of the call's own. */
  do<T, F = never>(
    operation: SignalledOperation<T>,
    options: CallOptions<F, NoInfer<T>> & CallSignal,
  ): Promise<T | F>;
  /** Runs `operation` with options of the call's own. */
  do<T, F = never>(
    operation: Operation<T>,
    options: CallOptions<F, NoInfer<T>> | undefined,
  ): Promise<T | F>;
  do<T, F = never>(
    given: Operation<T> | SignalledOperation<T>,
    options?: CallOptions<F, T>,
  ): Promise<T | F> {
    const core = this.#core;
    const operation = given as Operation<T>; // where it needs a signal, the options bring one
    if (!isPlain(core, options)) return guardedCall<T, F>(core, operation, options);
    const admission = core.admit();
    if (admission === undefined) return refusedPromise(core);
    core.announce();
    try {
      const result = operation(undefined);
      const { resolved, rejected } = admission.handlers;
      // Handing back the operation's own promise would mark a failure that nobody awaits as handled.
      return platformPromise(result).then(resolved, rejected);
    } catch (error) {
      core.conclude(admission, judgeThrown(core, operation, error, undefined), error);
      return Promise.reject(error);
    }
  }

  /**
   * Runs a synchronous `operation` if the breaker admits it.
   *
   * @typeParam T What the operation returns.
   * @typeParam F What the fallback answers.
   * @returns What the operation or the fallback returns.
   * @throws {BreakerOpenError} If the breaker refuses the call.
   * @throws {TypeError} If the operation returns a promise, which is for `do`: it counts for nothing; if an option is wrong.
   * @throws What the operation throws.
   */
  doSync<T, F = never>(operation: () => T, options?: SyncCallOptions<F, NoInfer<T>>): T | F {
    return syncCall(this.#core, operation, options);
  }

  /**
   * A function that runs `fn` through the breaker, with the same `this`, arguments and result, and the name, `length` and
   * own properties that `fn` has now. `fn` is handed no signal: with a `timeout` the call rejects at its deadline, but
   * only `do` can cancel what runs on.
   *
   * @example Usage
   * ```ts
   * import { createBreaker } from "@switchgear/breaker";
   * import assert from "node:assert/strict";
   *
   * const getUser = (id: number) => Promise.resolve({ id });
   * const guarded = createBreaker("users").wrap(getUser);
   * assert.deepEqual(await guarded(7), { id: 7 });
   * ```
   *
   * @param fn The function to guard.
   * @param options What its calls ask for beyond the breaker's settings.
   * @returns The guarded function.
   * @throws {TypeError | RangeError} If an option is unknown, of the wrong type, or out of range.
   */
  wrap<Fn extends AsyncFunction>(
    fn: Fn,
    options?: CallOptions<never, Awaited<ReturnType<Fn>>>,
  ): GuardedFunction<Fn>;
  /** A function that runs `fn` through the breaker, and is asynchronous where `fn` is not, or has a fallback. */
  wrap<This, Args extends unknown[], R, F = never>(
    fn: (this: This, ...args: Args) => R | PromiseLike<R>,
    options?: CallOptions<F, NoInfer<R>>,
  ): (this: This, ...args: Args) => Promise<R | F>;
  wrap<This, Args extends unknown[], R, F = never>(
    fn: (this: This, ...args: Args) => R | PromiseLike<R>,
    options?: CallOptions<F, R>,
  ): (this: This, ...args: Args) => Promise<R | F> {
    return guardFunction(fn, { core: this.#core, run: (operation) => this.do(operation), options });
  }

  /**
   * The items of the async iterable that `operation` gives, as one call: admitted at the first `next()`, a success when
   * they are exhausted, a failure when they break off. Only the time spent waiting for them counts.
   *
   * @param operation What gives them; run at the first `next()`.
   * @param options What this stream asks for beyond the breaker's settings.
   * @throws {TypeError} If the operation or an option is not of its form.
   */
  stream<T>(operation: StreamOperation<T>, options: StreamOptions = {}): BreakerStream<T> {
    return BreakerStream.of(this.#core, operation, options);
  }

  /**
   * Takes a permit for one call that the caller makes and settles itself; `undefined`: the breaker refuses it, and
   * {@linkcode Breaker.peek} says why.
   */
  tryAcquire(): Permit | undefined {
    const core = this.#core;
    const admission = core.admit();
    if (admission === undefined) core.announceRefusal();
    else core.announce();
    return admission && new Permit(admission);
  }

  /** What a call would get now. Counts nothing, admits nothing. */
  peek(): Peek {
    return this.#core.peek(lookAt(this.#core));
  }

  /**
   * Sets a mode that wins over the policy's until it is cleared with `null`. A change of the mode in force starts closed
   * and empty; setting what is in force already changes nothing but who has set it.
   *
   * @throws {TypeError} If `mode` is none.
   */
  override(mode: Mode | null): void {
    checkMode(this.name, mode);
    this.#core.override(mode ?? undefined);
  }

  /**
   * Opens a closed breaker by the criterion `manual`, and a half-open one again. An open breaker ignores it, and so does
   * any in another mode than `normal`. From there on it recovers as after any trip.
   *
   * @param options Why, for `trip` and for events. @default {}
   * @throws {TypeError} If the reason is not a string.
   */
  tripNow(options: TripOptions = {}): void {
    checkReason(this.name, options);
    this.#core.tripNow(options.reason);
  }

  /**
   * Refuses every call for so long, in the mode `normal`: for a deploy of the dependency, say. State, counts and probes in
   * flight stay as they are. Each owner has one hold; a later one stands if it reaches further.
   *
   * @param duration Above 0 and at most a year.
   * @param options Whose hold it is. @default {}
   * @throws {RangeError} If the duration is none, or out of range.
   * @throws {TypeError} If the owner is not a string, or an option is unknown.
   */
  hold(duration: Duration, options: HoldOptions = {}): void {
    const { owner, forNanos } = checkHold(this.name, duration, options);
    this.#core.hold(owner, forNanos);
  }

  /** Ends the hold of one owner, `code` unless given; throws a `TypeError` if the owner is not a string. */
  release(options: HoldOptions = {}): void {
    this.#core.release(checkOwner(this.name, options));
  }

  /** Closes the breaker with nothing remembered but the override and the totals, and ends all holds. */
  reset(): void {
    this.#core.reset();
  }

  /** Everything that the breaker knows, as plain JSON, for {@linkcode restoreBreaker}. */
  snapshot(): BreakerSnapshot {
    return takeSnapshot(this.#core, lookAt(this.#core));
  }

  /**
   * Calls `listener` with each event of one kind, after the change that it tells of is complete. It may call back into the
   * breaker; what it throws is reported and harms nothing.
   *
   * @returns What removes the listener again.
   */
  on<K extends keyof BreakerEvents>(type: K, listener: BreakerListener<K>): () => void {
    return this.#core.on(type, listener);
  }

  static {
    coreOf = (breaker) => breaker.#core;
    answerInside(this, coreOf);
  }
}

/** A function, because a private method would cost each breaker a word. */
function lookAt(core: BreakerCore): number {
  const now = core.look();
  // A listener may have moved the breaker on, and time with it.
  return core.announce() ? core.look() : now;
}
