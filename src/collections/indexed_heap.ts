/** What can stand in an {@linkcode IndexedHeap}. */
export interface Indexed {
  /** Its place in the heap; -1: it is in none. */
  index: number;
}

/**
 * Things in an order, the first one at hand. Each knows its place, so that it
 * moves and leaves from anywhere. A binary heap (Williams, "Algorithm 232:
 * Heapsort", CACM 1964): O(log n) to add, move and remove.
 */
export class IndexedHeap<T extends Indexed> {
  readonly #items: T[] = [];
  readonly #isBefore: (one: T, other: T) => boolean;

  /** Starts empty; `isBefore` tells the order. */
  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore;
  }

  /** The one that no other comes before. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** Adds one. */
  add(item: T): void {
    this.#rise(item, this.#items.length);
  }

  /** Takes one out that is in it. */
  remove(item: T): void {
    const last = this.#items.pop();
    const { index } = item;
    item.index = -1;
    if (last === undefined || last === item) return;
    this.#rise(last, index);
    this.#sink(last, last.index);
  }

  /** Finds the place of one whose order has changed. */
  move(item: T): void {
    this.#rise(item, item.index);
    this.#sink(item, item.index);
  }

  #put(item: T, index: number): void {
    this.#items[index] = item;
    item.index = index;
  }

  #rise(item: T, from: number): void {
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      this.#put(parent, index);
      index = above;
    }
    this.#put(item, index);
  }

  #sink(item: T, from: number): void {
    let index = from;
    for (;;) {
      const left = this.#items[2 * index + 1];
      const right = this.#items[2 * index + 2];
      const child = right !== undefined && left !== undefined && this.#isBefore(right, left)
        ? right
        : left;
      if (child === undefined || !this.#isBefore(child, item)) break;
      const below = child.index;
      this.#put(child, index);
      index = below;
    }
    this.#put(item, index);
  }
}
