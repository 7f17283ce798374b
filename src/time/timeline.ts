import type { Clock } from "./clock.ts";

/**
 * Integer nanoseconds on a {@linkcode Timeline}. Durations in policies are whole
 * nanoseconds, as in Go; kept as integers, sums and comparisons of instants are
 * exact, where sums of fractional milliseconds would miss "at exactly that
 * instant" by a rounding error.
 */
export type Nanos = number;

const NANOS_PER_MS = 1e6;

/** Converts milliseconds to the nearest whole nanosecond. */
export function toNanos(ms: number): Nanos {
  return Math.round(ms * NANOS_PER_MS);
}

/** Converts nanoseconds to milliseconds. */
export function toMs(nanos: Nanos): number {
  return nanos / NANOS_PER_MS;
}

/** Converts a wait to whole milliseconds, rounded up: whoever waits so long has waited enough. */
export function toWholeMs(nanos: Nanos): number {
  return Math.max(0, Math.ceil(nanos / NANOS_PER_MS));
}

/** One look at the clock. Those who share it hold one object, so that none makes a number of its own. */
export class Reading {
  /** The instant that was read. */
  readonly at: Nanos;
  /** How many more looks may share it: none, unless the clock was read in a burst of looks. */
  sharesLeft = 0;

  /** Creates the reading of an instant. */
  constructor(at: Nanos) {
    this.at = at;
  }

  /** Whether one more look may share it; if so, that look is counted. */
  share(): boolean {
    if (this.sharesLeft === 0) return false;
    this.sharesLeft--;
    return true;
  }
}

/** What tells the present instant. */
export interface InstantSource {
  /** The present instant; never less than at an earlier look. */
  now(): Nanos;
  /** The present instant, to be kept. */
  read(): Reading;
  /** An instant in milliseconds of the clock. */
  clockMs(at: Nanos): number;
}

const timelines = new WeakMap<Clock, Timeline>();

/**
 * A clock made monotonic (R16): a reading below the last one stands still, and
 * what the clock then advances counts from there. So does one that is no finite
 * number, or that throws: a broken clock stops time, it does not break a call.
 *
 * Instants count from the first reading, so that they are exact to the
 * nanosecond also on a clock that counts from 1970.
 */
export class Timeline implements InstantSource {
  readonly #clock: Clock;
  #originMs: number | undefined;
  #lastReading: Nanos = 0;
  #offset: Nanos = 0;

  /** Creates a timeline of its own; use {@linkcode Timeline.of} to share one per clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The one timeline of a clock, shared by all that use the clock. */
  static of(clock: Clock): Timeline {
    let timeline = timelines.get(clock);
    if (timeline === undefined) {
      timeline = new Timeline(clock);
      timelines.set(clock, timeline);
    }
    return timeline;
  }

  now(): Nanos {
    let readingMs: number;
    try {
      readingMs = this.#clock.now();
    } catch {
      readingMs = Number.NaN;
    }
    if (Number.isFinite(readingMs)) {
      const reading = toNanos(readingMs - (this.#originMs ??= readingMs));
      if (reading < this.#lastReading) this.#offset += this.#lastReading - reading;
      this.#lastReading = reading;
    }
    return this.#lastReading + this.#offset;
  }

  read(): Reading {
    return new Reading(this.now());
  }

  clockMs(at: Nanos): number {
    return (this.#originMs ?? 0) + toMs(at);
  }
}
