import type { DeadlineLane } from "./deadline_lane.ts";

/**
 * Lanes by their `earliest`, the least first. Each lane knows its place, so that
 * one that is empty leaves from anywhere. A binary heap (Williams, "Algorithm
 * 232: Heapsort", CACM 1964): O(log n) to add, move and remove.
 */
export class LaneHeap {
  readonly #lanes: DeadlineLane[] = [];

  /** The lane with the least `earliest`. */
  get first(): DeadlineLane | undefined {
    return this.#lanes[0];
  }

  /** Adds a lane. */
  add(lane: DeadlineLane): void {
    this.#rise(lane, this.#lanes.length);
  }

  /** Takes a lane out that is in it. */
  remove(lane: DeadlineLane): void {
    const last = this.#lanes.pop();
    const { index } = lane;
    lane.index = -1;
    if (last === undefined || last === lane) return;
    this.#rise(last, index);
    this.#sink(last, last.index);
  }

  /** Finds the place of a lane whose `earliest` was raised. */
  moveBack(lane: DeadlineLane): void {
    this.#sink(lane, lane.index);
  }

  #put(lane: DeadlineLane, index: number): void {
    this.#lanes[index] = lane;
    lane.index = index;
  }

  #rise(lane: DeadlineLane, from: number): void {
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#lanes[above];
      if (parent === undefined || parent.earliest <= lane.earliest) break;
      this.#put(parent, index);
      index = above;
    }
    this.#put(lane, index);
  }

  #sink(lane: DeadlineLane, from: number): void {
    let index = from;
    for (;;) {
      const left = this.#lanes[2 * index + 1];
      const right = this.#lanes[2 * index + 2];
      const child = right !== undefined && left !== undefined && right.earliest < left.earliest
        ? right
        : left;
      if (child === undefined || child.earliest >= lane.earliest) break;
      const below = child.index;
      this.#put(child, index);
      index = below;
    }
    this.#put(lane, index);
  }
}
