// Taken before anything counts what is set by the global ones: the soak's own timers are not counted.
const { setTimeout, clearTimeout } = globalThis;

/** A timer of the soak's own. */
export type RealTimer = ReturnType<typeof setTimeout>;

/** Calls `callback` once, `ms` milliseconds from now. */
export function startTimer(callback: () => void, ms: number): RealTimer {
  return setTimeout(callback, ms);
}

/** Cancels a timer. */
export function stopTimer(timer: RealTimer | undefined): void {
  clearTimeout(timer);
}

/** Resolves after `ms` milliseconds. */
export function after(ms: number): Promise<void> {
  return new Promise((resolve) => startTimer(resolve, ms));
}

/** Resolves as soon as `holds()`, looked at every few milliseconds; `false` if it does not within `limitMs`. */
export async function until(holds: () => boolean, limitMs: number): Promise<boolean> {
  const endsAt = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > endsAt) return false;
    await after(5);
  }
  return true;
}
