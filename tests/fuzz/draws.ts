import { pick, seededRandom } from "../support/seeded_random.ts";

/** Repeatable draws: the same seed makes the same input, on every machine. */
export class Draws {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** An integer from 0 to `below` less one. */
  below(below: number): number {
    return Math.floor(this.#random() * below);
  }

  /** `true` with the given probability. */
  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** One of `items`. */
  pick<Item>(items: readonly Item[]): Item {
    return pick(this.#random, items);
  }

  /** A list of up to `most` items. */
  list<Item>(most: number, make: () => Item): Item[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}
