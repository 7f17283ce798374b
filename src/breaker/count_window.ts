import { FAILURE, type OutcomeBits, SLOW, TIMEOUT } from "./outcome.ts";
import { NOTHING_EVICTED, OutcomeRing } from "./outcome_ring.ts";
import type { Window } from "./window.ts";

/** The newest `size` outcomes; a call costs the same however large the window is. */
export class CountWindow implements Window {
  readonly #ring: OutcomeRing;
  calls = 0;
  failures = 0;
  slow = 0;
  timeouts = 0;

  /** Creates an empty window over `size` calls. */
  constructor(size: number) {
    this.#ring = new OutcomeRing(size);
  }

  /** Calls held at most. */
  get size(): number {
    return this.#ring.size;
  }

  record(bits: OutcomeBits): void {
    const evicted = this.#ring.push(bits);
    if (evicted === NOTHING_EVICTED) this.calls++;
    else if (evicted !== 0) this.#add(evicted, -1);
    if (bits !== 0) this.#add(bits, 1);
  }

  #add(bits: OutcomeBits, sign: 1 | -1): void {
    if ((bits & FAILURE) !== 0) this.failures += sign;
    if ((bits & SLOW) !== 0) this.slow += sign;
    if ((bits & TIMEOUT) !== 0) this.timeouts += sign;
  }

  advance(): void {
    // What is counted by calls does not age.
  }

  /** The outcomes held, oldest first. */
  outcomes(): Iterable<OutcomeBits> {
    return this.#ring;
  }

  /** A window over `size` calls that holds the newest outcomes of this one. */
  resized(size: number): CountWindow {
    const window = new CountWindow(size);
    let surplus = this.calls - size;
    for (const bits of this.#ring) {
      if (surplus-- <= 0) window.record(bits);
    }
    return window;
  }
}
