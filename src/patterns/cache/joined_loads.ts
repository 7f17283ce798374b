import { invoke } from "../../call/invoke.ts";
import type { Operation } from "../../call/operation.ts";
import type { Clock } from "../../time/clock.ts";
import { WaitingCaller } from "../waiting_caller.ts";

/** What becomes of a load; neither is called for one that all its callers have left. */
export interface LoadHooks<T, S> {
  /** Runs when it has succeeded, before its callers hear of it. */
  onLoaded(load: JoinedLoad<T, S>, value: T): void;
  /** Runs when it has failed, before its callers hear of it. */
  onFailed(load: JoinedLoad<T, S>, error: unknown): void;
}

/**
 * One load that any number of callers wait for. Each may leave; when the last
 * has left, the load is aborted.
 *
 * @typeParam T What it loads.
 * @typeParam S What may stand in for it.
 */
export class JoinedLoad<T, S> {
  /** The key that is loaded. */
  readonly key: string;
  /** When it began, by the clock of its owner. */
  readonly startedAtMs: number;
  /** What may stand in for it if it fails. */
  standIn: S | undefined;
  readonly #callers = new Set<WaitingCaller<T>>();
  readonly #controller = new AbortController();
  readonly #forget: (load: JoinedLoad<T, S>) => void;
  #answer: { readonly value: T } | undefined;
  #isStarting = false;
  #isOver = false;

  /** Created by {@linkcode JoinedLoads.begin}. */
  constructor(key: string, startedAtMs: number, forget: (load: JoinedLoad<T, S>) => void) {
    this.key = key;
    this.startedAtMs = startedAtMs;
    this.#forget = forget;
  }

  /** Whether somebody waits for it. */
  get hasCallers(): boolean {
    return this.#callers.size > 0;
  }

  /** Whether it has an answer already. */
  get hasAnswer(): boolean {
    return this.#answer !== undefined;
  }

  /** Waits for it, until `signal` is aborted. */
  join(signal: AbortSignal | undefined): Promise<T> {
    if (this.#answer !== undefined) return Promise.resolve(this.#answer.value);
    if (this.#isStarting || signal === this.#controller.signal) {
      const why = "its loader would wait for itself";
      return Promise.reject(new Error(`Cannot load ${JSON.stringify(this.key)}: ${why}`));
    }
    const caller: WaitingCaller<T> = new WaitingCaller(signal, {
      onEnd: () => this.#left(caller, signal),
    });
    this.#callers.add(caller);
    return caller.promise;
  }

  /** Runs `loader`, and tells `hooks` what becomes of it. */
  run(loader: Operation<T>, { onLoaded, onFailed }: LoadHooks<T, S>): void {
    const loaded = (value: T): void => {
      if (!this.#isOver) onLoaded(this, value);
    };
    const failed = (error: unknown): void => {
      if (!this.#isOver) onFailed(this, error);
    };
    this.#isStarting = true;
    try {
      const handled = invoke(loader, this.#controller.signal).then(loaded, failed);
      const [first] = this.#callers;
      first?.isServedBy(handled);
    } catch (error) { // a promise whose `then` throws
      failed(error);
    } finally {
      this.#isStarting = false;
    }
  }

  /** Hands all callers `value`; further ones have it too, until the load is forgotten. */
  answer(value: T): void {
    this.#isOver = true;
    this.#answer = { value };
    for (const caller of this.#callers) caller.resolve(value);
  }

  /** Hands all callers `error`, and is forgotten. */
  fail(error: unknown): void {
    this.#isOver = true;
    this.forget();
    for (const caller of this.#callers) caller.reject(error);
  }

  /** Is joined no more. */
  forget(): void {
    this.#forget(this);
  }

  /** Aborts it: nobody waits for it. What becomes of it is heard no more. */
  abandon(reason: unknown): void {
    this.#isOver = true;
    this.forget();
    this.#controller.abort(reason);
  }

  #left(caller: WaitingCaller<T>, signal: AbortSignal | undefined): void {
    this.#callers.delete(caller);
    if (!this.#isOver && this.#callers.size === 0) this.abandon(signal?.reason);
  }
}

/** What {@linkcode JoinedLoads} is made with. */
export interface JoinedLoadsOptions {
  /** The source of time. */
  readonly clock: Clock;
  /** How long after its start a load may still be joined, in milliseconds. */
  readonly joinForMs: number;
}

/** The loads in flight, one for each key. */
export class JoinedLoads<T, S> {
  readonly #loads = new Map<string, JoinedLoad<T, S>>();
  readonly #clock: Clock;
  readonly #joinForMs: number;

  /** Starts without loads. */
  constructor({ clock, joinForMs }: JoinedLoadsOptions) {
    this.#clock = clock;
    this.#joinForMs = joinForMs;
  }

  /** Loads that may be joined. */
  get size(): number {
    return this.#loads.size;
  }

  /** The load of `key` that a further caller may join: one that hung for long is left to those who wait for it. */
  find(key: string): JoinedLoad<T, S> | undefined {
    const load = this.#loads.get(key);
    if (load === undefined || load.hasAnswer) return load;
    return this.#clock.now() - load.startedAtMs < this.#joinForMs ? load : undefined;
  }

  /** A new load of `key`, in the place of any before it. */
  begin(key: string): JoinedLoad<T, S> {
    const former = this.#loads.get(key);
    if (former !== undefined && !former.hasCallers && !former.hasAnswer) {
      former.abandon(new DOMException("Another load has taken its place", "AbortError"));
    }
    const load = new JoinedLoad<T, S>(key, this.#clock.now(), this.#forget);
    this.#loads.set(key, load);
    return load;
  }

  /** Whether no later load of the same key has ended. */
  isNewest(load: JoinedLoad<T, S>): boolean {
    const newest = this.#loads.get(load.key);
    return newest === load || (newest !== undefined && !newest.hasAnswer);
  }

  readonly #forget = (load: JoinedLoad<T, S>): void => {
    if (this.#loads.get(load.key) === load) this.#loads.delete(load.key);
  };
}
