import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { createBreaker } from "../../mod.ts";
import { createHedge, type Hedge, type HedgeOptions } from "../../src/patterns/hedge/hedge.ts";
import { HedgeLostError } from "../../src/patterns/hedge/hedge_lost_error.ts";
import { createRetryBudget } from "../../src/patterns/retry/retry_budget.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import type { Duration } from "../../src/time/duration.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";

const DELAY_MS = 100;
const FIRST = new Error("the first attempt failed");
const SECOND = new Error("the second attempt failed");
const REASON = new Error("the caller left");

/** An attempt that the test settles, and the signal that it was given. */
class Attempt {
  readonly #settle = Promise.withResolvers<string>();
  readonly signal: AbortSignal;
  readonly promise = this.#settle.promise;
  readonly resolve = this.#settle.resolve;
  readonly reject = this.#settle.reject;

  constructor(signal: AbortSignal | undefined) {
    assert(signal !== undefined);
    this.signal = signal;
  }
}

/** A hedge on a manual clock, the attempts of the calls through it, and what it logged. */
class Scene {
  readonly clock = new ManualClock();
  readonly attempts: Attempt[] = [];
  readonly reports: string[] = [];
  readonly hedge: Hedge;

  constructor(options: HedgeOptions = {}) {
    const ignore = (): void => {};
    this.hedge = createHedge({
      delay: DELAY_MS,
      clock: this.clock,
      logger: {
        debug: ignore,
        info: ignore,
        warn: ignore,
        error: (message) => this.reports.push(message),
      },
      ...options,
    });
  }

  readonly operation = (signal: AbortSignal | undefined): Promise<string> => {
    const attempt = new Attempt(signal);
    this.attempts.push(attempt);
    return attempt.promise;
  };

  attempt(index: number): Attempt {
    const attempt = this.attempts[index];
    assert(attempt !== undefined, `there is no attempt ${index}`);
    return attempt;
  }

  /** Makes a call and tells how it stands. */
  call(signal?: AbortSignal): Call {
    return new Call(this.hedge.do(this.operation, signal === undefined ? undefined : { signal }));
  }

  /** Makes a call whose first attempt answers after `latencyMs`. */
  async answerAfter(latencyMs: number): Promise<void> {
    const index = this.attempts.length;
    const call = this.call();
    await this.clock.tick(latencyMs);
    this.attempt(index).resolve("answer");
    await this.clock.tick();
    assert.equal(call.outcome, "answer");
  }

  /** Makes a call that has sent no hedge after `delay`, and answers it. */
  async sendsNoHedgeWithin(delay: Duration): Promise<void> {
    const index = this.attempts.length;
    this.call();
    await this.clock.tick(delay);
    assert.equal(this.attempts.length - index, 1);
    this.attempt(index).resolve("answer");
  }
}

/** How a call ended: its value, or what it threw. */
class Call {
  outcome: unknown = "pending";
  settlements = 0;

  constructor(promise: Promise<unknown>) {
    const settle = (outcome: unknown): void => {
      this.outcome = outcome;
      this.settlements++;
    };
    promise.then(settle, settle);
  }
}

/** A signal that tells how many listeners it has. */
function countedSignal(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListener) => {
    listeners.add(listener);
    add(type, listener);
  };
  signal.removeEventListener = (type: string, listener: EventListener) => {
    listeners.delete(listener);
    remove(type, listener);
  };
  return { controller, listeners: () => listeners.size };
}

Deno.test("the first attempt starts at once, and an answer within the delay is the call's", async () => {
  const scene = new Scene();
  const call = scene.call();
  assert.equal(scene.attempts.length, 1);
  await scene.clock.tick(DELAY_MS - 1);
  scene.attempt(0).resolve("first");
  await scene.clock.tick("1m");
  assert.equal(call.outcome, "first");
  assert.equal(scene.attempts.length, 1);
});

Deno.test("a hedge is sent at exactly the delay", async () => {
  const scene = new Scene();
  scene.call();
  await scene.clock.tick(DELAY_MS - 1);
  assert.equal(scene.attempts.length, 1);
  await scene.clock.tick(1);
  assert.equal(scene.attempts.length, 2);
  scene.attempt(0).resolve("done");
});

Deno.test("each further hedge is sent a delay after the one before, up to maxHedges", async () => {
  const scene = new Scene({ maxHedges: 3 });
  const started: number[] = [];
  for (let i = 0; i < 6; i++) {
    if (i === 0) scene.call();
    else await scene.clock.tick(DELAY_MS);
    started.push(scene.attempts.length);
  }
  assert.deepEqual(started, [1, 2, 3, 4, 4, 4]);
  scene.attempt(0).resolve("done");
});

