/** What a rate limit allows. */
export interface RateGaugeOptions {
  /** Events a second. */
  readonly rate: number;
  /** Events at once. */
  readonly burst: number;
  /** How late an event may be noticed, in milliseconds: others that come after it then seem nearer than they were. */
  readonly lateMs: number;
}

/**
 * Checks that over any time t no more than `rate` x t + `burst` events happen, by
 * the bucket that this bound describes: it is never overdrawn.
 */
export class RateGauge {
  readonly #report: (seen: string) => void;
  #rate: number;
  #burst: number;
  readonly #lateMs: number;
  #tokens: number;
  #at = -Infinity;

  /** Starts with a full bucket; `report` hears of each event beyond the limit. */
  constructor({ rate, burst, lateMs }: RateGaugeOptions, report: (seen: string) => void) {
    this.#rate = rate;
    this.#burst = burst;
    this.#lateMs = lateMs;
    this.#tokens = this.#room;
    this.#report = report;
  }

  /** Changes the rate at `at`. */
  setRate(rate: number, at: number): void {
    this.#fill(at);
    this.#rate = rate;
  }

  /** An event happens at `at`, in milliseconds. */
  note(at: number): void {
    this.#fill(at);
    this.#tokens--;
    if (this.#tokens >= 0) return;
    const over = (-this.#tokens).toFixed(2);
    this.#report(`${over} events more than ${this.#rate}/s and ${this.#burst} at once allow`);
    this.#tokens = 0;
  }

  get #room(): number {
    return this.#burst + this.#rate * this.#lateMs / 1_000;
  }

  #fill(at: number): void {
    const elapsedMs = Math.max(0, at - this.#at);
    this.#tokens = Math.min(this.#room, this.#tokens + this.#rate * elapsedMs / 1_000);
    this.#at = Math.max(at, this.#at);
  }
}
