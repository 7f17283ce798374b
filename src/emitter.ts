import { tell } from "./call/tell.ts";

/** Is called with each event of one kind. */
export type Listener<Events, K extends keyof Events> = (event: Events[K]) => void;

/** The listeners of one breaker, of all breakers of a provider, or of one pattern. */
export class Emitter<Events extends object> {
  readonly #listeners: { readonly [K in keyof Events]: Set<Listener<Events, K>> };

  /** Starts without listeners; `listeners` holds an empty set for each kind of event. */
  constructor(listeners: { readonly [K in keyof Events]: Set<Listener<Events, K>> }) {
    this.#listeners = listeners;
  }

  /**
   * Adds a listener and returns what removes it again.
   *
   * @throws {TypeError} If there is no such event.
   */
  on<K extends keyof Events>(type: K, listener: Listener<Events, K>): () => void {
    if (!Object.hasOwn(this.#listeners, type)) {
      throw new TypeError(
        `Cannot listen: event must be one of ${Object.keys(this.#listeners).join(", ")}, received ${
          String(type)
        }`,
      );
    }
    // Wrapped, so that a function that is added twice is removed one at a time.
    const entry: Listener<Events, K> = (event) => listener(event);
    const listeners = this.#listeners[type];
    listeners.add(entry);
    return () => {
      listeners.delete(entry);
    };
  }

  /** Listeners of all kinds. */
  get size(): number {
    let size = 0;
    for (const type in this.#listeners) size += this.#listeners[type].size;
    return size;
  }

  /** Whether anybody listens for a kind of event. */
  hears(type: keyof Events): boolean {
    return this.#listeners[type].size > 0;
  }

  /** Calls the listeners in the order in which they were added; what one throws goes to `report`. */
  emit<K extends keyof Events>(
    type: K,
    event: Events[K],
    report: (error: unknown) => void,
  ): void {
    const listeners = this.#listeners[type];
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue; // removed by one before it
      tell(listener, event, report);
    }
  }
}