Deno.test("a delay of 0 sends all hedges at once", async () => {
  const scene = new Scene({ delay: 0, maxHedges: 2 });
  scene.call();
  await scene.clock.tick();
  assert.equal(scene.attempts.length, 3);
  scene.attempt(0).resolve("done");
});

for (
  const [winner, loser, name] of [[0, 1, "first attempt"], [1, 0, "hedge"]] as const
) {
  Deno.test(`the ${name} answers first: it wins, the other is aborted`, async () => {
    const scene = new Scene();
    const call = scene.call();
    await scene.clock.tick(DELAY_MS);
    scene.attempt(winner).resolve("answer");
    await scene.clock.tick();
    assert.equal(call.outcome, "answer");
    assert(scene.attempt(loser).signal.reason instanceof HedgeLostError);
  });
}

Deno.test("what a loser is aborted with names the hedge and has a stable code", async () => {
  const scene = new Scene({ name: "users" });
  scene.call();
  await scene.clock.tick(DELAY_MS);
  scene.attempt(1).resolve("answer");
  await scene.clock.tick();
  const { reason } = scene.attempt(0).signal;
  assert(reason instanceof HedgeLostError);
  assert.deepEqual([reason.name, reason.code, reason.hedge], [
    "HedgeLostError",
    "HEDGE_LOST",
    "users",
  ]);
});

Deno.test("the winner's signal is never aborted, not even by a later abort of the caller's", async () => {
  const scene = new Scene();
  const caller = new AbortController();
  scene.call(caller.signal);
  await scene.clock.tick(DELAY_MS);
  scene.attempt(1).resolve("answer");
  await scene.clock.tick();
  caller.abort(REASON);
  assert.equal(scene.attempt(1).signal.aborted, false);
});

Deno.test("a first attempt that fails before the delay fails the call at once, without a hedge", async () => {
  const scene = new Scene();
  const call = scene.call();
  scene.attempt(0).reject(FIRST);
  await scene.clock.tick("1m");
  assert.equal(call.outcome, FIRST);
  assert.equal(scene.attempts.length, 1);
});

for (const failing of [0, 1]) {
  Deno.test(`attempt ${failing + 1} of two in flight fails: the call waits for the other`, async () => {
    const scene = new Scene();
    const call = scene.call();
    await scene.clock.tick(DELAY_MS);
    scene.attempt(failing).reject(FIRST);
    await scene.clock.tick();
    assert.equal(call.outcome, "pending");
    scene.attempt(1 - failing).resolve("answer");
    await scene.clock.tick();
    assert.equal(call.outcome, "answer");
  });
}

Deno.test("all attempts fail: the call throws what the last in flight threw", async () => {
  const scene = new Scene();
  const call = scene.call();
  await scene.clock.tick(DELAY_MS);
  scene.attempt(1).reject(SECOND);
  await scene.clock.tick();
  scene.attempt(0).reject(FIRST);
  await scene.clock.tick();
  assert.equal(call.outcome, FIRST);
});

Deno.test("hedgeOnFailure sends the next hedge at once, and the one after it a whole delay later", async () => {
  const scene = new Scene({ maxHedges: 2, hedgeOnFailure: (error) => error === FIRST });
  const call = scene.call();
  await scene.clock.tick(40);
  scene.attempt(0).reject(FIRST);
  await scene.clock.tick();
  assert.equal(scene.attempts.length, 2);
  await scene.clock.tick(DELAY_MS - 1);
  assert.equal(scene.attempts.length, 2);
  await scene.clock.tick(1);
  assert.equal(scene.attempts.length, 3);
  scene.attempt(2).resolve("third");
  await scene.clock.tick();
  assert.equal(call.outcome, "third");
});

Deno.test("hedgeOnFailure sends no more than maxHedges", async () => {
  const scene = new Scene({ hedgeOnFailure: () => true });
  const call = scene.call();
  scene.attempt(0).reject(FIRST);
  await scene.clock.tick();
  scene.attempt(1).reject(SECOND);
  await scene.clock.tick("1m");
  assert.equal(call.outcome, SECOND);
  assert.equal(scene.attempts.length, 2);
});

Deno.test("isFatal ends the call at once and aborts what is in flight", async () => {
  const scene = new Scene({ isFatal: (error) => error === SECOND });
  const call = scene.call();
  await scene.clock.tick(DELAY_MS);
  scene.attempt(1).reject(SECOND);
  await scene.clock.tick();
  assert.equal(call.outcome, SECOND);
  assert(scene.attempt(0).signal.reason instanceof HedgeLostError);
});

