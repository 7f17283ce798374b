/** How far a percentile may be from the exact one: this share of it, either way. */
export const PERCENTILE_ERROR = 0.01;

/** What is faster is counted as this fast, in milliseconds. */
const FASTEST_MS = 0.001;
/** What is slower is counted as this slow, in milliseconds. */
const SLOWEST_MS = 3_600_000;

const GAMMA = (1 + PERCENTILE_ERROR) / (1 - PERCENTILE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
const FIRST = exponentOf(FASTEST_MS);
const BUCKETS = exponentOf(SLOWEST_MS) - FIRST + 1;

/**
 * One percentile of the latencies of late, in constant memory: 9 KB.
 *
 * Latencies are counted in buckets whose bounds grow by a constant factor, as in
 * DDSketch (Masson, Rim and Lee, "DDSketch: A Fast and Fully-Mergeable Quantile
 * Sketch with Relative-Error Guarantees", VLDB 2019). From 1 µs to 1 h the result
 * is within 1 % of the latency at the nearest rank; what is outside counts
 * as the nearer end. A latency is forgotten when it is between half a window and
 * a window old.
 *
 * Recording and reading cost the same however many latencies there are: the
 * bucket of the percentile is kept and moved as counts change.
 */
export class LatencyPercentile {
  readonly #percentile: number;
  readonly #halfWindowMs: number;
  /** Counts of the half window that runs. */
  readonly #recent = new Uint32Array(BUCKETS);
  /** Counts of that one and the one before. */
  readonly #all = new Uint32Array(BUCKETS);
  #recentTotal = 0;
  #total = 0;
  /** When the half window that runs ends. */
  #turnsAt = -Infinity;
  /** The bucket that held the percentile when it was last read, and the counts in all buckets below. */
  #cursor = 0;
  #below = 0;

  /** Follows `percentile`, a share in (0, 1), of the last `windowMs` milliseconds. */
  constructor(percentile: number, windowMs: number) {
    this.#percentile = percentile;
    this.#halfWindowMs = windowMs / 2;
  }

  /** Counts a latency that is known at `now`. */
  record(latencyMs: number, now: number): void {
    this.#turn(now);
    const bucket = bucketOf(latencyMs);
    this.#recent[bucket] = countIn(this.#recent, bucket) + 1;
    this.#all[bucket] = countIn(this.#all, bucket) + 1;
    this.#recentTotal++;
    this.#total++;
    if (bucket < this.#cursor) this.#below++;
  }

  /** How many latencies it knows at `now`. */
  size(now: number): number {
    this.#turn(now);
    return this.#total;
  }

  /** The percentile at `now` in milliseconds; `undefined` where it knows no latency. */
  read(now: number): number | undefined {
    this.#turn(now);
    if (this.#total === 0) return undefined;
    const rank = Math.max(1, Math.ceil(this.#percentile * this.#total));
    while (this.#below >= rank) this.#below -= countIn(this.#all, --this.#cursor);
    for (
      let count = countIn(this.#all, this.#cursor);
      this.#below + count < rank;
      count = countIn(this.#all, this.#cursor)
    ) {
      this.#below += count;
      this.#cursor++;
    }
    return middleOf(this.#cursor);
  }

  #turn(now: number): void {
    if (now < this.#turnsAt) return;
    if (now < this.#turnsAt + this.#halfWindowMs) {
      this.#all.set(this.#recent);
      this.#total = this.#recentTotal;
      this.#turnsAt += this.#halfWindowMs;
    } else {
      this.#all.fill(0);
      this.#total = 0;
      this.#turnsAt = now + this.#halfWindowMs;
    }
    this.#recent.fill(0);
    this.#recentTotal = 0;
    this.#cursor = 0;
    this.#below = 0;
  }
}

function exponentOf(latencyMs: number): number {
  return Math.ceil(Math.log(latencyMs) / LOG_GAMMA);
}

function bucketOf(latencyMs: number): number {
  if (!(latencyMs > FASTEST_MS)) return 0;
  if (latencyMs >= SLOWEST_MS) return BUCKETS - 1;
  return exponentOf(latencyMs) - FIRST;
}

/** What differs by as great a share from both bounds of a bucket. */
function middleOf(bucket: number): number {
  return 2 * GAMMA ** (bucket + FIRST) / (GAMMA + 1);
}

function countIn(counts: Uint32Array, bucket: number): number {
  return counts[bucket] ?? 0;
}
