import type { OutcomeBits } from "./outcome.ts";

/** What {@linkcode OutcomeRing.push} returns while the ring is not yet full. */
export const NOTHING_EVICTED: OutcomeBits = -1;

const BITS = 3;
const MASK = (1 << BITS) - 1;
/** Ten outcomes fill 30 bits, the most that V8 keeps unboxed in every build. */
const PER_WORD = 10;
const LAST_SHIFT = (PER_WORD - 1) * BITS;
/** A ring of at most so many outcomes has all its words from the start: grown, they would take more room. */
const ALLOCATED_AT_ONCE = 1_000;

/**
 * The newest `size` outcomes, three bits each, in a ring of 30-bit words. The
 * words of a large ring come into being with the first outcome in or behind
 * them that is no fast success.
 */
export class OutcomeRing {
  /** Outcomes held at most. */
  readonly size: number;
  readonly #words: number[];
  #length = 0;
  /** Where the next outcome goes, as a slot and as word and shift, so that no push divides. */
  #slot = 0;
  #word = 0;
  #shift = 0;

  /** Creates an empty ring for `size` outcomes. */
  constructor(size: number) {
    this.size = size;
    this.#words = size <= ALLOCATED_AT_ONCE ? Array(Math.ceil(size / PER_WORD)).fill(0) : [];
  }

  /** Outcomes held now. */
  get length(): number {
    return this.#length;
  }

  /** Adds the newest outcome and returns the one that it pushed out, or {@linkcode NOTHING_EVICTED}. */
  push(bits: OutcomeBits): OutcomeBits {
    const words = this.#words;
    const word = this.#word;
    const shift = this.#shift;
    let evicted = NOTHING_EVICTED;
    if (this.#length === this.size) {
      const packed = words[word] ?? 0;
      evicted = (packed >> shift) & MASK;
      words[word] = packed ^ ((evicted ^ bits) << shift);
    } else {
      this.#length++;
      if (bits !== 0) {
        while (words.length <= word) words.push(0);
        words[word] = (words[word] ?? 0) | (bits << shift);
      }
    }
    if (++this.#slot === this.size) {
      this.#slot = 0;
      this.#word = 0;
      this.#shift = 0;
    } else if (shift === LAST_SHIFT) {
      this.#word = word + 1;
      this.#shift = 0;
    } else {
      this.#shift = shift + BITS;
    }
    return evicted;
  }

  /** Adds `count` fast successes to a ring that holds nothing else, in one step. */
  pushToClean(count: number): void {
    this.#length = Math.min(this.size, this.#length + count);
    this.#slot = (this.#slot + count) % this.size;
    this.#word = Math.floor(this.#slot / PER_WORD);
    this.#shift = this.#slot % PER_WORD * BITS;
  }

  /** The outcomes, oldest first. */
  *[Symbol.iterator](): Generator<OutcomeBits> {
    const first = this.#length === this.size ? this.#slot : 0;
    for (let i = 0; i < this.#length; i++) {
      const slot = (first + i) % this.size;
      const packed = this.#words[Math.floor(slot / PER_WORD)] ?? 0;
      yield (packed >> (slot % PER_WORD * BITS)) & MASK;
    }
  }
}
