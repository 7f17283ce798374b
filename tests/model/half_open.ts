import type { EffectivePolicy } from "../../src/policy/policy.ts";

type Ramp = NonNullable<EffectivePolicy["ramp"]>;

/** One interval of a ramp. */
export interface Interval {
  /** As it was when the interval began: an edit applies from the next one. */
  readonly ramp: Ramp;
  readonly endsAtMs: number;
  readonly allowance: number;
  admitted: number;
  successes: number;
}

/** What the end of an interval or a success leads to. */
export type Progress = "stays" | "closes";

/** One stay in half-open: the probes in flight and how far recovery has come (R9 to R12). */
export class HalfOpen {
  readonly kind = "half-open";
  readonly #deadlines = new Map<number, number>();
  #successes = 0;
  #goodIntervals = 0;
  #interval: Interval | undefined;

  /** Enters half-open at `nowMs`. */
  constructor(policy: EffectivePolicy, nowMs: number) {
    this.startAnew(policy, nowMs);
  }

  /** Probes in flight. */
  get inFlight(): number {
    return this.#deadlines.size;
  }

  /** Deadline of each probe in flight, by call. */
  get deadlines(): ReadonlyMap<number, number> {
    return this.#deadlines;
  }

  /** Successes since half-open began, while there was no ramp. */
  get successes(): number {
    return this.#successes;
  }

  /** Intervals of the ramp that were good. */
  get goodIntervals(): number {
    return this.#goodIntervals;
  }

  /** The ramp's present interval. */
  get interval(): Readonly<Interval> | undefined {
    return this.#interval;
  }

  /** When the first probe in flight has failed, if none settles. */
  get deadlineMs(): number {
    let first = Infinity;
    for (const deadlineMs of this.#deadlines.values()) first = Math.min(first, deadlineMs);
    return first;
  }

  /** When the ramp's interval ends. */
  get intervalEndsAtMs(): number {
    return this.#interval?.endsAtMs ?? Infinity;
  }

  /** Starts the progress anew and keeps the probes in flight. */
  startAnew(policy: EffectivePolicy, nowMs: number): void {
    this.#successes = 0;
    this.#goodIntervals = 0;
    this.#startInterval(policy, nowMs);
  }

  /** Why a call would be rejected now. */
  refusal(policy: EffectivePolicy): "ramping" | "probing" | undefined {
    const interval = this.#interval;
    if (interval !== undefined && interval.admitted >= interval.allowance) return "ramping";
    const maxProbes = policy.halfOpen.maxProbes ?? (policy.ramp === undefined ? 1 : Infinity);
    return this.#deadlines.size >= maxProbes ? "probing" : undefined;
  }

  /** Takes a slot for the call `id`, which has failed if it is in flight at its deadline. */
  admit(id: number, deadlineMs: number): void {
    this.#deadlines.set(id, deadlineMs);
    if (this.#interval !== undefined) this.#interval.admitted += 1;
  }

  /** Frees the slot of the call `id`. */
  release(id: number): void {
    this.#deadlines.delete(id);
  }

  /** Frees every slot. */
  releaseAll(): void {
    this.#deadlines.clear();
  }

  /** Counts a success. */
  succeed(policy: EffectivePolicy): Progress {
    if (this.#interval !== undefined) {
      this.#interval.successes += 1;
      return "stays";
    }
    this.#successes += 1;
    return this.#successes >= policy.successThreshold ? "closes" : "stays";
  }

  /** Ends the ramp's interval, which is now, and begins the next one. */
  endInterval(policy: EffectivePolicy, nowMs: number): Progress {
    if (this.#interval !== undefined && this.#interval.successes > 0) {
      this.#goodIntervals += 1;
      if (this.#goodIntervals >= this.#interval.ramp.steps) return "closes";
    }
    this.#startInterval(policy, nowMs);
    return "stays";
  }

  #startInterval({ ramp }: EffectivePolicy, nowMs: number): void {
    this.#interval = ramp === undefined ? undefined : {
      ramp,
      endsAtMs: nowMs + ramp.per,
      allowance: Math.floor(ramp.calls * ramp.growth ** this.#goodIntervals * (1 + 1e-12)),
      admitted: 0,
      successes: 0,
    };
  }
}
