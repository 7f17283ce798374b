import { isUndetected, type Result } from "./mutation_run.ts";

/** How often progress is printed. */
const EVERY_MS = 5_000;

/** Tells how far a run is, how fast it goes, and how long it will take. */
export class Progress {
  readonly #of: number;
  readonly #print: (line: string) => void;
  readonly #startedAt = performance.now();
  #printedAt = -Infinity;
  #done = 0;
  #survived = 0;

  /** Tells of a run of `of` mutants. */
  constructor(of: number, print: (line: string) => void) {
    this.#of = of;
    this.#print = print;
  }

  /** Takes a result, and prints a line every few seconds and at the end. */
  add(result: Result): void {
    this.#done++;
    if (isUndetected(result)) this.#survived++;
    const now = performance.now();
    if (now - this.#printedAt < EVERY_MS && this.#done < this.#of) return;
    this.#printedAt = now;
    const seconds = (now - this.#startedAt) / 1_000;
    const rate = this.#done / seconds;
    const left = Math.ceil((this.#of - this.#done) / rate);
    this.#print(
      `${this.#done} of ${this.#of} mutants, ${this.#survived} survived, ` +
        `${rate.toFixed(1)} a second, ${left} s left`,
    );
  }
}
