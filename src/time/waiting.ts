import { type AbortWatch, watchAbort } from "../call/abort_watch.ts";
import type { Clock } from "./clock.ts";
import { deadlinesOf } from "./deadlines.ts";

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
    let watch: AbortWatch | undefined;
    const limit = timeoutMs === undefined ? undefined : deadlinesOf(clock).set(timeoutMs, {
      onDeadline: (): void => {
        release();
        reject(new DOMException(`No answer within ${Math.round(timeoutMs)} ms`, "TimeoutError"));
      },
    });
    const watcher = {
      onAbort: (): void => {
        release();
        reject(signal?.reason);
      },
    };
    const release = (): void => {
      watch?.end();
      limit?.clear();
    };
    promise.then((value) => {
      release();
      resolve(value);
    }, (error) => {
      release();
      reject(error);
    });
    if (signal !== undefined) watch = watchAbort(signal, watcher);
  });
}

/** Resolves after `ms` milliseconds, or as soon as `signal` is aborted. */
export function pause(ms: number, { clock, signal }: RaceOptions): Promise<void> {
  return new Promise((resolve) => {
    let watch: AbortWatch | undefined;
    const end = (): void => {
      clock.clearTimeout(timer);
      watch?.end();
      resolve();
    };
    const watcher = { onAbort: end };
    const timer = clock.setTimeout(end, ms);
    if (signal !== undefined) watch = watchAbort(signal, watcher);
  });
}
