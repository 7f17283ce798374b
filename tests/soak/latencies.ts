/** How long something took each time. */
export class Latencies {
  readonly #ms: number[] = [];
  readonly #limitMs: number;
  readonly #report: (seen: string) => void;

  /** Starts empty; `report` hears of each that took longer than `limitMs`. */
  constructor(limitMs: number, report: (seen: string) => void) {
    this.#limitMs = limitMs;
    this.#report = report;
  }

  /** Notes that `what` took so long. */
  note(what: string, ms: number): void {
    this.#ms.push(ms);
    if (!(ms <= this.#limitMs)) {
      this.#report(`${what} took ${Math.round(ms)} ms, ${this.#limitMs} ms are allowed`);
    }
  }

  /** How many there were. */
  get count(): number {
    return this.#ms.length;
  }

  /** The time that a share of them did not exceed, in milliseconds. */
  percentile(share: number): number {
    const sorted = [...this.#ms].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  }

  /** The distribution in words. */
  toString(): string {
    const [p50, p99, most] = [0.5, 0.99, 1].map((share) => Math.round(this.percentile(share)));
    return `p50 ${p50} ms, p99 ${p99} ms, at most ${most} ms, of ${this.count}`;
  }
}