Deno.test("what is fatal sends no hedge, whatever hedgeOnFailure says", async () => {
  const scene = new Scene({ isFatal: () => true, hedgeOnFailure: () => true });
  const call = scene.call();
  scene.attempt(0).reject(FIRST);
  await scene.clock.tick("1m");
  assert.equal(call.outcome, FIRST);
  assert.equal(scene.attempts.length, 1);
});

const BROKEN = {
  "throws": (): never => {
    throw new Error("the predicate failed");
  },
  "answers with a promise": () => Promise.reject(new Error("the predicate failed")),
};
for (
  const [predicate, fault] of [
    ["isFatal", "throws"],
    ["isFatal", "answers with a promise"],
    ["hedgeOnFailure", "throws"],
    ["hedgeOnFailure", "answers with a promise"],
  ] as const
) {
  Deno.test(`${predicate} that ${fault} is reported and counts as false`, async () => {
    const scene = new Scene({ [predicate]: BROKEN[fault] });
    const call = scene.call();
    scene.attempt(0).reject(FIRST);
    await scene.clock.tick("1m");
    assert.equal(call.outcome, FIRST);
    assert.equal(scene.reports.length, 1);
    assert.match(`${scene.reports[0]}`, new RegExp(`^Hedge "hedge": ${predicate} failed`));
  });
}

Deno.test("an operation that throws at once fails the call with what it threw", async () => {
  const scene = new Scene();
  const call = new Call(scene.hedge.do(() => {
    throw FIRST;
  }));
  await scene.clock.tick("1m");
  assert.equal(call.outcome, FIRST);
  assert.equal(scene.clock.pendingTimers, 0);
});

Deno.test("a hedge that throws at once does not end the call", async () => {
  const scene = new Scene();
  const call = new Call(scene.hedge.do((signal) => {
    if (scene.attempts.length === 1) throw SECOND;
    return scene.operation(signal);
  }));
  await scene.clock.tick(DELAY_MS);
  assert.equal(call.outcome, "pending");
  scene.attempt(0).resolve("answer");
  await scene.clock.tick();
  assert.equal(call.outcome, "answer");
});

Deno.test("an operation that is no function rejects", async () => {
  const notCallable: unknown = 5;
  // @ts-expect-error what plain JavaScript may pass
  await assert.rejects(new Scene().hedge.do(notCallable), TypeError);
});

Deno.test("a caller's signal that is no signal rejects and leaves no timer", async () => {
  const scene = new Scene();
  // @ts-expect-error what plain JavaScript may pass
  await assert.rejects(scene.hedge.do(scene.operation, { signal: {} }), TypeError);
  assert.equal(scene.clock.pendingTimers, 0);
  assert.equal(scene.attempts.length, 0);
});

Deno.test("a signal that is aborted already: the operation is not run", async () => {
  const scene = new Scene();
  const call = scene.call(AbortSignal.abort(REASON));
  await scene.clock.tick();
  assert.equal(call.outcome, REASON);
  assert.equal(scene.attempts.length, 0);
  assert.equal(scene.hedge.counts.calls, 0);
});

for (const [waitMs, inFlight] of [[40, 1], [DELAY_MS, 2]] as const) {
  Deno.test(`the caller aborts ${inFlight} in flight: all are aborted with its reason, the call ends at once`, async () => {
    const scene = new Scene({ maxHedges: 3 });
    const caller = new AbortController();
    const call = scene.call(caller.signal);
    await scene.clock.tick(waitMs);
    caller.abort(REASON);
    assert.deepEqual(
      scene.attempts.map(({ signal }) => signal.reason),
      Array(inFlight).fill(REASON),
    );
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(call.outcome, REASON);
    await scene.clock.tick("1m");
    assert.equal(scene.attempts.length, inFlight);
  });
}

Deno.test("an answer that was there before the caller's abort stands", async () => {
  const scene = new Scene();
  const caller = new AbortController();
  const call = scene.call(caller.signal);
  scene.attempt(0).resolve("answer");
  caller.abort(REASON);
  await scene.clock.tick();
  assert.equal(call.outcome, "answer");
});

Deno.test("a failure that was there before the caller's abort stands", async () => {
  const scene = new Scene();
  const caller = new AbortController();
  const call = scene.call(caller.signal);
  scene.attempt(0).reject(FIRST);
  caller.abort(REASON);
  await scene.clock.tick();
  assert.equal(call.outcome, FIRST);
});

