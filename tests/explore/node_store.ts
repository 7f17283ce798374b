import type { Digest } from "./state_set.ts";

/** A state that was found, and the way to it. */
export interface Node extends Digest {
  /** The node that it was found from; the first is its own. */
  readonly parent: number;
  /** The event that led from there to here, by its number. */
  readonly code: number;
  /** Events at the end of the way after which nobody has looked yet. */
  readonly unseen: number;
}

/** All nodes in the order in which they were found, in flat arrays: 15 bytes each. */
export class NodeStore {
  #parents = new Uint32Array(1 << 12);
  #codes = new Uint16Array(1 << 12);
  #highs = new Uint32Array(1 << 12);
  #lows = new Uint32Array(1 << 12);
  #unseen = new Uint8Array(1 << 12);
  #size = 0;

  /** Nodes held. */
  get size(): number {
    return this.#size;
  }

  /** Adds a node. */
  add({ parent, code, high, low, unseen }: Node): void {
    if (this.#size === this.#parents.length) this.#grow();
    const index = this.#size++;
    this.#parents[index] = parent;
    this.#codes[index] = code;
    this.#highs[index] = high;
    this.#lows[index] = low;
    this.#unseen[index] = unseen;
  }

  /** The node at an index. */
  at(index: number): Node {
    return {
      parent: this.#parents[index] ?? 0,
      code: this.#codes[index] ?? 0,
      high: this.#highs[index] ?? 0,
      low: this.#lows[index] ?? 0,
      unseen: this.#unseen[index] ?? 0,
    };
  }

  /** The numbers of the events that lead to a node, the first one first. */
  wayTo(index: number): number[] {
    const way: number[] = [];
    for (let at = index; at !== 0; at = this.#parents[at] ?? 0) way.push(this.#codes[at] ?? 0);
    return way.reverse();
  }

  #grow(): void {
    const length = this.#parents.length * 2;
    const grown = <Words extends Uint32Array | Uint16Array | Uint8Array>(
      to: Words,
      from: Words,
    ) => {
      to.set(from);
      return to;
    };
    this.#parents = grown(new Uint32Array(length), this.#parents);
    this.#codes = grown(new Uint16Array(length), this.#codes);
    this.#highs = grown(new Uint32Array(length), this.#highs);
    this.#lows = grown(new Uint32Array(length), this.#lows);
    this.#unseen = grown(new Uint8Array(length), this.#unseen);
  }
}
