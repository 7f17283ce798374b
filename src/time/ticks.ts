import { type Nanos, Reading } from "./timeline.ts";

/**
 * Time in ticks of one length, so that an instant is told exactly by a small
 * number. All instants of one tick share one reading.
 */
export class Ticks {
  /** The length of a tick. */
  readonly length: Nanos;
  #last: Reading;

  /** Creates ticks of which one begins at `from`. */
  constructor(from: Nanos, length: Nanos) {
    this.#last = new Reading(from);
    this.length = length;
  }

  /** When the tick began that holds `at`, which is not before any instant that was read. */
  read(at: Nanos): Reading {
    const last = this.#last;
    const passed = at - last.at;
    if (passed < this.length) return last;
    return this.#last = new Reading(last.at + Math.floor(passed / this.length) * this.length);
  }

  /** When the tick began that holds `at`, which is not after the last instant that was read. */
  floor(at: Nanos): Nanos {
    const last = this.#last.at;
    return at >= last ? last : last - Math.ceil((last - at) / this.length) * this.length;
  }
}
