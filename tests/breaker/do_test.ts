import assert from "node:assert/strict";
import { BreakerOpenError, BreakerTimeoutError, createBreaker } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";
import { Deferred } from "../support/deferred_operation.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";

const boom = new Error("boom");

Deno.test("R2: resolved is a success, threw is a failure, and the caller gets value and error", async () => {
  const { breaker } = bench();
  assert.equal(await breaker.do(() => Promise.resolve("value")), "value");
  await assert.rejects(breaker.do(() => Promise.reject(boom)), (error) => error === boom);
  const { calls, successes, failures } = breaker.counts;
  assert.deepEqual({ calls, successes, failures }, { calls: 2, successes: 1, failures: 1 });
});

Deno.test("R2: an operation that throws synchronously rejects the call and is a failure", async () => {
  const { breaker } = bench();
  const call = breaker.do(() => {
    throw boom;
  });
  await assert.rejects(call, (error) => error === boom);
  assert.equal(breaker.counts.failures, 1);
});

Deno.test("do takes plain values and thenables, and calls a lazy thenable's then once", async () => {
  const { breaker } = bench();
  assert.equal(await breaker.do(() => 42), 42);
  let calls = 0;
  const lazy: PromiseLike<string> = {
    then: (resolve) => {
      calls++;
      return Promise.resolve("lazy").then(resolve);
    },
  };
  assert.equal(await breaker.do(() => lazy), "lazy");
  assert.equal(calls, 1);
  assert.equal(breaker.counts.successes, 2);
});

Deno.test("do refuses what is no function, and holds it against nobody", async () => {
  const { breaker } = bench({ failureThreshold: 1 });
  const notAFunction: unknown = "fetch";
  // @ts-expect-error -- a caller in JavaScript can do this
  await assert.rejects(breaker.do(notAFunction), TypeError);
  // @ts-expect-error -- a caller in JavaScript can do this
  await assert.rejects(breaker.do(notAFunction, { timeout: 5 }), TypeError);
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => breaker.doSync(notAFunction), TypeError);
  assert.equal(breaker.counts.calls, 0);
  assert.equal(breaker.state, "closed");
});

for (const options of [undefined, {}, { timeout: "1s" }]) {
  const how = options === undefined ? "without options" : `with ${JSON.stringify(options)}`;
  Deno.test(`a failure that nobody awaits still raises unhandledrejection, once, ${how}`, async () => {
    const { breaker } = bench();
    const unhandled = await unhandledDuring(() => {
      breaker.do(() => Promise.reject(boom), options);
    });
    assert.deepEqual(unhandled, [boom]);
  });
}

Deno.test("R2: isIgnored is asked before isFailure, and both only for errors", async () => {
  const asked: string[] = [];
  const { breaker } = bench({}, {
    isIgnored: (error) => {
      asked.push("isIgnored");
      return error === "ignored";
    },
    isFailure: (error) => {
      asked.push("isFailure");
      return error !== "answered";
    },
  });
  await breaker.do(() => Promise.resolve("value"));
  for (const error of ["ignored", "answered", "failed"]) {
    await assert.rejects(breaker.do(() => Promise.reject(error)));
  }
  assert.deepEqual(asked, ["isIgnored", "isIgnored", "isFailure", "isIgnored", "isFailure"]);
  const { calls, successes, failures, lifetime } = breaker.counts;
  assert.deepEqual([calls, successes, failures, lifetime.ignored], [3, 2, 1, 1]);
});

Deno.test("R2: isResultFailure counts a value as a failure, and the caller still gets it", async () => {
  const { breaker } = bench({}, { isResultFailure: (status) => status === 503 });
  assert.equal(await breaker.do(() => Promise.resolve(503)), 503);
  assert.equal(await breaker.do(() => 200), 200);
  assert.equal(breaker.counts.failures, 1);
});

