import { createRetry, type Retry } from "../../src/patterns/retry/retry.ts";
import type {
  RetryEvent,
  RetryOptions,
  RetryReport,
} from "../../src/patterns/retry/retry_options.ts";
import type { RetryPolicy } from "../../src/patterns/retry/retry_policy.ts";
import type { RetryShorthand } from "../../src/patterns/retry/retry_shorthand.ts";
import { ManualClock } from "../../src/testing/mod.ts";

/** A retry on a manual clock, and what it told. */
export interface RetryBench {
  readonly retry: Retry;
  readonly clock: ManualClock;
  readonly events: RetryEvent[];
  readonly reports: RetryReport[];
  readonly logged: string[];
}

/** Creates a retry on a manual clock whose events, reports and messages are collected. */
export function retryBench(
  policy: RetryPolicy | RetryShorthand = {},
  options: RetryOptions = {},
): RetryBench {
  const clock = new ManualClock();
  const events: RetryEvent[] = [];
  const reports: RetryReport[] = [];
  const logged: string[] = [];
  const ignore = (): void => {};
  const logger = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (message: string): void => void logged.push(message),
  };
  const retry = createRetry(policy, {
    clock,
    logger,
    onRetry: (event) => events.push(event),
    onReport: (report) => reports.push(report),
    ...options,
  });
  return { retry, clock, events, reports, logged };
}

/** An operation that fails with each of `errors` in turn and then gives `value`, and how often it ran. */
export class Flaky {
  calls = 0;
  readonly #errors: readonly unknown[];

  constructor(...errors: readonly unknown[]) {
    this.#errors = errors;
  }

  readonly operation = (): Promise<string> => {
    const at = this.calls++;
    return at < this.#errors.length ? Promise.reject(this.#errors[at]) : Promise.resolve("value");
  };
}

/** An operation that always fails, and how often it ran. */
export class Failing {
  calls = 0;
  readonly error: unknown;

  constructor(error: unknown = new Error("down")) {
    this.error = error;
  }

  readonly operation = (): Promise<never> => {
    this.calls++;
    return Promise.reject(this.error);
  };
}

/** How a call ended, once it has: unlike the promise itself it never raises `unhandledrejection`. */
export interface Ending {
  value?: unknown;
  error?: unknown;
  readonly settled: boolean;
}

/** Watches a call. */
export function watch(call: Promise<unknown>): Ending {
  const ending: { -readonly [K in keyof Ending]: Ending[K] } = { settled: false };
  call.then((value) => {
    ending.settled = true;
    ending.value = value;
  }, (error) => {
    ending.settled = true;
    ending.error = error;
  });
  return ending;
}

/** An abort signal that counts its listeners. */
export class CountedAbort {
  readonly #controller = new AbortController();
  #listeners = 0;

  constructor() {
    const { signal } = this.#controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    const counted = new Set<unknown>();
    signal.addEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
      counted.add(listener);
      this.#listeners = counted.size;
      add(type, listener);
    };
    signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
      counted.delete(listener);
      this.#listeners = counted.size;
      remove(type, listener);
    };
  }

  get listeners(): number {
    return this.#listeners;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }
}
