import type { Audience } from "./audience.ts";
import { BreakerEmitter } from "./breaker_emitter.ts";
import type { CallWatch } from "./call_watch.ts";
import type { BreakerEvents, BreakerListener } from "./events.ts";

/**
 * Announces the events of one breaker after the change that they tell of is
 * complete, in order. A listener may call back into the breaker: what follows
 * from that is announced after the event that is being announced (R15).
 */
export class Notifier {
  /** Where those hang on who watch the calls; `undefined`: nobody does. */
  watch: CallWatch | undefined;
  readonly #audience: Audience;
  readonly #breaker: string;
  readonly #own = new BreakerEmitter();
  #queue: (() => void)[] = [];
  #announcing = false;
  #announcingRejection = false;

  /** Creates the notifier of the breaker called `breaker`. */
  constructor(audience: Audience, breaker: string) {
    this.#audience = audience;
    this.#breaker = breaker;
  }

  /** Adds a listener to this breaker alone. */
  on<K extends keyof BreakerEvents>(type: K, listener: BreakerListener<K>): () => void {
    return this.#own.on(type, listener);
  }

  /** Whether anybody listens for `reject` on this breaker. */
  get hearsRejections(): boolean {
    return this.#own.hearsRejections;
  }

  /** Whether anybody listens for a kind of event on this breaker. */
  hears(type: keyof BreakerEvents): boolean {
    return this.#own.hears(type);
  }

  /** Whether anybody listens to this breaker alone. */
  get hasListeners(): boolean {
    return this.#own.size > 0;
  }

  /**
   * Puts an event in line. A rejection that a listener to rejections brought
   * about is counted, but not announced: it would bring about the next one.
   */
  enqueue<K extends keyof BreakerEvents>(type: K, event: BreakerEvents[K]): void {
    if (type === "reject" && this.#announcingRejection) return;
    this.#queue.push(() => {
      this.#announcingRejection = type === "reject";
      this.#own.emit(type, event, (error) => this.#report(type, error));
      this.#audience.emitter?.emit(type, event, (error) => this.#report(type, error));
    });
  }

  /**
   * Tells those who watch, then announces what is in line, unless that is being
   * done already, and tells whether it announced anything.
   */
  flush(): boolean {
    if (this.watch?.flush() === false) return false;
    if (this.#announcing || this.#queue.length === 0) return false;
    this.#announcing = true;
    try {
      for (let i = 0; i < this.#queue.length; i++) this.#queue[i]?.();
    } finally {
      this.#queue = [];
      this.#announcing = false;
      this.#announcingRejection = false;
    }
    return true;
  }

  #report(type: keyof BreakerEvents, error: unknown): void {
    this.#audience.report(this.#breaker, `a listener to "${type}" failed`, error);
  }
}