Deno.test("R2: a call's own predicates win over the breaker's", async () => {
  const { breaker } = bench({}, { isFailure: () => false });
  await assert.rejects(breaker.do(() => Promise.reject(boom), { isFailure: () => true }));
  await assert.rejects(breaker.do(() => Promise.reject(boom), { isIgnored: () => true }));
  await breaker.do(() => "bad", { isResultFailure: (value) => value === "bad" });
  const { failures, lifetime } = breaker.counts;
  assert.deepEqual([failures, lifetime.ignored], [2, 1]);
});

for (const name of ["isIgnored", "isFailure", "isResultFailure"] as const) {
  Deno.test(`R2: ${name} that throws is reported, and the default stands`, async () => {
    const { breaker, reports } = bench({}, {
      [name]: () => {
        throw new Error("predicate");
      },
    });
    assert.equal(await breaker.do(() => "value"), "value");
    await assert.rejects(breaker.do(() => Promise.reject(boom)), (error) => error === boom);
    const { successes, failures } = breaker.counts;
    assert.deepEqual([successes, failures], [1, 1]);
    assert.equal(reports.length, 1);
    assert.match(reports[0] ?? "", new RegExp(name));
  });
}

Deno.test("R2: cancelled by the caller's signal, the call rejects at once with its reason and is ignored", async () => {
  const { breaker } = bench();
  const caller = new AbortController();
  const hung = new Deferred();
  const call = breaker.do(hung.operation, { signal: caller.signal });
  caller.abort(boom);
  await assert.rejects(call, (error) => error === boom);
  const { calls, lifetime } = breaker.counts;
  assert.deepEqual([calls, lifetime.ignored], [0, 1]);
  hung.resolve("late");
});

Deno.test("R21: the operation gets a signal with a timeout or a caller's signal, else undefined", async () => {
  const signals: unknown[] = [];
  const see = (signal: AbortSignal | undefined): void => {
    signals.push(signal);
  };
  const { signal } = new AbortController();
  const plain = bench().breaker;
  await plain.do(see);
  await plain.do(see, {});
  await plain.do(see, { signal });
  await plain.do(see, { timeout: "1s" });
  await bench({ timeout: "1s" }).breaker.do(see);
  await bench({ timeout: "1s" }).breaker.do(see, { timeout: null });
  const kinds = signals.map((seen) => seen instanceof AbortSignal);
  assert.deepEqual(kinds, [false, false, true, true, true, false]);
});

Deno.test("R21: with a signal that is aborted already the operation is not run and nothing is counted", async () => {
  const { breaker } = bench();
  const operation = new Deferred();
  const signal = AbortSignal.abort(boom);
  const call = breaker.do(operation.operation, { signal, fallback: () => "fallback" });
  await assert.rejects(call, (error) => error === boom);
  assert.equal(operation.calls, 0);
  assert.equal(breaker.counts.lifetime.ignored, 0);
});

Deno.test("R21: an operation that settled before the abort keeps its outcome", async () => {
  const { breaker } = bench();
  for (const how of ["resolve", "reject"] as const) {
    const caller = new AbortController();
    const operation = new Deferred<unknown>();
    const call = breaker.do(operation.operation, { signal: caller.signal });
    operation[how](boom);
    caller.abort(new Error("too late"));
    if (how === "resolve") assert.equal(await call, boom);
    else await assert.rejects(call, (error) => error === boom);
  }
  const { successes, failures, lifetime } = breaker.counts;
  assert.deepEqual([successes, failures, lifetime.ignored], [1, 1, 0]);
});

Deno.test("R21: what the operation does in answer to the abort is a cancellation", async () => {
  for (const timeout of [undefined, "1s"]) {
    const { breaker, clock } = bench(timeout === undefined ? {} : { timeout });
    const caller = new AbortController();
    const answers: ((signal: AbortSignal, reject: (error: unknown) => void) => void)[] = [
      (signal, reject) => signal.addEventListener("abort", () => reject(signal.reason)),
      (signal, reject) => signal.addEventListener("abort", () => reject(new Error("other"))),
    ];
    const calls = answers.map((answer) =>
      breaker.do(
        (signal) =>
          new Promise<string>((_, reject) => {
            assert(signal);
            answer(signal, reject);
          }),
        { signal: caller.signal },
      )
    );
    caller.abort(boom);
    for (const call of calls) await assert.rejects(call, (error) => error === boom);
    assert.equal(breaker.counts.lifetime.ignored, 2);
    assert.equal(breaker.counts.failures, 0);
    assert.equal(clock.pendingTimers, 0);
  }
});

