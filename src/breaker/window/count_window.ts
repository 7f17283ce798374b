import { FAILURE, type OutcomeBits, SLOW, SUCCESS, TIMEOUT } from "./outcome.ts";
import { NOTHING_EVICTED, OutcomeRing } from "./outcome_ring.ts";
import type { Window } from "./window.ts";

/**
 * The newest `size` outcomes with running totals; a call costs the same however
 * large the window is. Fast successes are only counted as they come, and put
 * into the ring together when somebody asks or something else comes.
 */
export class CountWindow extends OutcomeRing implements Window {
  /** Fast successes that are not in the ring yet. */
  #run = 0;
  #failures = 0;
  #slow = 0;
  #timeouts = 0;

  get calls(): number {
    this.#settle();
    return this.length;
  }

  get failures(): number {
    this.#settle();
    return this.#failures;
  }

  get slow(): number {
    this.#settle();
    return this.#slow;
  }

  get timeouts(): number {
    this.#settle();
    return this.#timeouts;
  }

  succeed(times: number): void {
    this.#run += times;
  }

  record(bits: OutcomeBits): void {
    if (bits === SUCCESS) {
      this.#run++;
      return;
    }
    this.#settle();
    this.#evict(this.push(bits));
    this.#add(bits, 1);
  }

  /** Puts the run into the ring. */
  #settle(): void {
    if (this.#run === 0) return;
    let left = Math.min(this.#run, this.size);
    this.#run = 0;
    // Once nothing but fast successes is held, the rest of the run goes in at once.
    for (; left > 0 && (this.#failures > 0 || this.#slow > 0); left--) {
      this.#evict(this.push(SUCCESS));
    }
    if (left > 0) this.pushToClean(left);
  }

  #evict(bits: OutcomeBits): void {
    if (bits !== NOTHING_EVICTED && bits !== SUCCESS) this.#add(bits, -1);
  }

  #add(bits: OutcomeBits, sign: 1 | -1): void {
    if ((bits & FAILURE) !== 0) this.#failures += sign;
    if ((bits & SLOW) !== 0) this.#slow += sign;
    if ((bits & TIMEOUT) !== 0) this.#timeouts += sign;
  }

  advance(): void {
    // What is counted by calls does not age.
  }

  /** The outcomes, oldest first. */
  override *[Symbol.iterator](): Generator<OutcomeBits> {
    this.#settle();
    yield* super[Symbol.iterator]();
  }

  /** A window over `size` calls that holds the newest outcomes of this one. */
  resized(size: number): CountWindow {
    const window = new CountWindow(size);
    let surplus = this.calls - size;
    for (const bits of this) {
      if (surplus-- <= 0) window.record(bits);
    }
    return window;
  }
}
