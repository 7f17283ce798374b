import type { Nanos } from "../../time/timeline.ts";

const NANOS_PER_SECOND = 1_000_000_000n;
/** Products of what a {@linkcode Refill} holds stay whole numbers below 2^53, and quotients of them exact when rounded down. */
const EXACT = 2n ** 52n;
/** A token that takes longer than this (about ten hours) is counted in whole nanoseconds. */
const LONG_PERIOD: Nanos = 2 ** 45;

/**
 * A rate as `tokens` per `nanos`, both whole numbers, so that tokens are
 * counted without ever rounding: nothing drifts, over any time. It is the
 * simplest fraction that is the same floating point number as the rate (0.1 is
 * 1 in 10 s, 1/3 is 1 in 3 s), or else the nearest one below it.
 */
export class Refill {
  /** No limit. */
  static readonly UNLIMITED: Refill = new Refill(Infinity, 1);

  /** Gives `tokens` in `nanos` nanoseconds. */
  constructor(readonly tokens: number, readonly nanos: Nanos) {}

  /** The refill of a rate in tokens a second, from 0 to infinity. */
  static of(rate: number): Refill {
    if (rate === Infinity) return Refill.UNLIMITED;
    const period = Number(NANOS_PER_SECOND) / rate;
    if (!Number.isFinite(period)) return new Refill(0, Infinity);
    if (period >= LONG_PERIOD) return new Refill(1, Math.ceil(period));
    const perNano = Math.floor(1 / period);
    if (perNano >= Number(EXACT)) return new Refill(Number(EXACT), 1);
    return simplest(rate);
  }

  /** Whole tokens that `nanos` nanoseconds bring, less than one round of them. */
  gained(nanos: Nanos): number {
    return Math.floor(nanos * this.tokens / this.nanos);
  }

  /** Tokens that `nanos` nanoseconds bring, rounded up. */
  gainedAtMost(nanos: Nanos): number {
    const rest = nanos % this.nanos;
    return (nanos - rest) / this.nanos * this.tokens + Math.ceil(rest * this.tokens / this.nanos);
  }

  /** The shortest time that brings `tokens` tokens. */
  nanosFor(tokens: number): Nanos {
    if (tokens <= 0) return 0;
    if (this.tokens === 0) return Infinity;
    const rest = tokens % this.tokens;
    return (tokens - rest) / this.tokens * this.nanos + Math.ceil(rest * this.nanos / this.tokens);
  }
}

/** The fraction by continued fractions: every second one of the approximations is from below. */
function simplest(rate: number): Refill {
  let [numerator, denominator] = exactFraction(rate);
  denominator *= NANOS_PER_SECOND;
  let before = { tokens: 0n, nanos: 1n };
  let last = { tokens: 1n, nanos: 0n };
  for (let isBelow = true; denominator > 0n; isBelow = !isBelow) {
    const quotient = numerator / denominator;
    const next = step(before, last, quotient);
    if (next.tokens * next.nanos > EXACT) {
      // The terms in between are approximations, too, from the same side.
      if (isBelow) last = step(before, last, largestStep(before, last, quotient));
      break;
    }
    [before, last] = [last, next];
    if (Number(last.tokens * NANOS_PER_SECOND) / Number(last.nanos) === rate) break;
    [numerator, denominator] = [denominator, numerator % denominator];
  }
  return new Refill(Number(last.tokens), Number(last.nanos));
}

interface Fraction {
  readonly tokens: bigint;
  readonly nanos: bigint;
}

function step(before: Fraction, last: Fraction, quotient: bigint): Fraction {
  return {
    tokens: quotient * last.tokens + before.tokens,
    nanos: quotient * last.nanos + before.nanos,
  };
}

/** The largest quotient whose fraction can be counted with exactly. */
function largestStep(before: Fraction, last: Fraction, tooLarge: bigint): bigint {
  let low = 0n;
  let high = tooLarge;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    const { tokens, nanos } = step(before, last, middle);
    if (tokens * nanos > EXACT) high = middle;
    else low = middle;
  }
  return low;
}

/** What a floating point number stands for: a whole number over a power of two. */
function exactFraction(value: number): [bigint, bigint] {
  let denominator = 1n;
  while (!Number.isInteger(value)) {
    value *= 2;
    denominator *= 2n;
  }
  return [BigInt(value), denominator];
}