Deno.test("R21: an abort from within the operation is a cancellation, however the operation ends", async () => {
  const { breaker } = bench();
  const endings = [() => "value", () => Promise.reject(new Error("other")), () => {
    throw new Error("other");
  }];
  for (const ending of endings) {
    const caller = new AbortController();
    const call = breaker.do(() => {
      caller.abort(boom);
      return ending();
    }, { signal: caller.signal });
    await assert.rejects(call, (error) => error === boom);
  }
  assert.equal(breaker.counts.lifetime.ignored, 3);
});

Deno.test("R2: an AbortError that comes before the cancellation is heard is a cancellation", async () => {
  const { breaker } = bench();
  const caller = new AbortController();
  const operation = new Deferred();
  caller.signal.addEventListener("abort", () => operation.reject(caller.signal.reason));
  const call = breaker.do(operation.operation, { signal: caller.signal });
  caller.abort();
  await assert.rejects(call, { name: "AbortError" });
  assert.equal(breaker.counts.lifetime.ignored, 1);
});

Deno.test("R17: at the deadline the call rejects with BreakerTimeoutError, even if the operation ignores its signal", async () => {
  const { breaker, clock } = bench({ timeout: "2s" });
  const hung = new Deferred();
  const call = breaker.do(hung.operation);
  await clock.tick(1_999);
  assert.equal(hung.signal?.aborted, false);
  const rejected = assert.rejects(call, (error) => {
    assert(error instanceof BreakerTimeoutError);
    assert.equal(error.name, "BreakerTimeoutError");
    assert.equal(error.code, "BREAKER_TIMEOUT");
    assert.equal(error.breaker, "b");
    assert.equal(error.timeoutMs, 2_000);
    assert.equal(hung.signal?.reason, error);
    return true;
  });
  await clock.tick(1);
  await rejected;
  const { calls, failures, timeouts } = breaker.counts;
  assert.deepEqual([calls, failures, timeouts], [1, 1, 1]);
});

Deno.test("R17: a settlement after the deadline is swallowed: no second count, no unhandled rejection", async () => {
  for (const how of ["resolve", "reject"] as const) {
    const { breaker, clock } = bench({ timeout: "1s" });
    const hung = new Deferred<unknown>();
    const unhandled = await unhandledDuring(async () => {
      const call = breaker.do(hung.operation);
      call.catch(() => {});
      await clock.tick("1s");
      hung[how](boom);
      await clock.tick();
    });
    assert.deepEqual(unhandled, []);
    assert.equal(breaker.counts.calls, 1);
    assert.equal(breaker.counts.timeouts, 1);
  }
});

Deno.test("R17: timers and listeners are gone as soon as the call settles", async () => {
  const endings: [string, (operation: Deferred, caller: AbortController) => void][] = [
    ["resolves", (operation) => operation.resolve("value")],
    ["rejects", (operation) => operation.reject(boom)],
    ["is cancelled", (_, caller) => caller.abort(boom)],
  ];
  for (const [ending, end] of endings) {
    const { breaker, clock } = bench({ timeout: "1s" });
    const caller = new AbortController();
    const { signal } = caller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>): void => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
      listeners--;
      remove(...args);
    };
    const operation = new Deferred();
    const call = breaker.do(operation.operation, { signal });
    assert.deepEqual([clock.pendingTimers, listeners], [1, 1], ending);
    end(operation, caller);
    await call.catch(() => {});
    assert.deepEqual([clock.pendingTimers, listeners], [0, 0], ending);
  }
});

