/**
 * Counts the timers of the page. It is imported before the package, whose timers it is to see.
 *
 * @module
 */
type Callback = (...args: unknown[]) => void;

const { setTimeout: start, clearTimeout: clear, setInterval: repeat } = globalThis;
const live = new Set<unknown>();
let made = 0;

Object.assign(globalThis, {
  setTimeout: (callback: Callback, delayMs?: number, ...args: unknown[]): unknown => {
    made++;
    const timer: unknown = start(() => {
      live.delete(timer);
      callback(...args);
    }, delayMs);
    live.add(timer);
    return timer;
  },
  clearTimeout: (timer?: number): void => {
    live.delete(timer);
    clear(timer);
  },
  // None is expected, so that none needs to be taken off.
  setInterval: (callback: Callback, delayMs?: number, ...args: unknown[]): unknown => {
    made++;
    const timer: unknown = repeat(callback, delayMs, ...args);
    live.add(timer);
    return timer;
  },
});

/** How many timers have been set so far, by anybody but {@linkcode pause}. */
export function timersMade(): number {
  return made;
}

/** How many of them are pending. */
export function timersPending(): number {
  return live.size;
}

/** Waits, by a timer that does not count. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => void start(() => resolve(), delayMs));
}

/**
 * Waits until something holds.
 *
 * @throws {Error} If it does not within five seconds
 */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within 5 s: ${what}`);
    await pause(5);
  }
}
