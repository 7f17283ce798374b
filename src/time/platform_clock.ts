import { type Clock, type PlatformTimers, SystemTimer } from "./clock.ts";

const realPerformance = performance;
const realNow = performance.now;
const realSetTimeout = setTimeout;
const REAL_TIMERS: PlatformTimers = { setTimeout, clearTimeout };

/**
 * The platform's clock and timers as they were when this package was loaded,
 * whatever a test puts in their place afterwards. For what is shared by many
 * calls, some of which may have begun before.
 */
export const platformClock: Clock = {
  now: (): number => realNow.call(realPerformance),
  setTimeout: (callback: () => void, delayMs: number): unknown =>
    new SystemTimer(callback, delayMs, REAL_TIMERS),
  clearTimeout: (timer: unknown): void => {
    if (timer instanceof SystemTimer) timer.clear();
  },
};

/** Whether the program's timers are others now, those of a test, say. */
export function areTimersReplaced(): boolean {
  return setTimeout !== realSetTimeout; // through `globalThis` it costs twenty times as much
}
