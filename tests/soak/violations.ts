/** What is kept of one invariant that was violated. */
export interface Violation {
  /** What must be true. */
  readonly invariant: string;
  /** How often it was not. */
  readonly times: number;
  /** What was seen, the first few times. */
  readonly seen: readonly string[];
}

/** What was seen that must not be is kept so often for each invariant. */
const KEPT = 5;

/** Collects what the checks find. */
export class Violations {
  readonly #found = new Map<string, { times: number; readonly seen: string[] }>();

  /** Notes that `invariant` did not hold, and what was seen instead. */
  add(invariant: string, seen: string): void {
    let found = this.#found.get(invariant);
    if (found === undefined) this.#found.set(invariant, found = { times: 0, seen: [] });
    found.times++;
    if (found.seen.length < KEPT) found.seen.push(seen);
  }

  /** Notes everything in `seen`. */
  addAll(invariant: string, seen: readonly string[]): void {
    for (const each of seen) this.add(invariant, each);
  }

  /** How many there were. */
  get count(): number {
    return [...this.#found.values()].reduce((sum, { times }) => sum + times, 0);
  }

  /** Every invariant that was violated. */
  all(): Violation[] {
    return Array.from(this.#found, ([invariant, { times, seen }]) => ({ invariant, times, seen }));
  }
}
