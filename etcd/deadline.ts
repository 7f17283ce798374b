import { systemClock } from "../src/time/clock.ts";
import { race } from "../src/time/waiting.ts";
import { EtcdCallError, STATUS } from "./call_error.ts";
import type { CallOptions } from "./transport.ts";

/**
 * Runs `call` with a signal that is aborted at the deadline or with the caller's,
 * and does not wait for a call that ignores it. Leaves no timer and no listener.
 */
export async function withDeadline<T>(
  { signal, timeoutMs }: CallOptions,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const ended = new AbortController();
  const follow = (): void => ended.abort(signal.reason);
  signal.addEventListener("abort", follow);
  const timer = systemClock.setTimeout(() => {
    ended.abort(new EtcdCallError(STATUS.deadlineExceeded, `no answer within ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    return await race(call(ended.signal), { clock: systemClock, signal: ended.signal });
  } finally {
    systemClock.clearTimeout(timer);
    signal.removeEventListener("abort", follow);
  }
}
