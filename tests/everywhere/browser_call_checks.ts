import {
  BreakerOpenError,
  BreakerTimeoutError,
  createBreaker,
  createRetry,
  createTimeout,
} from "@switchgear/breaker";
import assert from "node:assert/strict";
import { pause, timersMade, timersPending, until } from "./browser_timers.ts";
import type { Check } from "./on_platform/check_list.ts";

const DOWN = new Error("down");
const fail = (): Promise<never> => Promise.reject(DOWN);
const hang = (): Promise<never> => new Promise(() => {});

/** Ways to fail that nobody awaits, and with what. */
const UNAWAITED:
  readonly (readonly [way: string, call: () => unknown, isIt: (e: unknown) => boolean])[] = [
    ["do", () => createBreaker("b").do(fail), isDown],
    ["do with a time limit", () => createBreaker("b", { timeout: "1h" }).do(fail), isDown],
    ["do with a signal", () => createBreaker("b").do(fail, { signal: newSignal() }), isDown],
    ["do with a fallback that fails", () =>
      createBreaker("b").do(hang, {
        fallback: fail,
        timeout: "5ms",
      }), isDown],
    ["do past its time limit", () => createBreaker("b", { timeout: "5ms" }).do(hang), isTimeout],
    [
      "do of an open breaker",
      () => createBreaker("b", { mode: "forced-open" }).do(hang),
      isRefusal,
    ],
    ["wrap", () => createBreaker("b").wrap(fail)(), isDown],
    ["retry", () => createRetry({ maxRetries: 1, backoff: "1ms" }).do(fail), isDown],
    ["timeout", () => createTimeout("1h").do(fail), isDown],
  ];

/** Calls on the browser's own clock, timers and reports of what nobody handled. */
export const CALL_CHECKS: readonly Check[] = [
  ...UNAWAITED.map(([way, call, isIt]): Check => ({
    name: `unhandledrejection: ${way}, unawaited, raises one`,
    run: async () => {
      using unhandled = new UnhandledRejections();
      call();
      await until("one is reported", () => unhandled.reasons.length > 0);
      await pause(50);
      assert.equal(unhandled.reasons.length, 1);
      assert(isIt(unhandled.reasons[0]), String(unhandled.reasons[0]));
    },
  })),
  {
    name: "unhandledrejection: a call that fails after its time limit raises none",
    run: async () => {
      const breaker = createBreaker("b", { timeout: "20ms" });
      using unhandled = new UnhandledRejections();
      let failed = false;
      const late = (): Promise<never> => pause(40).finally(() => failed = true).then(fail);
      await assert.rejects(breaker.do(late), BreakerTimeoutError);
      await until("it has failed", () => failed);
      await pause(50);
      assert.equal(unhandled.reasons.length, 0);
      assert.equal(breaker.counts.timeouts, 1);
    },
  },
  {
    name: "a call that hangs ends when its time is over, not before",
    run: async () => {
      const startedAt = performance.now();
      await assert.rejects(createBreaker("b", { timeout: "50ms" }).do(hang), BreakerTimeoutError);
      // A tenth of a millisecond is how exactly a browser tells the time.
      assert(performance.now() - startedAt >= 49.8);
    },
  },
  {
    name: "timers: calls that settled, and breakers that are idle or open, have none",
    run: async () => {
      const before = timersPending();
      const caller = new AbortController();
      const breaker = createBreaker("b", { timeout: "1h", failureThreshold: 2 });
      await breaker.do(() => Promise.resolve("done"), { signal: caller.signal });
      await assert.rejects(breaker.do(fail), DOWN);
      const call = breaker.do(hang, { signal: caller.signal });
      caller.abort(DOWN);
      await assert.rejects(call, DOWN);
      await assert.rejects(breaker.do(fail), DOWN);
      assert.equal(breaker.state, "open");
      assert.equal(timersPending(), before);
    },
  },
  {
    name: "timers: a burst of calls has one, and leaves none",
    run: async () => {
      const before = timersPending();
      const madeBefore = timersMade();
      const breaker = createBreaker("b", { slowCallThreshold: "1s", slowCallRateThreshold: 1 });
      for (let i = 0; i < 200_000; i++) breaker.doSync(() => i);
      assert(timersPending() <= before + 1, "more than one");
      await Promise.all(Array.from({ length: 10_000 }, () => breaker.do(() => Promise.resolve())));
      assert(timersMade() > madeBefore, "no timer was made: this was no burst");
      await until("no timer is pending", () => timersPending() === before);
      const made = timersMade();
      await pause(50);
      assert.equal(timersMade(), made);
    },
  },
  {
    name: "errors keep their names and codes, minified or not",
    run: async () => {
      const refused = createBreaker("b", { mode: "forced-open" }).do(hang);
      await assert.rejects(refused, { name: "BreakerOpenError", code: "BREAKER_OPEN" });
      const late = createBreaker("b", { timeout: "1ms" }).do(hang);
      await assert.rejects(late, { name: "BreakerTimeoutError", code: "BREAKER_TIMEOUT" });
    },
  },
];

function isDown(error: unknown): boolean {
  return error === DOWN;
}

function isTimeout(error: unknown): boolean {
  return error instanceof BreakerTimeoutError;
}

function isRefusal(error: unknown): boolean {
  return error instanceof BreakerOpenError;
}

function newSignal(): AbortSignal {
  return new AbortController().signal;
}

/** What the browser reports as unhandled, until it is disposed. */
class UnhandledRejections implements Disposable {
  readonly reasons: unknown[] = [];

  constructor() {
    addEventListener("unhandledrejection", this.#note);
  }

  [Symbol.dispose](): void {
    removeEventListener("unhandledrejection", this.#note);
  }

  readonly #note = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    this.reasons.push(event.reason);
  };
}
