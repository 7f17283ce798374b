import { nextTurn } from "../call/next_turn.ts";
import type { Clock } from "../time/clock.ts";
import { type Duration, parseDuration } from "../time/duration.ts";
import type { WallClock } from "../time/wall_clock.ts";

class ManualTimer {
  constructor(readonly dueNanos: number, readonly callback: () => void) {}
}

const NANOS_PER_MS = 1e6;

/**
 * A clock that stands still until a test moves it. Time is kept in whole
 * nanoseconds, so that a second made of steps is a second.
 *
 * @example Usage
 * ```ts
 * import { createBreaker } from "@switchgear/breaker";
 * import { ManualClock } from "@switchgear/breaker/testing";
 * import assert from "node:assert/strict";
 *
 * const clock = new ManualClock();
 * const breaker = createBreaker("payments", { failureThreshold: 1 }, { clock });
 * breaker.tryAcquire()?.failure();
 * assert.equal(breaker.state, "open");
 * await clock.tick("1m");
 * assert.equal(breaker.state, "half-open");
 * ```
 */
export class ManualClock implements Clock {
  #nanos: number;
  /** What the wall clock was set to, and what this clock read then. */
  #wallSet = { timeMs: 0, atNanos: 0 };
  readonly #timers = new Set<ManualTimer>();

  /** Creates a clock that reads `startMs` milliseconds. */
  constructor(startMs: number = 0) {
    this.#nanos = Math.round(startMs * NANOS_PER_MS);
  }

  /** What the clock reads, in milliseconds. */
  now(): number {
    return this.#nanos / NANOS_PER_MS;
  }

  /**
   * The time of day that goes with this clock, for the option `wallClock`. It
   * begins at what the clock reads, moves as the clock is moved, and can be set
   * apart from it, forwards and back.
   *
   * @example Usage
   * ```ts
   * import { ManualClock } from "@switchgear/breaker/testing";
   * import assert from "node:assert/strict";
   *
   * const clock = new ManualClock();
   * clock.setWallClock(Date.UTC(2026, 0, 1, 12));
   * await clock.tick("1h");
   * assert.equal(clock.wallClock(), Date.UTC(2026, 0, 1, 13));
   * assert.equal(clock.now(), 3_600_000);
   * ```
   */
  readonly wallClock: WallClock = () =>
    this.#wallSet.timeMs + (this.#nanos - this.#wallSet.atNanos) / NANOS_PER_MS;

  /** Sets the wall clock to a time in milliseconds since 1970; what the clock reads stays, and no timer fires. */
  setWallClock(timeMs: number): void {
    this.#wallSet = { timeMs, atNanos: this.#nanos };
  }

  /** Timers that have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Calls `callback` once the clock has been moved by `delayMs` milliseconds. */
  setTimeout(callback: () => void, delayMs: number): unknown {
    const dueNanos = this.#nanos + Math.max(0, Math.round(delayMs * NANOS_PER_MS));
    const timer = new ManualTimer(dueNanos, callback);
    this.#timers.add(timer);
    return timer;
  }

  /** Cancels a timer. */
  clearTimeout(timer: unknown): void {
    if (timer instanceof ManualTimer) this.#timers.delete(timer);
  }

  /**
   * Moves the clock by `duration` and fires the timers that come due, each at
   * its own instant and in order of time, then of creation. Before, between and
   * after them it lets every promise settle that can without real time passing.
   *
   * A negative number of milliseconds sets the clock back and fires nothing.
   */
  async tick(duration: Duration = 0): Promise<void> {
    const target = this.#nanos + this.#toNanos(duration);
    await settlePromises();
    for (let timer = this.#next(target); timer !== undefined; timer = this.#next(target)) {
      this.#timers.delete(timer);
      this.#nanos = Math.max(this.#nanos, timer.dueNanos);
      timer.callback();
      await settlePromises();
    }
    this.#nanos = target;
  }

  /** Moves the clock at once and fires the timers that come due, without letting promises settle. */
  advance(duration: Duration): void {
    const target = this.#nanos + this.#toNanos(duration);
    for (let timer = this.#next(target); timer !== undefined; timer = this.#next(target)) {
      this.#timers.delete(timer);
      this.#nanos = Math.max(this.#nanos, timer.dueNanos);
      timer.callback();
    }
    this.#nanos = target;
  }

  #toNanos(duration: Duration): number {
    return Math.round(parseDuration(duration) * NANOS_PER_MS);
  }

  #next(target: number): ManualTimer | undefined {
    let first: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueNanos > target) continue;
      if (first === undefined || timer.dueNanos < first.dueNanos) first = timer;
    }
    return first;
  }
}

/**
 * Resolves once every promise has settled that can without real time passing. Two turns of the
 * event loop, so that what comes at the end of one, as Node's immediates do, comes between.
 */
async function settlePromises(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
