import { clearTimeout, setTimeout } from "node:timers";

/**
 * Resolves after `delayMs` milliseconds, or as soon as `signal` is aborted. Files change
 * in real time: the timer is Node's own, also while a test fakes the global ones.
 */
export function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal?.addEventListener("abort", end);
  });
}