Deno.test("the caller's abort ends a call of which one of two attempts had failed before", async () => {
  const scene = new Scene();
  const caller = new AbortController();
  const call = scene.call(caller.signal);
  await scene.clock.tick(DELAY_MS);
  scene.attempt(0).reject(FIRST);
  caller.abort(REASON);
  await scene.clock.tick();
  assert.equal(call.outcome, REASON);
});

Deno.test("an operation that the caller's own signal made fail rejects with the signal's reason", async () => {
  const scene = new Scene();
  const caller = new AbortController();
  caller.signal.addEventListener("abort", () => {
    scene.attempt(0).reject(new DOMException("Aborted", "AbortError"));
  });
  const call = scene.call(caller.signal);
  caller.abort(REASON);
  await scene.clock.tick();
  assert.equal(call.outcome, REASON);
});

Deno.test("no hedge is sent once hedgeOnFailure has aborted the caller's signal", async () => {
  const caller = new AbortController();
  const scene = new Scene({
    hedgeOnFailure: () => {
      caller.abort(REASON);
      return true;
    },
  });
  scene.call(caller.signal);
  scene.attempt(0).reject(FIRST);
  await scene.clock.tick();
  assert.equal(scene.attempts.length, 1);
});

Deno.test("an operation that aborts its caller's signal ends the call with the reason and leaves no timer", async () => {
  const scene = new Scene();
  const caller = new AbortController();
  const call = new Call(scene.hedge.do((signal) => {
    caller.abort(REASON);
    return scene.operation(signal);
  }, { signal: caller.signal }));
  await scene.clock.tick();
  assert.equal(call.outcome, REASON);
  assert.equal(scene.clock.pendingTimers, 0);
});

Deno.test("no timer and no listener is left once the call has settled", async () => {
  const endings: Record<string, (scene: Scene, caller: AbortController) => void> = {
    answer: (scene) => scene.attempt(0).resolve("answer"),
    failure: (scene) => scene.attempt(0).reject(FIRST),
    abort: (_, caller) => caller.abort(REASON),
  };
  for (const [name, end] of Object.entries(endings)) {
    const scene = new Scene({ maxHedges: 2 });
    const { controller, listeners } = countedSignal();
    const call = scene.call(controller.signal);
    assert.deepEqual([scene.clock.pendingTimers, listeners()], [1, 1], name);
    end(scene, controller);
    await scene.clock.tick();
    assert.equal(call.settlements, 1, name);
    assert.deepEqual([scene.clock.pendingTimers, listeners()], [0, 0], name);
  }
});

Deno.test("100,000 calls that the caller aborts leave no timer and no listener", async () => {
  const scene = new Scene();
  const { controller, listeners } = countedSignal();
  const { signal } = controller;
  const hang = (): Promise<never> => new Promise(() => {});
  let aborted = 0;
  for (let i = 0; i < 100_000; i++) scene.hedge.do(hang, { signal }).catch(() => aborted++);
  assert.deepEqual([scene.clock.pendingTimers, listeners()], [1, 1]);
  controller.abort(REASON);
  await scene.clock.tick();
  assert.equal(aborted, 100_000);
  assert.deepEqual([scene.clock.pendingTimers, listeners()], [0, 0]);
});

Deno.test("no timer is pending once the last hedge is sent", async () => {
  const scene = new Scene({ maxHedges: 2 });
  scene.call();
  await scene.clock.tick(2 * DELAY_MS);
  assert.equal(scene.attempts.length, 3);
  assert.equal(scene.clock.pendingTimers, 0);
  scene.attempt(0).resolve("answer");
});

Deno.test("the late answer of a loser counts as no win", async () => {
  const scene = new Scene();
  scene.call();
  await scene.clock.tick(DELAY_MS);
  scene.attempt(0).resolve("first");
  scene.attempt(1).resolve("second");
  await scene.clock.tick();
  assert.equal(scene.hedge.counts.wins, 0);
});

Deno.test("the late failures of losers are swallowed", async () => {
  const unhandled = await unhandledDuring(async () => {
    const scene = new Scene();
    scene.call();
    await scene.clock.tick(DELAY_MS);
    scene.attempt(1).resolve("answer");
    await scene.clock.tick();
    scene.attempt(0).reject(FIRST);
  });
  assert.deepEqual(unhandled, []);
});

Deno.test("a failing call that nobody awaits is reported as unhandled exactly once", async () => {
  const unhandled = await unhandledDuring(async () => {
    const scene = new Scene();
    scene.hedge.do(scene.operation);
    await scene.clock.tick(DELAY_MS);
    scene.attempt(0).reject(FIRST);
    scene.attempt(1).reject(SECOND);
  });
  assert.deepEqual(unhandled, [SECOND]);
});

