/** Two words of 32 bits that stand for a signature. */
export interface Digest {
  readonly high: number;
  readonly low: number;
}

const number64 = new Float64Array(1);
const words = new Uint32Array(number64.buffer);

/**
 * MurmurHash3 (Austin Appleby) with two seeds, and so 64 bits. That any two of n
 * states share a digest, and one of them goes unexplored, has a chance of about
 * n^2 / 2^65: one in 30 million for a million states, one in 3,000 for 10^8.
 */
export function digestOf(signature: readonly number[]): Digest {
  let high = 0x9747b28c;
  let low = 0x3c6ef372;
  for (const value of signature) {
    number64[0] = value + 0; // there is one zero
    for (let i = 0; i < 2; i++) {
      const word = words[i] ?? 0;
      high = mixed(high, word, 0xcc9e2d51, 0x1b873593);
      low = mixed(low, word, 0x239b961b, 0xab0e9789);
    }
  }
  return { high: finished(high ^ signature.length), low: finished(low ^ signature.length) };
}

function mixed(hash: number, word: number, one: number, two: number): number {
  const k = Math.imul(rotated(Math.imul(word, one), 15), two);
  return (Math.imul(rotated(hash ^ k, 13), 5) + 0xe6546b64) | 0;
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function finished(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A set of digests in two flat arrays: 8 bytes each, where a `Set` of texts takes hundreds. */
export class StateSet {
  #highs = new Uint32Array(1 << 12);
  #lows = new Uint32Array(1 << 12);
  #size = 0;

  /** Digests held. */
  get size(): number {
    return this.#size;
  }

  /** Adds a digest; whether it is new. */
  add({ high, low }: Digest): boolean {
    if (this.#size * 2 >= this.#highs.length) this.#grow();
    // Both words 0 means: free.
    return this.#put(high, high === 0 && low === 0 ? 1 : low);
  }

  #put(high: number, low: number): boolean {
    const mask = this.#highs.length - 1;
    let at = low & mask;
    while (this.#highs[at] !== 0 || this.#lows[at] !== 0) {
      if (this.#highs[at] === high && this.#lows[at] === low) return false;
      at = (at + 1) & mask;
    }
    this.#highs[at] = high;
    this.#lows[at] = low;
    this.#size++;
    return true;
  }

  #grow(): void {
    const highs = this.#highs;
    const lows = this.#lows;
    this.#highs = new Uint32Array(highs.length * 2);
    this.#lows = new Uint32Array(lows.length * 2);
    this.#size = 0;
    for (const [at, high] of highs.entries()) {
      const low = lows[at] ?? 0;
      if (high !== 0 || low !== 0) this.#put(high, low);
    }
  }
}
