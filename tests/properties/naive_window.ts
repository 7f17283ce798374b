import { FAILURE, type OutcomeBits, SLOW, TIMEOUT } from "../../src/breaker/window/outcome.ts";

/** Totals of outcomes: calls, failures, slow calls, timeouts. */
export type Totals = readonly [calls: number, failures: number, slow: number, timeouts: number];

/** The totals of some outcomes, counted one by one. */
export function totalsOf(outcomes: readonly OutcomeBits[]): Totals {
  const having = (bit: number): number => outcomes.filter((bits) => (bits & bit) !== 0).length;
  return [outcomes.length, having(FAILURE), having(SLOW), having(TIMEOUT)];
}

/** A count window that keeps everything, and what each change of size left of it. */
export class NaiveCountWindow {
  #size: number;
  #held: OutcomeBits[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  get held(): readonly OutcomeBits[] {
    return this.#held;
  }

  record(bits: OutcomeBits): void {
    this.#held.push(bits);
    this.#forget();
  }

  resize(size: number): void {
    this.#size = size;
    this.#forget();
  }

  #forget(): void {
    while (this.#held.length > this.#size) this.#held.shift();
  }
}

interface Settled {
  readonly bits: OutcomeBits;
  readonly at: number;
  /** How much younger it may count, because it moved with its slice. */
  readonly lag: number;
  /** Whether it was in for certain when the window last changed its shape. */
  readonly certain: boolean;
}

/** The shape of a time window in nanoseconds. */
export interface Shape {
  readonly duration: number;
  readonly buckets: number;
}

/**
 * A time window that keeps every outcome with its instant, and tells which must
 * be in it and which may be: as old as the duration is out, at most the duration
 * less one bucket is in. Between the two the slices decide. A change of shape
 * may make an outcome younger by less than one slice of the window before, with
 * which it moves whole, and never brings back what had to be out.
 */
export class NaiveTimeWindow {
  #shape: Shape;
  #settled: Settled[] = [];

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  record(bits: OutcomeBits, at: number): void {
    this.#settled.push({ bits, at, lag: 0, certain: true });
  }

  reshape(shape: Shape, at: number): void {
    const { duration, buckets } = this.#shape;
    if (duration === shape.duration && buckets === shape.buckets) return;
    const slice = Math.ceil(duration / buckets);
    this.#settled = this.#settled.filter((each) => this.#mayBeIn(each, at)).map((each) => {
      return { ...each, lag: each.lag + slice, certain: this.#mustBeIn(each, at) };
    });
    this.#shape = shape;
  }

  /** The least that the window may show at `at`. */
  least(at: number): Totals {
    return bitsTotals(this.#settled.filter((each) => this.#mustBeIn(each, at)));
  }

  /** The most that the window may show at `at`. */
  most(at: number): Totals {
    return bitsTotals(this.#settled.filter((each) => this.#mayBeIn(each, at)));
  }

  #mustBeIn({ at: settledAt, certain }: Settled, at: number): boolean {
    const { duration, buckets } = this.#shape;
    return certain && at - settledAt <= duration - duration / buckets;
  }

  #mayBeIn({ at: settledAt, lag }: Settled, at: number): boolean {
    return at - settledAt - lag < this.#shape.duration;
  }
}

function bitsTotals(settled: readonly Settled[]): Totals {
  return totalsOf(settled.map(({ bits }) => bits));
}
