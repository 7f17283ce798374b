import type { BreakerEvents, BreakerListener } from "./events.ts";

type Listeners = { [K in keyof BreakerEvents]: Set<BreakerListener<K>> };

/** The listeners of one breaker, or of all breakers of a provider. */
export class Emitter {
  readonly #listeners: Listeners = {
    stateChange: new Set(),
    reject: new Set(),
    wouldOpen: new Set(),
    staleResult: new Set(),
    policyChange: new Set(),
  };

  /** Whether anybody listens for `reject`: known at once, because an outage asks for every call. */
  hearsRejections = false;

  /** Adds a listener and returns what removes it again. */
  on<K extends keyof BreakerEvents>(type: K, listener: BreakerListener<K>): () => void {
    if (!Object.hasOwn(this.#listeners, type)) {
      throw new TypeError(
        `Cannot listen: event must be one of ${
          Object.keys(this.#listeners).join(", ")
        }, received ${type}`,
      );
    }
    // Wrapped, so that a function that is added twice is removed one at a time.
    const entry: BreakerListener<K> = (event) => listener(event);
    const listeners = this.#listeners[type];
    listeners.add(entry);
    this.hearsRejections = this.hears("reject");
    return () => {
      listeners.delete(entry);
      this.hearsRejections = this.hears("reject");
    };
  }

  /** Listeners of all kinds. */
  get size(): number {
    return Object.values(this.#listeners).reduce((sum, { size }) => sum + size, 0);
  }

  /** Whether anybody listens for a kind of event. */
  hears(type: keyof BreakerEvents): boolean {
    return this.#listeners[type].size > 0;
  }

  /** Calls the listeners in the order in which they were added; what one throws goes to `report`. */
  emit<K extends keyof BreakerEvents>(
    type: K,
    event: BreakerEvents[K],
    report: (error: unknown) => void,
  ): void {
    const listeners = this.#listeners[type];
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue; // removed by one before it
      try {
        const returned: unknown = listener(event);
        // An async listener's rejection must not end the process.
        if (returned instanceof Promise) returned.catch(report);
      } catch (error) {
        report(error);
      }
    }
  }
}
