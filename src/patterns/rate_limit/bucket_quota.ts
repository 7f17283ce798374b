import type { Nanos } from "../../time/timeline.ts";
import type { Quota } from "./quota.ts";
import { Refill } from "./refill.ts";

/** Tokens that a bucket has promised for an instant. */
export interface Promised {
  /** How many. */
  readonly n: number;
  /** From when on they may be used. */
  readonly actAt: Nanos;
  /** Which promise this is, which one was the newest before it, and the latest instant promised by then. */
  readonly id: number;
  readonly newestBefore: number;
  readonly lastBefore: Nanos;
}

/**
 * A token bucket: full at first, refilled at a rate up to its burst. Promises
 * for the future put it in debt. Tokens are a whole number and a time that has
 * since gone by, so that no fraction of a token is ever rounded.
 */
export class BucketQuota implements Quota {
  #refill: Refill;
  #burst: number;
  /** Tokens there were `#phase` nanoseconds before `#at`; below 0 in debt. */
  #tokens: number;
  #phase: Nanos = 0;
  #at: Nanos;
  /** The latest instant that a promise was made for. */
  #lastAct: Nanos;
  #promises = 0;
  /** The newest promise that has not been taken back. */
  #newest = 0;

  constructor(rate: number, burst: number, at: Nanos) {
    this.rate = rate;
    this.#refill = Refill.of(rate);
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = at;
    this.#lastAct = at;
  }

  /** Tokens a second. */
  rate: number;

  get burst(): number {
    return this.#burst;
  }

  get most(): number {
    return this.#isUnlimited() ? Infinity : this.#burst;
  }

  /** What is there, fractions included. */
  tokens(at: Nanos): number {
    if (this.#isUnlimited()) return Infinity;
    this.#advance(at);
    const { tokens, nanos } = this.#refill;
    return this.#tokens + this.#phase * tokens / nanos;
  }

  take(n: number, at: Nanos): boolean {
    if (this.#isUnlimited()) return true;
    this.#advance(at);
    if (n > this.#whole()) return false;
    this.#tokens -= n;
    return true;
  }

  delay(n: number, at: Nanos, ahead: number): Nanos {
    if (this.#isUnlimited()) return 0;
    this.#advance(at);
    return Math.max(0, this.#refill.nanosFor(ahead + n - this.#tokens) - this.#phase);
  }

  isFull(at: Nanos): boolean {
    if (this.#isUnlimited()) return true;
    this.#advance(at);
    return this.#whole() >= this.#burst;
  }

  /** Takes `n` tokens now for the instant at which they are there; `undefined` if that never comes. */
  promise(n: number, at: Nanos): Promised | undefined {
    if (n > this.most) return undefined;
    if (this.#isUnlimited()) {
      return { n: 0, actAt: at, id: 0, newestBefore: 0, lastBefore: at };
    }
    const delay = this.delay(n, at, 0);
    if (delay === Infinity || this.#tokens - n < -Number.MAX_SAFE_INTEGER) return undefined;
    const promised = {
      n,
      actAt: at + delay,
      id: ++this.#promises,
      newestBefore: this.#newest,
      lastBefore: this.#lastAct,
    };
    this.#tokens -= n;
    this.#newest = promised.id;
    this.#lastAct = Math.max(this.#lastAct, promised.actAt);
    return promised;
  }

  /**
   * Takes a promise back. The newest one goes back whole. Of an older one, what
   * comes in between its instant and the last one promised has been counted on
   * by those that came after; given back as well, it would let through more than the
   * burst at their instants (x/time/rate: `Reservation.CancelAt`).
   */
  takeBack({ n, actAt, id, newestBefore, lastBefore }: Promised, at: Nanos): void {
    if (n === 0 || at > actAt || this.#isUnlimited()) return;
    this.#advance(at);
    if (id === this.#newest) {
      this.#newest = newestBefore;
      this.#lastAct = lastBefore;
      this.#add(n);
    } else {
      // Instants are rounded up to a nanosecond, so that one less may lie in between.
      const between = Math.max(0, this.#lastAct - actAt - 1);
      this.#add(Math.max(0, n - this.#refill.gainedAtMost(between)));
    }
  }

  /** Refills at another rate from now on; what is there stays. */
  setRate(rate: number, at: Nanos): void {
    const tokens = this.tokens(at);
    const isLimited = !this.#isUnlimited();
    this.rate = rate;
    this.#refill = Refill.of(rate);
    this.#at = at;
    this.#tokens = isLimited ? Math.floor(tokens) : this.#burst;
    const fraction = isLimited ? tokens - this.#tokens : 0;
    this.#phase = rate > 0 && this.#refill.nanos < Infinity && rate < Infinity
      ? Math.floor(fraction * this.#refill.nanos / this.#refill.tokens)
      : 0;
  }

  /** Holds more or less from now on; what is there stays, as far as there is room. */
  setBurst(burst: number, at: Nanos): void {
    if (!this.#isUnlimited()) this.#advance(at);
    this.#burst = burst;
    this.#add(0);
  }

  describe(): string {
    if (this.#isUnlimited()) return "any number of calls";
    return `${this.rate} a second in bursts of up to ${this.#burst}`;
  }

  #isUnlimited(): boolean {
    return this.#refill === Refill.UNLIMITED;
  }

  #whole(): number {
    return this.#tokens + this.#refill.gained(this.#phase);
  }

  #add(n: number): void {
    this.#tokens += n;
    if (this.#isUnlimited() || this.#whole() >= this.#burst) {
      this.#tokens = this.#burst;
      this.#phase = 0;
    }
  }

  #advance(at: Nanos): void {
    const passed = at - this.#at;
    if (passed <= 0) return;
    this.#at = at;
    const { nanos, tokens } = this.#refill;
    let phase = this.#phase + passed;
    if (phase >= nanos) {
      const rest = phase % nanos;
      this.#tokens += (phase - rest) / nanos * tokens;
      phase = rest;
    }
    this.#phase = phase;
    this.#add(0);
  }
}
