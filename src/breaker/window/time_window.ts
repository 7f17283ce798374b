import type { Nanos } from "../../time/timeline.ts";
import { FAILURE, type OutcomeBits, SLOW, TIMEOUT } from "./outcome.ts";
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

// Fields of a slice in the flat arrays: what every slice has, and what few have.
const CALLS = 0;
const FAILURES = 1;
const LAST_AT = 2;
const STRIDE = 3;
const SLOWS = 0;
const TIMEOUTS = 1;
const SELDOM_STRIDE = 2;

/**
 * The outcomes of the newest `duration`, in a ring of buckets. The bucket with
 * index i covers the i-th slice of time since the origin. Moving on costs one
 * step per slice passed, at most one per bucket.
 */
export class TimeWindow implements Window {
  /** Length and slices of the window. */
  readonly shape: TimeWindowShape;
  /** Where slice 0 begins. */
  readonly origin: Nanos;
  /** Plain arrays of numbers: a typed array adds 200 bytes of its own to a window's 240. */
  readonly #buckets: number[];
  /** Comes into being with the first slow call or timeout. */
  #seldom: number[] | undefined;
  /** The slice that `advance` has reached, where it ends, and the place of its bucket. */
  #index: number;
  #endsAt: Nanos;
  #place: number;
  calls = 0;
  failures = 0;
  slow = 0;
  timeouts = 0;

  /** Creates an empty window that stands at `at`. */
  constructor(shape: TimeWindowShape, at: Nanos, origin: Nanos = 0) {
    this.shape = shape;
    this.origin = origin;
    this.#buckets = new Array<number>(shape.buckets * STRIDE).fill(0);
    this.#index = this.#indexAt(at);
    this.#endsAt = this.#endOf(this.#index);
    this.#place = this.#placeOf(this.#index);
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

  #placeOf(index: number): number {
    const { buckets } = this.shape;
    return (index % buckets + buckets) % buckets;
  }

  succeed(times: number, at: Nanos): void {
    if (at >= this.#endsAt) this.advance(at);
    const base = this.#place * STRIDE;
    increase(this.#buckets, base + CALLS, times);
    this.#buckets[base + LAST_AT] = at;
    this.calls += times;
  }

  record(bits: OutcomeBits, at: Nanos): void {
    this.succeed(1, at);
    if (bits === 0) return;
    const failures = (bits & FAILURE) !== 0 ? 1 : 0;
    const slow = (bits & SLOW) !== 0 ? 1 : 0;
    this.#add(this.#place, 0, failures, slow, (bits & TIMEOUT) !== 0 ? 1 : 0);
  }

  #add(place: number, calls: number, failures: number, slow: number, timeouts: number): void {
    const base = place * STRIDE;
    increase(this.#buckets, base + CALLS, calls);
    increase(this.#buckets, base + FAILURES, failures);
    if (slow !== 0 || timeouts !== 0) {
      const seldom = this.#seldom ??= new Array<number>(this.shape.buckets * SELDOM_STRIDE).fill(0);
      increase(seldom, place * SELDOM_STRIDE + SLOWS, slow);
      increase(seldom, place * SELDOM_STRIDE + TIMEOUTS, timeouts);
    }
    this.calls += calls;
    this.failures += failures;
    this.slow += slow;
    this.timeouts += timeouts;
  }

  advance(at: Nanos): void {
    if (at < this.#endsAt) return;
    const index = this.#indexAt(at);
    const passed = index - this.#index;
    if (passed >= this.shape.buckets) this.#clear();
    // Counted down: beyond 2^53 an index plus one is the same index, and would never reach the end.
    else for (let ago = passed - 1; ago >= 0; ago--) this.#drop(this.#placeOf(index - ago));
    this.#index = index;
    this.#endsAt = this.#endOf(index);
    this.#place = this.#placeOf(index);
  }

  #clear(): void {
    this.#buckets.fill(0);
    this.#seldom = undefined;
    this.calls =
      this.failures =
      this.slow =
      this.timeouts =
        0;
  }

  #drop(place: number): void {
    const { calls, failures, slow, timeouts } = this.#totals(place);
    if (calls === 0) return;
    this.#add(place, -calls, -failures, -slow, -timeouts);
  }

  #totals(place: number): WindowTotals {
    const at = place * STRIDE;
    const seldomAt = place * SELDOM_STRIDE;
    return {
      calls: this.#buckets[at + CALLS] ?? 0,
      failures: this.#buckets[at + FAILURES] ?? 0,
      slow: this.#seldom?.[seldomAt + SLOWS] ?? 0,
      timeouts: this.#seldom?.[seldomAt + TIMEOUTS] ?? 0,
    };
  }

  /** The buckets that hold anything, oldest first. */
  *contents(): Generator<BucketContents> {
    for (let bucketsAgo = this.shape.buckets - 1; bucketsAgo >= 0; bucketsAgo--) {
      const place = this.#placeOf(this.#index - bucketsAgo);
      const totals = this.#totals(place);
      const lastAt = this.#buckets[place * STRIDE + LAST_AT] ?? 0;
      if (totals.calls > 0) yield { bucketsAgo, lastAt, ...totals };
    }
  }

  /** Adds the outcomes of a bucket of another window, or of a snapshot, to the slice `bucketsAgo`. */
  restore({ bucketsAgo, lastAt, calls, failures, slow, timeouts }: BucketContents): void {
    if (bucketsAgo < 0 || bucketsAgo >= this.shape.buckets || calls === 0) return;
    const place = this.#placeOf(this.#index - bucketsAgo);
    const last = place * STRIDE + LAST_AT;
    const isEmpty = this.#buckets[place * STRIDE + CALLS] === 0;
    this.#buckets[last] = isEmpty ? lastAt : Math.max(this.#buckets[last] ?? lastAt, lastAt);
    this.#add(place, calls, failures, slow, timeouts);
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

function increase(counts: number[], at: number, by: number): void {
  counts[at] = (counts[at] ?? 0) + by;
}
