import type { EffectivePolicy } from "../../src/policy/policy.ts";

/** A counted outcome: `timeout` is a failure that is counted apart too. */
export type Counted = "success" | "failure" | "timeout";

/** What a window holds, counted. */
export interface Tally {
  readonly calls: number;
  readonly failures: number;
  readonly successes: number;
  readonly slow: number;
  readonly timeouts: number;
}

type Shape = EffectivePolicy["window"];
type TimeShape = Extract<Shape, { kind: "time" }>;

/** A recorded outcome. */
export interface Entry {
  readonly atMs: number;
  readonly outcome: Counted;
  readonly slow: boolean;
  /** Sum of the buckets in which time windows of earlier shapes kept the entry: its time is known no better. */
  readonly grainMs: number;
  /** How late buckets of earlier shapes, which know but their last outcome's time, may believe it settled. */
  readonly believedAtMs: number;
  /** An earlier shape of the window was free to have let go of the entry. */
  readonly doubtful: boolean;
}

/**
 * R3 as a list of outcomes with their exact times. Of a time window, R3 leaves
 * open whether an outcome between `duration` less one bucket and `duration` old
 * is still in, so the answer is every content that it allows.
 */
export class History {
  #shape: Shape;
  #entries: Entry[] = [];

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  /** Adds an outcome that was settled at `atMs`. */
  add(outcome: Counted, slow: boolean, atMs: number): void {
    this.#entries.push({ atMs, outcome, slow, grainMs: 0, believedAtMs: atMs, doubtful: false });
    this.#keepNewest();
  }

  /** R14: goes on as a window of the given shape, with what the old one held at `nowMs`. */
  reshape(shape: Shape, nowMs: number): void {
    const old = this.#shape;
    this.#shape = shape;
    if (old.kind !== shape.kind) {
      this.#entries = [];
    } else if (old.kind === "count") {
      this.#keepNewest();
    } else if (shape.kind === "time") {
      if (old.duration === shape.duration && old.buckets === shape.buckets) return;
      const bucketMs = old.duration / old.buckets;
      const entries = this.#entries.filter((entry) => nowMs - entry.believedAtMs < old.duration);
      this.#entries = entries.map((entry) => ({
        ...entry,
        doubtful: !isCertain(entry, old, nowMs),
        grainMs: entry.grainMs + bucketMs,
        believedAtMs: Math.max(
          ...entries.map(({ believedAtMs }) => believedAtMs)
            .filter((atMs) => atMs - entry.believedAtMs < bucketMs),
        ),
      }));
    }
  }

  /** Every content that R3 allows at `nowMs`, from the fewest calls to the most; one where it leaves nothing open. */
  possible(nowMs: number): Tally[] {
    const shape = this.#shape;
    const kept = this.kept(nowMs);
    if (shape.kind === "count") return [tally(kept)];
    const firstCertain = kept.findIndex((entry) => isCertain(entry, shape, nowMs));
    const open = firstCertain === -1 ? kept.length : firstCertain;
    // The older of two outcomes never outlives the newer one.
    return Array.from({ length: open + 1 }, (_, index) => tally(kept.slice(open - index)));
  }

  /** The outcomes that may be in at `nowMs`, oldest first. */
  kept(nowMs: number): readonly Entry[] {
    const duration = this.#shape.kind === "time" ? this.#shape.duration : Infinity;
    // R14 keeps "what is young enough", R3 lets go of "what is as old as the duration": of a bucket
    // of an earlier shape that is both in part, no window of buckets can do both, so either is right.
    return this.#entries.filter((entry) => nowMs - entry.believedAtMs < duration);
  }

  #keepNewest(): void {
    if (this.#shape.kind === "count") this.#entries = this.#entries.slice(-this.#shape.size);
  }
}

function isCertain(entry: Entry, shape: TimeShape, nowMs: number): boolean {
  const surelyInForMs = shape.duration - shape.duration / shape.buckets - entry.grainMs;
  return !entry.doubtful && nowMs - entry.atMs <= surelyInForMs;
}

function tally(entries: readonly Entry[]): Tally {
  let successes = 0;
  let slow = 0;
  let timeouts = 0;
  for (const entry of entries) {
    if (entry.outcome === "success") successes += 1;
    if (entry.outcome === "timeout") timeouts += 1;
    if (entry.slow) slow += 1;
  }
  return { calls: entries.length, failures: entries.length - successes, successes, slow, timeouts };
}
