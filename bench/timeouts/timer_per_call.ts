import type { Guard } from "../work.ts";

/** At least as many as calls are ever in flight; a power of two. */
const SIZE = 16_384;

const late = (): void => {};

/**
 * The least that a timer of its own costs each call: it is set before the call and cleared when the
 * call has settled, by two functions that all calls share. Calls must settle in the order in which
 * they were made.
 */
export function timerPerCall(limitMs: number): Guard {
  const timers = Array.from(
    { length: SIZE },
    (): ReturnType<typeof setTimeout> | undefined => undefined,
  );
  let set = 0;
  let cleared = 0;
  const clear = (): void => clearTimeout(timers[cleared++ % SIZE]);
  const passOn = (value: number): number => {
    clear();
    return value;
  };
  const rethrow = (error: unknown): never => {
    clear();
    throw error;
  };
  return (operation) => {
    timers[set++ % SIZE] = setTimeout(late, limitMs);
    return operation().then(passOn, rethrow);
  };
}
