/**
 * The model's time. It moves as the clock is read (R16), and by what a restored
 * breaker has slept through (R19), of which the clock knows nothing.
 */
export class Time {
  #nowMs = 0;
  #unreadMs = 0;
  #sleptMs = 0;

  /** As far as everything that was due has been made. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** What the clock has moved by since it was read; negative: back. */
  get unreadMs(): number {
    return this.#unreadMs;
  }

  /** Moves the clock, which nobody reads yet. */
  advance(ms: number): void {
    this.#unreadMs += ms;
  }

  /** Sleeps from now on for so long, which the clock will not show. */
  fallAsleep(ms: number): void {
    this.#sleptMs += ms;
  }

  /** Reads the clock, and gives the instant that it is now: one behind the last reading leaves time standing. */
  read(): number {
    const untilMs = this.#nowMs + Math.max(0, this.#unreadMs);
    this.#unreadMs = 0;
    return untilMs;
  }

  /** Moves on to an instant, if it is not past. */
  reach(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** What the clock showed at an instant, or would have shown, had it run on while the breaker slept. */
  onClock(atMs: number): number {
    return atMs - this.#sleptMs;
  }
}
