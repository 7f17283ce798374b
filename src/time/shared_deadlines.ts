import { IndexedHeap } from "../collections/indexed_heap.ts";
import type { Clock } from "./clock.ts";
import type { Deadline, Deadlines, Expiring } from "./deadline.ts";
import { DeadlineLane, type LaneDeadline, type LaneHome, Start } from "./deadline_lane.ts";
import { type Nanos, Timeline, toMs, toNanos } from "./timeline.ts";

/** Time limits set within {@linkcode SPAN} that make a burst. */
const DENSE = 200;
/** The stretch of time that density is judged over. */
const SPAN: Nanos = toNanos(4);
/** How often a burst is looked at, in milliseconds. */
const TICK_MS = 1;
/** Time limits set from one look to the next that keep a burst alive. */
const KEEPS_BURST = 16;
/** By how much a platform's timers may fire before its clock says so. */
const PRECISION: Nanos = toNanos(2);
/** A timer so late is lost: the program's timers were replaced, by those of a test, say. */
const LOST: Nanos = toNanos(1_000);

/** How time limits are shared. */
export interface SharedDeadlinesOptions {
  /** Whether those of a burst begin with its next look at the clock, and its timer outlives the last of them. @default false */
  readonly isCoarse?: boolean;
}

/**
 * Time limits that share one timer, because setting and clearing one costs many
 * times what the rest of a call does. Those of one length wait in one lane,
 * first in, first out; the lanes stand in a heap. So setting and clearing costs
 * the same however many there are, or O(log n) where each has a length of its
 * own, and a length that nobody uses any more is forgotten.
 *
 * The timer may be early for what is left, and is then set anew. It is cleared
 * with the last time limit.
 *
 * Where timers and readings of the clock are dear, a burst of more than
 * {@linkcode DENSE} time limits in four milliseconds is told them coarsely: its
 * timer goes on, a millisecond at a time, until the burst is over, and what it
 * sets begins when the timer next fires: never early, and late by a millisecond
 * at most while the event loop turns.
 */
export class SharedDeadlines implements Deadlines, LaneHome {
  readonly #clock: Clock;
  readonly #timeline: Timeline;
  readonly #isCoarse: boolean;
  readonly #lanes = new Map<number, DeadlineLane>();
  readonly #heap = new IndexedHeap<DeadlineLane>((one, other) => one.earliest < other.earliest);
  /** The lane that was used last, kept while it is empty. */
  #recent: DeadlineLane | undefined;
  #count = 0;
  #timer: unknown;
  #wakesAt: Nanos = Infinity;
  /** Tells a timer that is in force from one that was cleared in vain. */
  #wake = 0;
  /** The instant that a timer was set for that fired before the clock said so, and was set anew. */
  #earlyFor: Nanos = -Infinity;
  /** Time limits set since `#spanSince`, or in a burst since the last look. */
  #sets = 0;
  #spanSince: Nanos = -Infinity;
  #inBurst = false;
  /** What begins before the next look at a burst, and when the last look was. */
  #start = new Start();
  #lookedAt: Nanos = 0;

  /** Creates time limits on `clock`. */
  constructor(clock: Clock, { isCoarse = false }: SharedDeadlinesOptions = {}) {
    this.#clock = clock;
    this.#timeline = Timeline.of(clock);
    this.#isCoarse = isCoarse;
  }

  /** Lengths that are remembered: those in use, and the last one. */
  get lengths(): number {
    return this.#lanes.size;
  }

  set(limitMs: number, owner: Expiring): Deadline {
    const lane = this.#recent?.limitMs === limitMs ? this.#recent : this.#laneOf(limitMs);
    this.#sets++;
    const start = this.#inBurst ? this.#start : this.#startNow(lane);
    const deadline = lane.push(start, owner);
    if (lane.index < 0) {
      lane.earliest = this.#dueOf(deadline, lane);
      this.#heap.add(lane);
    }
    this.#count++;
    return deadline;
  }

