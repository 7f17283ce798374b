import { FAILURE, type OutcomeBits, SLOW, TIMEOUT } from "./outcome.ts";
import type { Nanos } from "./timeline.ts";
import type { Window, WindowTotals } from "./window.ts";

/** The shape of a time window. */
export interface TimeWindowShape {
  /** Length of the window. */
  readonly duration: Nanos;
  /** Slices in which it moves. */
  readonly buckets: number;
}

/** The outcomes of one slice of time. */
export interface BucketContents extends WindowTotals {
  /** How many buckets before the newest one. */
  readonly bucketsAgo: number;
  /** When the last of its outcomes settled. */
  readonly lastAt: Nanos;
}

// Fields of a bucket in the flat array.
const INDEX = 0;
const CALLS = 1;
const FAILURES = 2;
const SLOWS = 3;
const TIMEOUTS = 4;
const LAST_AT = 5;
const STRIDE = 6;

/**
 * The outcomes of the newest `duration`, in a ring of buckets. The bucket with
 * index i covers the i-th slice of time since the origin. Moving on costs one
 * step per slice passed, and a constant once the whole window has passed: each
 * bucket carries its index, so what is out of date needs no clearing.
 */
export class TimeWindow implements Window {
  /** Length and slices of the window. */
  readonly shape: TimeWindowShape;
  /** Where slice 0 begins. */
  readonly origin: Nanos;
  readonly #buckets: Float64Array;
  /** The slice that `advance` has reached, where it ends, and where its bucket begins in the array. */
  #index: number;
  #endsAt: Nanos;
  #base: number;
  calls = 0;
  failures = 0;
  slow = 0;
  timeouts = 0;

  /** Creates an empty window that stands at `at`. */
  constructor(shape: TimeWindowShape, at: Nanos, origin: Nanos = 0) {
    this.shape = shape;
    this.origin = origin;
    this.#buckets = new Float64Array(shape.buckets * STRIDE).fill(-Infinity);
    this.#index = this.#indexAt(at);
    this.#endsAt = this.#endOf(this.#index);
    this.#base = this.#baseOf(this.#index);
  }

  // Whole windows are split off before multiplying, so that the product stays exact.
  #indexAt(at: Nanos): number {
    const { duration, buckets } = this.shape;
    const elapsed = at - this.origin;
    const windows = Math.floor(elapsed / duration);
    return windows * buckets + Math.floor((elapsed - windows * duration) * buckets / duration);
  }

  #endOf(index: number): Nanos {
    const { duration, buckets } = this.shape;
    const windows = Math.floor(index / buckets);
    const slices = index - windows * buckets + 1;
    return this.origin + windows * duration + Math.ceil(slices * duration / buckets);
  }

  #baseOf(index: number): number {
    const { buckets } = this.shape;
    return (index % buckets + buckets) % buckets * STRIDE;
  }

  record(bits: OutcomeBits, at: Nanos): void {
    if (at >= this.#endsAt) this.advance(at);
    this.#put(this.#base, this.#index, at, bits);
    this.calls++;
    if (bits === 0) return;
    if ((bits & FAILURE) !== 0) this.failures++;
    if ((bits & SLOW) !== 0) this.slow++;
    if ((bits & TIMEOUT) !== 0) this.timeouts++;
  }

  #put(base: number, index: number, at: Nanos, bits: OutcomeBits): void {
    const buckets = this.#buckets;
    if (buckets[base] !== index) this.#open(base, index);
    buckets[base + LAST_AT] = at;
    this.#add(base + CALLS, 1);
    if (bits === 0) return;
    if ((bits & FAILURE) !== 0) this.#add(base + FAILURES, 1);
    if ((bits & SLOW) !== 0) this.#add(base + SLOWS, 1);
    if ((bits & TIMEOUT) !== 0) this.#add(base + TIMEOUTS, 1);
  }

  #add(field: number, count: number): void {
    this.#buckets[field] = (this.#buckets[field] ?? 0) + count;
  }

  #open(base: number, index: number): void {
    this.#buckets.fill(0, base, base + STRIDE);
    this.#buckets[base + INDEX] = index;
    this.#buckets[base + LAST_AT] = -Infinity;
  }

  advance(at: Nanos): void {
    if (at < this.#endsAt) return;
    const index = this.#indexAt(at);
    if (index - this.#index >= this.shape.buckets) {
      this.calls =
        this.failures =
        this.slow =
        this.timeouts =
          0;
    } else {
      const { buckets } = this.shape;
      for (let out = this.#index - buckets + 1; out <= index - buckets; out++) this.#drop(out);
    }
    this.#index = index;
    this.#endsAt = this.#endOf(index);
    this.#base = this.#baseOf(index);
  }

  #drop(index: number): void {
    const base = this.#baseOf(index);
    if (this.#buckets[base] !== index) return;
    const gone = this.#contents(base);
    this.calls -= gone.calls;
    this.failures -= gone.failures;
    this.slow -= gone.slow;
    this.timeouts -= gone.timeouts;
  }

  #contents(base: number): BucketContents {
    const at = (field: number): number => this.#buckets[base + field] ?? 0;
    return {
      bucketsAgo: this.#index - at(INDEX),
      lastAt: at(LAST_AT),
      calls: at(CALLS),
      failures: at(FAILURES),
      slow: at(SLOWS),
      timeouts: at(TIMEOUTS),
    };
  }

  /** The buckets that hold anything, oldest first. */
  *contents(): Generator<BucketContents> {
    for (let index = this.#index - this.shape.buckets + 1; index <= this.#index; index++) {
      const base = this.#baseOf(index);
      if (this.#buckets[base] === index) yield this.#contents(base);
    }
  }

  /** Adds the outcomes of a bucket of another window, or of a snapshot, to the slice `bucketsAgo`. */
  restore(bucket: BucketContents): void {
    if (bucket.bucketsAgo < 0 || bucket.bucketsAgo >= this.shape.buckets) return;
    const index = this.#index - bucket.bucketsAgo;
    const base = this.#baseOf(index);
    const buckets = this.#buckets;
    if (buckets[base] !== index) this.#open(base, index);
    this.#add(base + CALLS, bucket.calls);
    this.#add(base + FAILURES, bucket.failures);
    this.#add(base + SLOWS, bucket.slow);
    this.#add(base + TIMEOUTS, bucket.timeouts);
    buckets[base + LAST_AT] = Math.max(buckets[base + LAST_AT] ?? -Infinity, bucket.lastAt);
    this.calls += bucket.calls;
    this.failures += bucket.failures;
    this.slow += bucket.slow;
    this.timeouts += bucket.timeouts;
  }

  /**
   * A window of another shape that stands at `at` and holds what of this one is
   * young enough for it. A bucket moves as a whole, by its last outcome: nothing
   * young is lost, and what is kept too long is kept for less than one old bucket.
   */
  reshaped(shape: TimeWindowShape, at: Nanos): TimeWindow {
    const window = new TimeWindow(shape, at);
    for (const bucket of this.contents()) {
      if (at - bucket.lastAt >= shape.duration) continue;
      const bucketsAgo = window.#index - window.#indexAt(bucket.lastAt);
      window.restore({ ...bucket, bucketsAgo });
    }
    return window;
  }
}
