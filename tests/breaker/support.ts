import {
  type BreakerSettings,
  createBreaker,
  type Policy,
  type StandaloneBreaker,
} from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";

/** A breaker on a manual clock, and what it logged. */
export interface Bench {
  readonly breaker: StandaloneBreaker;
  readonly clock: ManualClock;
  readonly reports: string[];
}

/** Creates a breaker on a manual clock whose reports are collected instead of printed. */
export function bench(policy: Policy = {}, settings: BreakerSettings = {}): Bench {
  const clock = new ManualClock();
  const reports: string[] = [];
  const logger = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (message: string) => {
      reports.push(message);
    },
  };
  const breaker = createBreaker("b", policy, { clock, logger, ...settings });
  return { breaker, clock, reports };
}

/** Makes `times` calls that fail. */
export function fail(breaker: StandaloneBreaker, times: number = 1): void {
  for (let i = 0; i < times; i++) breaker.tryAcquire()?.failure();
}

/** Makes `times` calls that succeed. */
export function succeed(breaker: StandaloneBreaker, times: number = 1): void {
  for (let i = 0; i < times; i++) breaker.tryAcquire()?.success();
}

/** An operation that the test settles, and the signal that it was given. */
export class Deferred<T = string> {
  readonly #settle = Promise.withResolvers<T>();
  /** The signal of the last call. */
  signal: AbortSignal | undefined;
  /** How often it was called. */
  calls = 0;
  readonly resolve = this.#settle.resolve;
  readonly reject = this.#settle.reject;
  readonly operation = (signal: AbortSignal | undefined): Promise<T> => {
    this.calls++;
    this.signal = signal;
    return this.#settle.promise;
  };
}

/** Runs `body` and returns the errors of promises that nobody handled meanwhile. */
export async function unhandledDuring(body: () => void | Promise<void>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const last = new Error("the last one");
  const lastReported = Promise.withResolvers<void>();
  const listener = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    if (event.reason === last) lastReported.resolve();
    else unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  try {
    await body();
    // Rejections are reported in their order, when the platform comes to it.
    await new Promise((resolve) => setTimeout(resolve, 0));
    Promise.reject(last);
    await lastReported.promise;
    return unhandled;
  } finally {
    globalThis.removeEventListener("unhandledrejection", listener);
  }
}
