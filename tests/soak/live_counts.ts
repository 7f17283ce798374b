/** Says nothing of the event: where a package brings the DOM's types, there are two of the name. */
type Listener = ((event: unknown) => void) | { handleEvent(event: unknown): void };

/** Something that was patched, and how to put it back. */
function patch<T extends object, K extends keyof T>(
  target: T,
  key: K,
  replacement: unknown,
): () => void {
  const original = Object.getOwnPropertyDescriptor(target, key);
  Object.defineProperty(target, key, { configurable: true, writable: true, value: replacement });
  return () => {
    if (original === undefined) Reflect.deleteProperty(target, key);
    else Object.defineProperty(target, key, original);
  };
}

/**
 * Counts the timers of the global functions that run, and the listeners on abort
 * signals that stand, from when it is created until it is disposed.
 */
export class LiveCounts implements Disposable {
  readonly #timers = new Set<unknown>();
  readonly #listeners = new WeakMap<AbortSignal, Map<Listener, Listener>>();
  readonly #undo: (() => void)[];
  #listenerCount = 0;
  #timersSet = 0;
  #listenersAdded = 0;

  /** Begins to count. */
  constructor() {
    this.#undo = [...this.#countTimers(), ...this.#countListeners()];
  }

  /** Timers that run. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Listeners that stand. */
  get listeners(): number {
    return this.#listenerCount;
  }

  /** Timers that were ever set, and listeners that were ever added. */
  get ever(): { readonly timers: number; readonly listeners: number } {
    return { timers: this.#timersSet, listeners: this.#listenersAdded };
  }

  /** Puts the original functions back. */
  [Symbol.dispose](): void {
    for (const undo of this.#undo) undo();
  }

  #countTimers(): (() => void)[] {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
    const timers = this.#timers;
    const set = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        callback(...args);
      }, ms);
      timers.add(timer);
      this.#timersSet++;
      return timer;
    };
    const setRepeated = (callback: (...args: unknown[]) => void, ms?: number) => {
      const timer = setInterval(callback, ms);
      timers.add(timer);
      this.#timersSet++;
      return timer;
    };
    const clear = (timer: ReturnType<typeof setTimeout> | undefined): void => {
      timers.delete(timer);
      clearTimeout(timer);
    };
    const clearRepeated = (timer: ReturnType<typeof setInterval> | undefined): void => {
      timers.delete(timer);
      clearInterval(timer);
    };
    return [
      patch(globalThis, "setTimeout", set),
      patch(globalThis, "setInterval", setRepeated),
      patch(globalThis, "clearTimeout", clear),
      patch(globalThis, "clearInterval", clearRepeated),
    ];
  }

  #countListeners(): (() => void)[] {
    const { prototype } = AbortSignal;
    const { addEventListener, removeEventListener } = prototype;
    const added = (signal: AbortSignal, listener: Listener, once: boolean): Listener => {
      const listeners = this.#listeners.get(signal) ?? new Map<Listener, Listener>();
      this.#listeners.set(signal, listeners);
      const known = listeners.get(listener);
      if (known !== undefined) return known;
      const standing = !once ? listener : (event: unknown): void => {
        this.#removed(signal, listener);
        if (typeof listener === "function") listener.call(signal, event);
        else listener.handleEvent(event);
      };
      listeners.set(listener, standing);
      this.#listenerCount++;
      this.#listenersAdded++;
      return standing;
    };
    const removed = (signal: AbortSignal, listener: Listener) => this.#removed(signal, listener);
    function add(
      this: AbortSignal,
      type: string,
      listener: Listener,
      options?: boolean | AddEventListenerOptions,
    ): void {
      const once = typeof options === "object" && options.once === true;
      addEventListener.call(this, type, added(this, listener, once), options);
    }
    function remove(
      this: AbortSignal,
      type: string,
      listener: Listener,
      options?: boolean | EventListenerOptions,
    ): void {
      removeEventListener.call(this, type, removed(this, listener) ?? listener, options);
    }
    return [
      patch(prototype, "addEventListener", add),
      patch(prototype, "removeEventListener", remove),
    ];
  }

  #removed(signal: AbortSignal, listener: Listener): Listener | undefined {
    const listeners = this.#listeners.get(signal);
    const standing = listeners?.get(listener);
    if (standing === undefined) return undefined;
    listeners?.delete(listener);
    this.#listenerCount--;
    return standing;
  }
}
