import { type Clock, systemClock } from "./clock.ts";
import type { Deadline, Deadlines, Expiring } from "./deadline.ts";
import { areTimersReplaced, platformClock } from "./platform_clock.ts";
import { SharedDeadlines } from "./shared_deadlines.ts";

/** Each time limit with a timer of its own. */
class LoneDeadlines implements Deadlines {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(limitMs: number, owner: Expiring): Deadline {
    const clock = this.#clock;
    const timer = clock.setTimeout(() => owner.onDeadline(), limitMs);
    return { clear: (): void => clock.clearTimeout(timer) };
  }
}

const PLATFORM = new SharedDeadlines(platformClock, { isCoarse: true });

const shared = new WeakMap<Clock, SharedDeadlines>();

/**
 * The time limits of a clock. All of a clock share one timer. While a test has
 * replaced the platform's timers, each has a timer of its own: fake timers may not
 * move with the clock, and those that are left when they go never fire.
 */
export function deadlinesOf(clock: Clock): Deadlines {
  if (areTimersReplaced()) return new LoneDeadlines(clock);
  if (clock === systemClock) return PLATFORM;
  let deadlines = shared.get(clock);
  if (deadlines === undefined) {
    deadlines = new SharedDeadlines(clock);
    shared.set(clock, deadlines);
  }
  return deadlines;
}
