/** Counts the timers that are alive, whoever sets them: breakers and peers set them through the globals. */

let live = 0;

/** Timers alive that were set since this module was loaded. */
export function liveTimers(): number {
  return live;
}

const handles = new Set<unknown>();
const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;

function add<T>(handle: T): T {
  handles.add(handle);
  live++;
  return handle;
}

function drop(handle: unknown): void {
  if (handles.delete(handle)) live--;
}

Object.assign(globalThis, {
  setTimeout: (callback: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) => {
    const fire = (): void => {
      drop(handle);
      callback(...args);
    };
    const handle: unknown = add(setTimeout(fire, delayMs));
    return handle;
  },
  setInterval: (...given: Parameters<typeof setInterval>): unknown => add(setInterval(...given)),
  clearTimeout: (handle?: number): void => {
    drop(handle);
    clearTimeout(handle);
  },
  clearInterval: (handle?: number): void => {
    drop(handle);
    clearInterval(handle);
  },
});