Deno.test("without a budget left no hedge is sent and the call goes on", async () => {
  const clock = new ManualClock();
  const scene = new Scene({
    clock,
    maxHedges: 2,
    budget: createRetryBudget({ ratio: 0, minPerSecond: 0, clock }),
  });
  const call = scene.call();
  await clock.tick("1m");
  assert.equal(scene.attempts.length, 1);
  scene.attempt(0).resolve("answer");
  await clock.tick();
  assert.equal(call.outcome, "answer");
  assert.deepEqual(scene.hedge.counts, { calls: 1, hedges: 0, wins: 0, refused: 1 });
});

Deno.test("without a budget left a failure that would be hedged ends the call", async () => {
  const budget = { deposit: () => {}, tryWithdraw: () => false, balance: 0 };
  const scene = new Scene({ budget, hedgeOnFailure: () => true });
  const call = scene.call();
  scene.attempt(0).reject(FIRST);
  await scene.clock.tick();
  assert.equal(call.outcome, FIRST);
});

Deno.test("a call that the budget refused a hedge does not ask for another", async () => {
  let asked = 0;
  const tryWithdraw = (): boolean => ++asked > 1;
  const scene = new Scene({
    budget: { deposit: () => {}, tryWithdraw, balance: 0 },
    hedgeOnFailure: () => true,
  });
  const call = scene.call();
  await scene.clock.tick(DELAY_MS);
  scene.attempt(0).reject(FIRST);
  await scene.clock.tick();
  assert.equal(call.outcome, FIRST);
  assert.equal(asked, 1);
});

Deno.test("by default ten calls allow one hedge, beside ten in ten seconds", async () => {
  const scene = new Scene();
  for (let i = 0; i < 100; i++) scene.call();
  await scene.clock.tick(DELAY_MS);
  assert.equal(scene.attempts.length, 100 + 10 + 10);
});

Deno.test("with a budget of null every slow call is hedged", async () => {
  const scene = new Scene({ budget: null });
  for (let i = 0; i < 100; i++) scene.call();
  await scene.clock.tick(DELAY_MS);
  assert.equal(scene.attempts.length, 200);
});

Deno.test("a budget that throws is reported, and the call goes on without a hedge", async () => {
  const fail = (): never => {
    throw new Error("the budget failed");
  };
  const scene = new Scene({ budget: { deposit: fail, tryWithdraw: fail, balance: 0 } });
  const call = scene.call();
  await scene.clock.tick("1m");
  scene.attempt(0).resolve("answer");
  await scene.clock.tick();
  assert.equal(call.outcome, "answer");
  assert.deepEqual(scene.reports, [
    'Hedge "hedge": the budget failed to take a call',
    'Hedge "hedge": the budget failed to give a hedge',
  ]);
});

Deno.test("events and counts tell how often hedges were sent, why, and won", async () => {
  const left = [true, true, false];
  const budget = { deposit: () => {}, tryWithdraw: () => left.shift() ?? false, balance: 0 };
  const scene = new Scene({ name: "users", maxHedges: 3, budget, hedgeOnFailure: () => true });
  const events: unknown[] = [];
  scene.hedge.on("hedge", (event) => events.push(["hedge", event]));
  scene.hedge.on("win", (event) => events.push(["win", event]));
  scene.hedge.on("budgetExhausted", (event) => events.push(["budgetExhausted", event]));
  scene.call();
  await scene.clock.tick(DELAY_MS);
  scene.attempt(0).reject(FIRST);
  await scene.clock.tick(DELAY_MS);
  scene.attempt(2).resolve("answer");
  await scene.clock.tick();
  assert.deepEqual(events, [
    ["hedge", { hedge: "users", attempt: 2, cause: "slow" }],
    ["hedge", { hedge: "users", attempt: 3, cause: "failed" }],
    ["budgetExhausted", { hedge: "users" }],
    ["win", { hedge: "users", attempt: 3 }],
  ]);
  assert.deepEqual(scene.hedge.counts, { calls: 1, hedges: 2, wins: 1, refused: 1 });
});

Deno.test("a listener that throws is reported and harms nothing", async () => {
  const scene = new Scene();
  scene.hedge.on("hedge", () => {
    throw new Error("the listener failed");
  });
  const call = scene.call();
  await scene.clock.tick(DELAY_MS);
  scene.attempt(1).resolve("answer");
  await scene.clock.tick();
  assert.equal(call.outcome, "answer");
  assert.deepEqual(scene.reports, ['Hedge "hedge": a listener to "hedge" failed']);
});

