import type { Clock } from "../../time/clock.ts";
import type { Deadline, Expiring } from "../../time/deadline.ts";
import { deadlinesOf } from "../../time/deadlines.ts";
import { type InstantSource, type Nanos, toMs, toNanos } from "../../time/timeline.ts";

/** A limit of a stream. */
export type StreamLimit = "first" | "idle" | "total";

/** What has such limits. */
export interface Limited {
  /** A limit of so many milliseconds is over; must not throw. */
  onLimit(limit: StreamLimit, limitMs: number): void;
}

/** What a stream's time is measured and limited by. */
export interface ProducerTimeOptions {
  readonly clock: Clock;
  readonly timeline: InstantSource;
  /** The limits in milliseconds; infinite: none. */
  readonly limitsMs: Readonly<Record<StreamLimit, number>>;
}

/**
 * The time that a stream's consumer spends waiting for its producer. It stands,
 * and no timer runs, while nobody waits.
 */
export class ProducerTime implements Expiring {
  readonly #options: ProducerTimeOptions;
  readonly #owner: Limited;
  #waited: Nanos = 0;
  #since: Nanos | undefined;
  #isFirst = true;
  #limit: StreamLimit = "total";
  #deadline: Deadline | undefined;

  /** Tells `owner` of limits that are over. */
  constructor(options: ProducerTimeOptions, owner: Limited) {
    this.#options = options;
    this.#owner = owner;
  }

  /** All the time that was spent waiting until `now`. */
  waited(now: Nanos): Nanos {
    return this.#waited + (this.#since === undefined ? 0 : now - this.#since);
  }

  /**
   * Somebody waits from now on.
   *
   * @throws What the clock's `setTimeout` throws; then nobody waits.
   */
  begin(): void {
    const { clock, timeline, limitsMs } = this.#options;
    const leftMs = Math.max(0, toMs(toNanos(limitsMs.total) - this.#waited));
    const within = this.#isFirst ? "first" : "idle";
    this.#limit = limitsMs[within] < leftMs ? within : "total";
    const endsInMs = Math.min(limitsMs[within], leftMs);
    this.#since = timeline.now();
    if (endsInMs === Infinity) return;
    try {
      this.#deadline = deadlinesOf(clock).set(endsInMs, this);
    } catch (error) {
      this.#since = undefined;
      throw error;
    }
  }

  /** Nobody waits any more. */
  stand(): void {
    this.#waited = this.waited(this.#options.timeline.now());
    this.#since = undefined;
    this.#deadline?.clear();
    this.#deadline = undefined;
  }

  /** An item came, and nobody waits until the next beginning. */
  item(): void {
    this.stand();
    this.#isFirst = false;
  }

  /** The limit is over. */
  onDeadline(): void {
    this.#owner.onLimit(this.#limit, this.#options.limitsMs[this.#limit]);
  }
}
