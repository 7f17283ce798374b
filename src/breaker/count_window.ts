import { FAILURE, type OutcomeBits, SLOW, TIMEOUT } from "./outcome.ts";
import { NOTHING_EVICTED, OutcomeRing } from "./outcome_ring.ts";
import type { Window } from "./window.ts";

/** The newest `size` outcomes with running totals; a call costs the same however large the window is. */
export class CountWindow extends OutcomeRing implements Window {
  failures = 0;
  slow = 0;
  timeouts = 0;

  get calls(): number {
    return this.length;
  }

  record(bits: OutcomeBits): void {
    const evicted = this.push(bits);
    if (evicted !== NOTHING_EVICTED && evicted !== 0) this.#add(evicted, -1);
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

  /** A window over `size` calls that holds the newest outcomes of this one. */
  resized(size: number): CountWindow {
    const window = new CountWindow(size);
    let surplus = this.length - size;
    for (const bits of this) {
      if (surplus-- <= 0) window.record(bits);
    }
    return window;
  }
}