Deno.test("there is no event but those of a hedge", () => {
  // @ts-expect-error what plain JavaScript may pass
  assert.throws(() => new Scene().hedge.on("retry", () => {}), TypeError);
});

const OBSERVED = { percentile: 0.9, atLeastSamples: 10, window: "1h" } as const;

Deno.test("a percentile: no hedges until enough latencies are known", async () => {
  const scene = new Scene({ delay: OBSERVED });
  for (let i = 0; i < 9; i++) await scene.answerAfter(50);
  await scene.sendsNoHedgeWithin("1m");
});

Deno.test("a percentile: `initial` is the delay until enough latencies are known", async () => {
  const scene = new Scene({ delay: { ...OBSERVED, initial: 30 } });
  scene.call();
  await scene.clock.tick(29);
  assert.equal(scene.attempts.length, 1);
  await scene.clock.tick(1);
  assert.equal(scene.attempts.length, 2);
  scene.attempt(0).resolve("answer");
});

for (
  const [name, limits, latencyMs, delayMs] of [
    ["follows the latencies", {}, 50, 50],
    ["is at least the minimum", { minimum: 80 }, 50, 80],
    ["is at most the maximum", { maximum: 20 }, 50, 20],
  ] as const
) {
  Deno.test(`a percentile: the delay ${name}`, async () => {
    const scene = new Scene({ delay: { ...OBSERVED, ...limits }, budget: null });
    for (let i = 0; i < 10; i++) await scene.answerAfter(latencyMs);
    const before = scene.attempts.length;
    scene.call();
    await scene.clock.tick(delayMs * 0.98);
    assert.equal(scene.attempts.length - before, 1, "it is sent too early");
    await scene.clock.tick(delayMs * 0.04);
    assert.equal(scene.attempts.length - before, 2, "it is sent too late");
    scene.attempt(before).resolve("answer");
  });
}

Deno.test("a percentile: hedges that win do not make the calls look faster", async () => {
  const scene = new Scene({ delay: OBSERVED, budget: null });
  for (let i = 0; i < 10; i++) await scene.answerAfter(50);
  // From now on every first attempt hangs, and every hedge answers within 1 ms.
  for (let i = 0; i < 100; i++) {
    const before = scene.attempts.length;
    scene.call();
    await scene.clock.tick("10s");
    scene.attempt(before + 1).resolve("answer");
    await scene.clock.tick();
  }
  await scene.sendsNoHedgeWithin("9s");
});

Deno.test("a percentile: a caller who leaves before the delay says nothing about latencies", async () => {
  const scene = new Scene({ delay: OBSERVED });
  for (let i = 0; i < 10; i++) await scene.answerAfter(50);
  for (let i = 0; i < 100; i++) {
    const caller = new AbortController();
    scene.call(caller.signal);
    caller.abort(REASON);
    await scene.clock.tick();
  }
  await scene.sendsNoHedgeWithin(45);
});

Deno.test("a percentile: failures say nothing about latencies", async () => {
  const scene = new Scene({ delay: OBSERVED });
  for (let i = 0; i < 10; i++) await scene.answerAfter(50);
  for (let i = 0; i < 100; i++) {
    const before = scene.attempts.length;
    scene.call();
    scene.attempt(before).reject(FIRST);
    await scene.clock.tick();
  }
  await scene.sendsNoHedgeWithin(45);
});

Deno.test("around a breaker each attempt is counted, and the loser is ignored", async () => {
  const scene = new Scene();
  const { clock } = scene;
  const breaker = createBreaker("users", {}, { clock });
  const call = new Call(
    scene.hedge.do((signal) =>
      breaker.do(scene.operation, signal === undefined ? undefined : { signal })
    ),
  );
  await clock.tick(DELAY_MS);
  scene.attempt(1).resolve("answer");
  await clock.tick();
  assert.equal(call.outcome, "answer");
  scene.attempt(0).reject(FIRST);
  await clock.tick();
  const { calls, successes, failures } = breaker.counts;
  assert.deepEqual({ calls, successes, failures }, { calls: 1, successes: 1, failures: 0 });
  assert.equal(breaker.counts.lifetime.ignored, 1);
});

