import type { Deadline, Expiring } from "./deadline.ts";
import { type Nanos, toNanos } from "./timeline.ts";

/** What keeps lanes. */
export interface LaneHome {
  /** Takes a time limit out of its lane. */
  clear(deadline: LaneDeadline): void;
}

/** When time limits began: one object for all that begin between two looks at the clock. */
export class Start {
  /** The instant; infinite while it is not known. */
  at: Nanos;

  /** Creates a beginning. */
  constructor(at: Nanos = Infinity) {
    this.at = at;
  }
}

/** One time limit in a lane. */
export class LaneDeadline implements Deadline {
  /** When it began. */
  readonly start: Start;
  /** Who is told. */
  readonly owner: Expiring;
  /** The lane that it is part of; `undefined` once it has left. */
  lane: DeadlineLane | undefined;
  /** The one before it in the lane. */
  previous: LaneDeadline | undefined = undefined;
  /** The one after it in the lane. */
  next: LaneDeadline | undefined = undefined;

  /** Created by {@linkcode DeadlineLane.push}. */
  constructor(lane: DeadlineLane, start: Start, owner: Expiring) {
    this.start = start;
    this.owner = owner;
    this.lane = lane;
  }

  clear(): void {
    this.lane?.home.clear(this);
  }
}

/**
 * The time limits of one length, first in, first out: what was set first is due
 * first. Each leaves from anywhere in constant time. A doubly linked list.
 */
export class DeadlineLane {
  /** What keeps it. */
  readonly home: LaneHome;
  /** The length of its time limits, in milliseconds. */
  readonly limitMs: number;
  readonly #limit: Nanos;
  /** An instant before which none of its time limits is due; the order of lanes in a heap. */
  earliest: Nanos = Infinity;
  /** Its place in a heap; -1: it is in none. */
  index = -1;
  /** The time limit that is due first; `undefined`: the lane is empty. */
  first: LaneDeadline | undefined = undefined;
  #last: LaneDeadline | undefined = undefined;

  /** Creates an empty lane. */
  constructor(home: LaneHome, limitMs: number) {
    this.home = home;
    this.limitMs = limitMs;
    this.#limit = toNanos(limitMs);
  }

  /** When what begins at an instant is over. */
  dueAfter(start: Nanos): Nanos {
    return start + this.#limit;
  }

  /** Adds a time limit that begins no sooner than those that are there. */
  push(start: Start, owner: Expiring): LaneDeadline {
    const deadline = new LaneDeadline(this, start, owner);
    const last = this.#last;
    if (last === undefined) {
      this.first = deadline;
    } else {
      last.next = deadline;
      deadline.previous = last;
    }
    this.#last = deadline;
    return deadline;
  }

  /** Takes out a time limit of this lane. */
  remove(deadline: LaneDeadline): void {
    const { previous, next } = deadline;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    deadline.lane = deadline.previous = deadline.next = undefined;
  }
}