Deno.test("R2: the time limit's own error never reaches the predicates", async () => {
  const asked: unknown[] = [];
  const { breaker, clock } = bench({ timeout: "1s" }, {
    isIgnored: (error) => asked.push(error) > 0,
  });
  const call = breaker.do(new Deferred().operation);
  const rejected = assert.rejects(call, BreakerTimeoutError);
  await clock.tick("1s");
  await rejected;
  assert.deepEqual(asked, []);
  assert.equal(breaker.counts.timeouts, 1);
});

Deno.test("a call's own timeout wins over the policy's, and a bad one is refused before anything runs", async () => {
  const { breaker, clock } = bench({ timeout: "1s" });
  const call = breaker.do(new Deferred().operation, { timeout: "5s" });
  const rejected = assert.rejects(call, { timeoutMs: 5_000 });
  await clock.tick("5s");
  await rejected;
  for (const timeout of [0, -1, Number.NaN, "soon"]) {
    const operation = new Deferred();
    await assert.rejects(
      breaker.do(operation.operation, { timeout }),
      /RangeError|SyntaxError|TypeError/,
    );
    assert.equal(operation.calls, 0);
  }
});

Deno.test("R21: the fallback answers refusals, timeouts and failures, and is given the error", async () => {
  const { breaker, clock } = bench({ failureThreshold: 2, timeout: "1s" });
  const seen: unknown[] = [];
  const fallback = (error: unknown): string => {
    seen.push(error);
    return "fallback";
  };
  assert.equal(await breaker.do(() => Promise.reject(boom), { fallback }), "fallback");
  const timedOut = breaker.do(new Deferred().operation, { fallback });
  await clock.tick("1s");
  assert.equal(await timedOut, "fallback");
  assert.equal(await breaker.do(() => "value", { fallback }), "fallback");
  assert.equal(seen[0], boom);
  assert(seen[1] instanceof BreakerTimeoutError);
  assert(seen[2] instanceof BreakerOpenError);
});

Deno.test("R21: the fallback never answers cancellations, ignored errors, answers or failed values", async () => {
  const { breaker } = bench({}, {
    isIgnored: (error) => error === "ignored",
    isFailure: (error) => error !== "answered",
    isResultFailure: (value) => value === "bad",
  });
  const fallback = (): string => "fallback";
  const caller = new AbortController();
  const cancelled = breaker.do(new Deferred().operation, { fallback, signal: caller.signal });
  caller.abort(boom);
  await assert.rejects(cancelled, (error) => error === boom);
  for (const error of ["ignored", "answered"]) {
    await assert.rejects(breaker.do(() => Promise.reject(error), { fallback }), (e) => e === error);
  }
  assert.equal(await breaker.do(() => "bad", { fallback }), "bad");
});

Deno.test("a fallback that throws or rejects decides how the call ends", async () => {
  const { breaker } = bench();
  const other = new Error("other");
  const fallbacks = [() => Promise.reject(other), () => {
    throw other;
  }];
  for (const fallback of fallbacks) {
    await assert.rejects(breaker.do(() => Promise.reject(boom), { fallback }), (e) => e === other);
  }
  fail(breaker, 5);
  for (const fallback of fallbacks) {
    await assert.rejects(breaker.do(() => "value", { fallback }), (error) => error === other);
  }
});

Deno.test("doSync counts and classifies like do", () => {
  const { breaker } = bench({ failureThreshold: 3 }, { isIgnored: (error) => error === "ignored" });
  assert.equal(breaker.doSync(() => 7), 7);
  const raise = (error: unknown) => () => {
    throw error;
  };
  assert.throws(() => breaker.doSync(raise(boom)), (error) => error === boom);
  assert.throws(() => breaker.doSync(raise("ignored"), { fallback: () => "no" }));
  assert.equal(breaker.doSync(raise(boom), { fallback: (error) => error }), boom);
  assert.equal(breaker.doSync(() => "bad", { isResultFailure: () => true }), "bad");
  assert.equal(breaker.counts.failures, 3);
  assert.throws(() => breaker.doSync(() => 7), BreakerOpenError);
  assert.equal(breaker.doSync(() => 7, { fallback: () => 8 }), 8);
});