Deno.test("around an open breaker a hedge that is refused leaves the first attempt its chance", async () => {
  const scene = new Scene();
  const breaker = createBreaker("users", { failureThreshold: 1 }, { clock: scene.clock });
  const call = new Call(
    scene.hedge.do((signal) =>
      breaker.do(scene.operation, signal === undefined ? undefined : { signal })
    ),
  );
  breaker.tryAcquire()?.failure();
  await scene.clock.tick(DELAY_MS);
  assert.equal(call.outcome, "pending");
  scene.attempt(0).resolve("answer");
  await scene.clock.tick();
  assert.equal(call.outcome, "answer");
});

Deno.test("calls through a hedge inside an operation of the same hedge are calls of their own", async () => {
  const scene = new Scene();
  const call = new Call(scene.hedge.do(() => scene.hedge.do(scene.operation)));
  scene.attempt(0).resolve("inner");
  await scene.clock.tick();
  assert.equal(call.outcome, "inner");
  assert.equal(scene.clock.pendingTimers, 0);
});

for (
  const [name, options, inner, expected] of [
    [
      "a fixed delay",
      { delay: "100ms" },
      { longestMs: 1_000, attempts: 1 },
      {
        text: "sends up to 1 hedge, after 100ms without an answer; the first answer wins",
        attempts: 2,
        longestMs: 1_100,
      },
    ],
    [
      "several hedges around several attempts",
      { delay: "100ms", maxHedges: 3 },
      { longestMs: 1_000, attempts: 2 },
      {
        text: "sends up to 3 hedges, each after 100ms without an answer; the first answer wins",
        attempts: 8,
        longestMs: 1_300,
      },
    ],
    [
      "a delay longer than the call",
      { delay: "1m" },
      { longestMs: 1_000, attempts: 1 },
      {
        text: "sends up to 1 hedge, after 1m0s without an answer; the first answer wins",
        attempts: 2,
        longestMs: 2_000,
      },
    ],
    [
      "a percentile",
      { delay: { percentile: 0.99, minimum: "5ms", maximum: "2s" } },
      { longestMs: 1_000, attempts: 1 },
      {
        text: "sends up to 1 hedge, after the p99 of recent latencies " +
          "(5ms to 2s) without an answer; the first answer wins",
        attempts: 2,
        longestMs: 2_000,
      },
    ],
    [
      "a call without a limit",
      { delay: {} },
      { longestMs: Infinity, attempts: 1 },
      {
        text: "sends up to 1 hedge, after the p95 of recent latencies " +
          "(at least 1ms) without an answer; the first answer wins",
        attempts: 2,
        longestMs: Infinity,
      },
    ],
  ] as const
) {
  Deno.test(`describe: ${name}`, () => {
    assert.deepEqual(createHedge(options).describe(inner), expected);
  });
}

const BAD: readonly [string, unknown, RegExp][] = [
  ["no object", 5, /^TypeError: Cannot create hedge: options must be an object, received 5$/],
  [
    "an unknown option",
    { delays: 5 },
    /^TypeError: .*unknown option "delays"; did you mean "delay"\?$/,
  ],
  [
    "a name that is no text",
    { name: 5 },
    /^TypeError: Cannot create hedge "5": "name" must be a text/,
  ],
  ["a negative delay", { delay: -1 }, /^RangeError: Cannot create hedge "hedge": "delay" must be/],
  ["no delay in words", { delay: "soon" }, /^RangeError: .*"delay" must be a duration/],
  ["a delay of null", { delay: null }, /^TypeError: .*"delay" must be a duration/],
  ["a delay of NaN", { delay: NaN }, /^RangeError: .*"delay"/],
  [
    "no hedges",
    { maxHedges: 0 },
    /^RangeError: .*"maxHedges" must be an integer of at least 1, received 0$/,
  ],
  ["half a hedge", { maxHedges: 1.5 }, /^RangeError: .*"maxHedges"/],
  ["a budget that is none", { budget: {} }, /^TypeError: .*"budget.deposit" must be a function/],
  ["a budget of false", { budget: false }, /^TypeError: .*"budget.deposit" must be a function/],
  ["isFatal that is no function", { isFatal: true }, /^TypeError: .*"isFatal" must be a function/],
  ["hedgeOnFailure that is no function", { hedgeOnFailure: 1 }, /^TypeError: .*"hedgeOnFailure"/],
  ["an unknown field of the delay", { delay: { p: 1 } }, /^TypeError: .*unknown option "p"/],
  ["a percentile of 0", { delay: { percentile: 0 } }, /^RangeError: .*"delay.percentile"/],
  ["a percentile of 1", { delay: { percentile: 1 } }, /^RangeError: .*"delay.percentile"/],
  ["a percentile of 95", { delay: { percentile: 95 } }, /^RangeError: .*"delay.percentile"/],
  ["a negative minimum", { delay: { minimum: -1 } }, /^RangeError: .*"delay.minimum"/],
  [
    "a maximum below the minimum",
    { delay: { minimum: 10, maximum: 5 } },
    /^RangeError: .*"delay.maximum" must be a duration of at least 10/,
  ],
  ["no samples", { delay: { atLeastSamples: 0 } }, /^RangeError: .*"delay.atLeastSamples"/],
  ["a negative initial", { delay: { initial: -1 } }, /^RangeError: .*"delay.initial"/],
  ["an empty window", { delay: { window: 0 } }, /^RangeError: .*"delay.window"/],
];
for (const [name, options, message] of BAD) {
  Deno.test(`at construction is refused: ${name}`, () => {
    // @ts-expect-error what plain JavaScript may pass
    assert.throws(() => createHedge(options), (error: Error) => message.test(`${error}`));
  });
}

