import type { Clock } from "./clock.ts";

/** What ends a wait before its promise does. */
export interface RaceOptions {
  /** The clock of `timeoutMs`. */
  readonly clock: Clock;
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Ends the wait with a `TimeoutError` after so many milliseconds. */
  readonly timeoutMs?: number;
}

/** Settles as `promise` does, unless something ends the wait before. Leaves no timer and no listener. */
export function race<T>(promise: Promise<T>, options: RaceOptions): Promise<T> {
  const { clock, signal, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      release();
      reject(signal?.reason);
    };
    const timer = timeoutMs === undefined ? undefined : clock.setTimeout(() => {
      release();
      reject(new DOMException(`No answer within ${Math.round(timeoutMs)} ms`, "TimeoutError"));
    }, timeoutMs);
    const release = (): void => {
      signal?.removeEventListener("abort", onAbort);
      if (timer !== undefined) clock.clearTimeout(timer);
    };
    promise.then((value) => {
      release();
      resolve(value);
    }, (error) => {
      release();
      reject(error);
    });
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort);
  });
}

/** Resolves after `ms` milliseconds, or as soon as `signal` is aborted. */
export function pause(ms: number, { clock, signal }: RaceOptions): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.setTimeout(end, ms);
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end);
  });
}