Deno.test("wrap keeps this, arguments, result and name", async () => {
  const { breaker } = bench({ failureThreshold: 1 });
  const account = {
    balance: 5,
    async deposit(amount: number): Promise<number> {
      await Promise.resolve();
      return this.balance += amount;
    },
  };
  const guarded = { ...account, deposit: breaker.wrap(account.deposit) };
  assert.equal(await guarded.deposit(3), 8);
  assert.equal(guarded.balance, 8);
  assert.equal(guarded.deposit.name, "deposit");
  fail(breaker);
  await assert.rejects(guarded.deposit(1), BreakerOpenError);
  const withFallback = breaker.wrap((n: number) => n, { fallback: () => -1 });
  assert.equal(await withFallback(1), -1);
});

Deno.test("20 calls on the default clock leave nothing behind", async () => {
  const breaker = createBreaker("plain");
  for (let i = 0; i < 20; i++) await breaker.do(() => Promise.resolve(i));
  assert.equal(breaker.counts.calls, 20);
});

Deno.test("R4: a do that settles after a trip, a reset or a mode change is stale, and its caller gets the result", async () => {
  const changes: [string, (b: ReturnType<typeof bench>) => void][] = [
    ["trip", ({ breaker }) => fail(breaker, 5)],
    ["reset", ({ breaker }) => breaker.reset()],
    ["mode", ({ breaker }) => breaker.override("disabled")],
    ["restored trip", ({ breaker, clock }) => {
      fail(breaker, 5);
      clock.advance("1m");
    }],
  ];
  for (const [name, change] of changes) {
    const made = bench({ successThreshold: 1 });
    const operation = new Deferred();
    const call = made.breaker.do(operation.operation);
    change(made);
    const { state } = made.breaker;
    operation.resolve("late");
    assert.equal(await call, "late", name);
    assert.equal(made.breaker.counts.staleCalls, 1, name);
    assert.equal(made.breaker.state, state, name);
  }
});

Deno.test("R11: a hung probe through do reopens at its deadline and its late result is stale", async () => {
  const { breaker, clock } = bench({
    failureThreshold: 1,
    openStateTimeout: "1s",
    successThreshold: 1,
  });
  fail(breaker);
  await clock.tick("1s");
  const hung = new Deferred();
  const call = breaker.do(hung.operation);
  assert.equal(breaker.counts.inFlight, 1);
  await clock.tick("1s");
  assert.equal(breaker.state, "open");
  hung.resolve("late");
  assert.equal(await call, "late");
  assert.equal(breaker.state, "open");
  assert.equal(breaker.counts.staleCalls, 1);
});

Deno.test("R1: a call through do that takes longer than slowCallThreshold is slow", async () => {
  const { breaker, clock } = bench({ slowCallThreshold: "100ms" });
  for (const tookMs of [100, 101]) {
    const operation = new Deferred();
    const call = breaker.do(operation.operation);
    await clock.tick(tookMs);
    operation.resolve("value");
    await call;
  }
  const { slow, successes } = breaker.counts;
  assert.deepEqual([slow, successes], [1, 2]);
});

Deno.test("R14: slow detection that is turned on live measures calls that are in flight", async () => {
  const { breaker, clock } = bench();
  const operation = new Deferred();
  const call = breaker.do(operation.operation);
  breaker.setPolicy({ slowCallThreshold: "100ms" });
  await clock.tick("1s");
  operation.resolve("value");
  await call;
  assert.equal(breaker.counts.slow, 1);
});

Deno.test("the manual clock drives a breaker's timeouts without real time", async () => {
  const clock = new ManualClock();
  const breaker = createBreaker("slow", { timeout: "1h" }, { clock });
  const rejected = assert.rejects(breaker.do(new Deferred().operation), BreakerTimeoutError);
  await clock.tick("1h");
  await rejected;
});