Deno.test("whatever attempts and the caller do, a call settles once, losers are aborted, nothing is left", async () => {
  const attempt = fc.record({
    ms: fc.option(fc.integer({ min: 0, max: 500 }), { nil: Infinity }),
    fails: fc.boolean(),
    obeysSignal: fc.boolean(),
    throwsAtOnce: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });
  const scenario = fc.record({
    maxHedges: fc.integer({ min: 1, max: 3 }),
    delay: fc.integer({ min: 0, max: 200 }),
    attempts: fc.array(attempt, { minLength: 4, maxLength: 4 }),
    abortAt: fc.option(fc.integer({ min: 0, max: 600 })),
    hedgesOnFailure: fc.boolean(),
    isFatal: fc.boolean(),
    budget: fc.integer({ min: 0, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      let left = given.budget;
      const clock = new ManualClock();
      const scene = new Scene({
        clock,
        delay: given.delay,
        maxHedges: given.maxHedges,
        hedgeOnFailure: () => given.hedgesOnFailure,
        isFatal: () => given.isFatal,
        budget: { deposit: () => {}, tryWithdraw: () => left-- > 0, balance: 0 },
      });
      const { controller, listeners } = countedSignal();
      const signals: AbortSignal[] = [];
      const settled: boolean[] = [];
      const answers: number[] = [];
      const failures: unknown[] = [];
      const unhandled = await unhandledDuring(async () => {
        const call = new Call(scene.hedge.do((signal) => {
          assert(signal !== undefined);
          const index = signals.length;
          signals.push(signal);
          const plan = given.attempts[index];
          assert(plan !== undefined, "more attempts than were allowed");
          const error = new Error(`attempt ${index} failed`);
          if (plan.throwsAtOnce) {
            settled[index] = true;
            failures.push(error);
            throw error;
          }
          return new Promise<number>((resolve, reject) => {
            const end = (): void => {
              if (settled[index]) return;
              settled[index] = true;
              if (!signal.aborted) {
                (plan.fails ? failures : answers).push(plan.fails ? error : index);
              }
              if (plan.fails) reject(error);
              else resolve(index);
            };
            if (plan.ms !== Infinity) clock.setTimeout(end, plan.ms);
            if (!plan.obeysSignal) return;
            signal.addEventListener("abort", () => {
              if (settled[index]) return;
              settled[index] = true;
              reject(signal.reason);
            });
          });
        }, { signal: controller.signal }));
        if (given.abortAt !== null) clock.setTimeout(() => controller.abort(REASON), given.abortAt);
        await clock.tick(2_000);
        const hangs = call.settlements === 0;
        if (hangs) controller.abort(REASON);
        await clock.tick();

        assert.equal(call.settlements, 1);
        assert(signals.length <= 1 + given.maxHedges);
        assert(signals.length <= 1 + given.budget);
        assert.equal(clock.pendingTimers, 0);
        assert.equal(listeners(), 0);
        if (call.outcome === REASON) assert(hangs || given.abortAt !== null);
        else if (call.outcome instanceof Error) assert(failures.includes(call.outcome));
        else assert.equal(call.outcome, answers[0]);
        for (const [index, signal] of signals.entries()) {
          const isDone: boolean = index === call.outcome || settled[index] === true;
          assert(isDone || signal.aborted, `attempt ${index} was left running`);
          assert(index !== call.outcome || !signal.aborted, "the winner was aborted");
        }
        if (hangs) {
          assert(signals.every((signal, index) => settled[index] === true || signal.aborted));
        }
      });
      assert.deepEqual(unhandled, []);
    }),
    { numRuns: 500 },
  );
});
