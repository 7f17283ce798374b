/** Hears that a signal is aborted. */
export interface AbortWatcher {
  /** The signal is aborted; called once, in the abort itself, and must not throw. */
  onAbort(): void;
}

/** One watcher's place among all that watch a signal. */
export class AbortWatch {
  readonly #watcher: AbortWatcher;
  #signal: WatchedSignal | undefined;
  #before: AbortWatch | undefined;
  #after: AbortWatch | undefined;

  /** Use {@linkcode watchAbort}. */
  constructor(watcher: AbortWatcher, signal: WatchedSignal) {
    this.#watcher = watcher;
    this.#signal = signal;
    this.#before = signal.last;
    if (signal.last === undefined) signal.first = this;
    else signal.last.#after = this;
    signal.last = this;
  }

  /** Ends the watch; does nothing once it has ended. */
  end(): void {
    const signal = this.#signal;
    if (signal === undefined) return;
    this.#signal = undefined;
    if (this.#before === undefined) signal.first = this.#after;
    else this.#before.#after = this.#after;
    if (this.#after === undefined) signal.last = this.#before;
    else this.#after.#before = this.#before;
    this.#before = this.#after = undefined;
    if (signal.first === undefined) signal.rest();
  }

  /** The signal is aborted. */
  fire(): void {
    this.end();
    this.#watcher.onAbort();
  }
}

/** All watches of one signal, behind one listener. */
class WatchedSignal {
  readonly #signal: AbortSignal;
  first: AbortWatch | undefined;
  last: AbortWatch | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  watch(watcher: AbortWatcher): AbortWatch {
    if (this.first === undefined) this.#signal.addEventListener("abort", this);
    return new AbortWatch(watcher, this);
  }

  rest(): void {
    this.#signal.removeEventListener("abort", this);
  }

  handleEvent(): void {
    while (this.first !== undefined) this.first.fire();
  }
}

const signals = new WeakMap<AbortSignal, WatchedSignal>();

/**
 * Tells `watcher` when `signal` is aborted, in the order in which watchers came;
 * at once if it is aborted already. However many watch a signal, one listener
 * stands on it, and none once nobody watches: a platform's signal looks through
 * all of its listeners whenever one is added or removed, and Node warns of a
 * leak from the eleventh on.
 *
 * @returns What ends the watch; `undefined` if the signal is aborted already.
 * @throws {TypeError} If `signal` is none.
 */
export function watchAbort(signal: AbortSignal, watcher: AbortWatcher): AbortWatch | undefined {
  if (signal.aborted) {
    watcher.onAbort();
    return undefined;
  }
  let watched = signals.get(signal);
  if (watched === undefined) {
    watched = new WatchedSignal(signal);
    signals.set(signal, watched);
  }
  return watched.watch(watcher);
}
