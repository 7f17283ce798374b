import type { Audience } from "./audience.ts";
import type { CallWatch } from "./call_watch.ts";
import type { BreakerEvents, BreakerListener } from "./events.ts";
import { Notifier } from "./notifier.ts";

/**
 * What tells of a breaker; who is not listened to and not watched has nothing
 * for it. It has no private methods: each class that has some adds a word to
 * every breaker.
 */
export abstract class Announcer {
  abstract readonly name: string;
  abstract readonly host: Audience;
  #notifier: Notifier | undefined;

  /** Adds a listener. */
  on<K extends keyof BreakerEvents>(type: K, listener: BreakerListener<K>): () => void {
    const remove = this.notifier().on(type, listener);
    this.keep();
    return remove;
  }

  /** Tells who keeps this breaker that it must not be lost from now on. */
  protected keep(): void {
    this.host.keeper?.(this);
  }

  /** Whether somebody listens to this breaker alone. */
  get hasListeners(): boolean {
    return this.#notifier?.hasListeners ?? false;
  }

  /** Where those hang on who watch the calls; `undefined`: nobody does. */
  get watch(): CallWatch | undefined {
    return this.#notifier?.watch;
  }

  /** Announces what has happened, and tells whether there was anything. Every entry point ends with it. */
  announce(): boolean {
    return this.#notifier?.flush() ?? false;
  }

  /** Whether there may be somebody to tell. */
  protected get mayTell(): boolean {
    return this.#notifier !== undefined;
  }

  protected setWatch(watch: CallWatch | undefined): void {
    this.notifier().watch = watch;
  }

  /** Whether anybody listens for `reject`. */
  protected get hearsRejections(): boolean {
    return (this.host.emitter?.hearsRejections ?? false) ||
      (this.#notifier?.hearsRejections ?? false);
  }

  /** Whether anybody listens for a kind of event. */
  protected hears(type: keyof BreakerEvents): boolean {
    return (this.host.emitter?.hears(type) ?? false) || (this.#notifier?.hears(type) ?? false);
  }

  /** Puts an event in line for the next announcement. */
  protected enqueue<K extends keyof BreakerEvents>(type: K, event: BreakerEvents[K]): void {
    this.notifier().enqueue(type, event);
  }

  /** What announces, which comes into being with the first who is to hear. */
  protected notifier(): Notifier {
    return this.#notifier ??= new Notifier(this.host, this.name);
  }
}
