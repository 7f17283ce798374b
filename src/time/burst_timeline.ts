import { type Clock, systemClock } from "./clock.ts";
import { type Nanos, Reading, Timeline, toNanos } from "./timeline.ts";

/** Reads within {@linkcode SPAN_MS} that make a burst. */
const DENSE = 1_000;
/** The stretch of time that density is judged over, and the longest that a reading is shared while the event loop turns. */
const SPAN_MS = 1;
/** Reads that share one reading at most, so that a loop that never yields still sees time pass. */
const SHARED_BY = 128;

/** A timer so late is lost: it was set while the program's timers were replaced, by those of a test, say. */
const LOST_MS = 1_000;

const SPAN: Nanos = toNanos(SPAN_MS);
const LOST: Nanos = toNanos(LOST_MS);
/** Reads that take longer than this to share one reading are not dense: the next ones are exact. */
const LONGEST_SHARE: Nanos = SPAN / 4;

/**
 * A timeline for the built-in clock, whose readings cost many times what the
 * rest of a call does. It reads exactly while reads are sparse. In a burst, of
 * more than {@linkcode DENSE} reads in a millisecond, up to {@linkcode SHARED_BY}
 * reads share one reading, and a timer of a millisecond ends the sharing when
 * the burst is over; outside a burst there is no timer.
 *
 * So an instant is late by at most a millisecond while the event loop turns,
 * and by at most the time of {@linkcode SHARED_BY} reads in a loop that does not
 * let it turn, or across a suspension of the process.
 */
export class BurstTimeline extends Timeline {
  readonly #clock: Clock;
  /** What is no integer comes first, so that V8 keeps instants as doubles from the start. */
  #shared = new Reading(-Infinity);
  /** Reads since `#spanSince`, and whether the timer runs. */
  #reads = 0;
  #spanSince: Nanos = -Infinity;
  #inBurst = false;
  /** When the timer was last set, and how often. */
  #watchedSince: Nanos = -Infinity;
  #watch = 0;

  /** Creates a timeline that reads `clock` and sets its timers there. */
  constructor(clock: Clock) {
    super(clock);
    this.#clock = clock;
  }

  override now(): Nanos {
    return this.read().at;
  }

  override read(): Reading {
    const shared = this.#shared;
    return shared.share() ? shared : this.#renew();
  }

  #renew(): Reading {
    const now = super.now();
    const reading = new Reading(now);
    if (this.#inBurst && now - this.#watchedSince > LOST) this.#inBurst = false;
    if (this.#inBurst) {
      this.#reads += SHARED_BY;
      if (now - this.#shared.at < LONGEST_SHARE) reading.sharesLeft = SHARED_BY - 1;
    } else if (now - this.#spanSince > SPAN) {
      this.#spanSince = now;
      this.#reads = 1;
    } else if (++this.#reads > DENSE) {
      this.#inBurst = true;
      this.#watchBurst(now);
    }
    return this.#shared = reading;
  }

  #watchBurst(now: Nanos): void {
    this.#reads = 0;
    this.#watchedSince = now;
    const watch = ++this.#watch;
    this.#clock.setTimeout(() => {
      if (watch !== this.#watch) return; // given up as lost
      this.#shared.sharesLeft = 0;
      if (this.#reads > DENSE) this.#watchBurst(super.now());
      else this.#inBurst = false;
    }, SPAN_MS);
  }
}

/** The timeline of all breakers that are given no clock. */
export const BUILT_IN: Timeline = new BurstTimeline(systemClock);
