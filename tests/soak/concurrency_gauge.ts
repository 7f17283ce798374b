/** Counts what is at work at once behind a limit that may change. */
export class ConcurrencyGauge {
  readonly #report: (seen: string) => void;
  #limit: number;
  #active = 0;
  #most = 0;

  /** Starts at rest; `report` hears of each start beyond the limit. */
  constructor(limit: number, report: (seen: string) => void) {
    this.#limit = limit;
    this.#report = report;
  }

  /** Changes the limit for starts from now on; what is at work goes on. */
  setLimit(limit: number): void {
    this.#limit = limit;
  }

  /** Something starts; returns what ends it. */
  start(): () => void {
    this.#active++;
    this.#most = Math.max(this.#most, this.#active);
    if (this.#active > this.#limit) {
      this.#report(`${this.#active} at work, ${this.#limit} are allowed`);
    }
    return () => {
      this.#active--;
    };
  }

  /** What is at work now. */
  get active(): number {
    return this.#active;
  }

  /** The most that was at work at once. */
  get most(): number {
    return this.#most;
  }
}