  /** Looks at the clock, and sets the timer where it would be too late for what begins now. */
  #startNow(lane: DeadlineLane): Start {
    const now = this.#timeline.now();
    const due = lane.dueAfter(now);
    if (this.#isCoarse && this.#isDense(now)) {
      this.#beginBurst(now);
      this.#wakeAt(Math.min(due, this.#wakesAt), now);
    } else if (due < this.#wakesAt) this.#wakeAt(due, now);
    else if (now - this.#wakesAt > LOST) this.#wakeAt(now, now);
    return new Start(now);
  }

  /** When a time limit is over; an instant before, while its beginning is not known. */
  #dueOf({ start }: LaneDeadline, lane: DeadlineLane): Nanos {
    return lane.dueAfter(start.at < Infinity ? start.at : this.#lookedAt);
  }

  clear(deadline: LaneDeadline): void {
    const { lane } = deadline;
    if (lane === undefined) return;
    this.#take(deadline, lane);
    if (this.#count === 0 && !this.#inBurst) this.#sleep();
  }

  #laneOf(limitMs: number): DeadlineLane {
    let lane = this.#lanes.get(limitMs);
    if (lane === undefined) {
      lane = new DeadlineLane(this, limitMs);
      this.#lanes.set(limitMs, lane);
    }
    const before = this.#recent;
    this.#recent = lane;
    if (before !== undefined && before.first === undefined) this.#drop(before);
    return lane;
  }

  #take(deadline: LaneDeadline, lane: DeadlineLane): void {
    lane.remove(deadline);
    this.#count--;
    if (lane.first === undefined && lane !== this.#recent) this.#drop(lane);
  }

  #drop(lane: DeadlineLane): void {
    if (lane.index >= 0) this.#heap.remove(lane);
    this.#lanes.delete(lane.limitMs);
    if (lane === this.#recent) this.#recent = undefined;
  }

  /** The lane whose first time limit is due first; what has become empty or late is put in order on the way. */
  #next(): DeadlineLane | undefined {
    for (let lane = this.#heap.first; lane !== undefined; lane = this.#heap.first) {
      if (lane.first === undefined) {
        this.#drop(lane);
        continue;
      }
      const due = this.#dueOf(lane.first, lane);
      if (due <= lane.earliest) return lane;
      lane.earliest = due;
      this.#heap.move(lane);
    }
    return undefined;
  }

  /** Sets the timer for an instant, in a burst for the next look if that comes before. */
  #wakeAt(at: Nanos, now: Nanos): void {
    const leftMs = Math.max(0, toMs(at - now));
    const untilMs = at === this.#earlyFor ? Math.ceil(leftMs) : leftMs;
    const isTick = this.#inBurst && untilMs > TICK_MS;
    const wake = this.#wake + 1;
    const timer = this.#clock.setTimeout(() => {
      if (wake === this.#wake) this.#look();
    }, isTick ? TICK_MS : untilMs);
    if (this.#wakesAt < Infinity) this.#clock.clearTimeout(this.#timer);
    this.#wake = wake;
    this.#timer = timer;
    this.#wakesAt = isTick ? now + toNanos(TICK_MS) : at;
  }

  #isDense(now: Nanos): boolean {
    if (now - this.#spanSince <= SPAN) return this.#sets > DENSE;
    this.#spanSince = now;
    this.#sets = 1;
    return false;
  }

  #beginBurst(now: Nanos): void {
    this.#inBurst = true;
    this.#lookedAt = now;
    this.#sets = KEEPS_BURST;
  }

  #sleep(): void {
    if (this.#wakesAt === Infinity) return;
    this.#wake++;
    this.#wakesAt = Infinity;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The timer has fired. */
  #look(): void {
    const now = this.#timeline.now();
    const reached = this.#reached(this.#wakesAt, now);
    this.#wakesAt = Infinity;
    this.#timer = undefined;
    this.#lookedAt = now;
    this.#start.at = now;
    this.#start = new Start();
    try {
      this.#expire(reached);
    } finally {
      this.#goOn(reached);
    }
  }

  /**
   * The instant that a timer has reached. One that is early by its platform's
   * precision is waited for once more. A clock that is further behind its timers
   * does not move with them, as under some fake timers: then the timers are right.
   */
  #reached(planned: Nanos, now: Nanos): Nanos {
    if (now >= planned) return now;
    if (planned - now > PRECISION || planned === this.#earlyFor) return planned;
    this.#earlyFor = planned;
    return now;
  }

  #expire(reached: Nanos): void {
    for (let lane = this.#next(); lane !== undefined; lane = this.#next()) {
      const { first } = lane;
      if (first === undefined || lane.earliest > reached) return;
      this.#take(first, lane);
      first.owner.onDeadline();
    }
  }

  /** Sets the timer for what is left, or for the next look at a burst. */
  #goOn(reached: Nanos): void {
    if (this.#inBurst) {
      this.#inBurst = this.#sets >= KEEPS_BURST;
      this.#sets = 0;
      this.#spanSince = reached;
    }
    const due = this.#next()?.earliest ?? Infinity;
    if (this.#inBurst || due < Infinity) {
      if (due < this.#wakesAt || this.#wakesAt === Infinity) this.#wakeAt(due, reached);
    }
  }
}
