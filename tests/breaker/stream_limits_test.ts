import assert from "node:assert/strict";
import { BreakerTimeoutError, type Policy, restoreBreaker, type StreamOptions } from "../../mod.ts";
import { coreOf } from "../../src/breaker/breaker.ts";
import { KEPT } from "../../src/collections/giving_way.ts";
import type { Settlement } from "../../src/breaker/events/call_watcher.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import type { Clock } from "../../src/time/clock.ts";
import { toMs } from "../../src/time/timeline.ts";
import { type Bench, bench, fail, outcomes } from "../support/breaker_bench.ts";
import { DrivenProducer } from "../support/driven_producer.ts";

/** A stream of a producer that the test drives, on a manual clock. */
function streaming(policy: Policy = {}, options: StreamOptions = {}) {
  return on(bench(policy), options);
}

function on({ breaker, clock }: Bench, options: StreamOptions = {}) {
  const producer = new DrivenProducer();
  const items = breaker.stream(producer.operation, options)[Symbol.asyncIterator]();
  /** Takes one item that the producer gives after so long. */
  const take = async (afterMs = 0): Promise<IteratorResult<string, unknown>> => {
    const item = items.next();
    await clock.tick(afterMs);
    producer.give("item");
    return await item;
  };
  return { breaker, clock, producer, items, take };
}

const timedOut = (subject: string, timeoutMs: number) => (error: unknown): boolean =>
  error instanceof BreakerTimeoutError && error.timeoutMs === timeoutMs &&
  error.message.startsWith(subject);

Deno.test("R27: a first item that takes longer than firstWithin is a timeout", async () => {
  const { breaker, clock, producer, items } = streaming({}, { firstWithin: "2s" });
  const first = items.next();
  const rejected = assert.rejects(
    first,
    timedOut('First item of the stream through breaker "b"', 2_000),
  );
  await clock.tick(1_999);
  assert.deepEqual(outcomes(breaker), {});
  await clock.tick(1);
  await rejected;
  assert.deepEqual(outcomes(breaker), { failures: 1, timeouts: 1 });
  assert(producer.signal?.reason instanceof BreakerTimeoutError);
  assert.deepEqual(producer.told, ["run", "return"]);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("R27: firstWithin counts from the admission, the operation's promise included", async () => {
  const { breaker, clock } = bench();
  const stream = breaker.stream(() => new Promise<never>(() => {}), { firstWithin: "2s" });
  const rejected = assert.rejects(stream[Symbol.asyncIterator]().next(), BreakerTimeoutError);
  await clock.tick("2s");
  await rejected;
  assert.deepEqual(outcomes(breaker), { failures: 1, timeouts: 1 });
});

Deno.test("R27: what comes after a limit is dropped", async () => {
  const { breaker, clock, producer, items } = streaming({}, { firstWithin: "2s" });
  const rejected = assert.rejects(items.next(), BreakerTimeoutError);
  await clock.tick("2s");
  await rejected;
  producer.give("late");
  await clock.tick();
  assert.deepEqual(await items.next(), { done: true, value: undefined });
  assert.deepEqual(outcomes(breaker), { failures: 1, timeouts: 1 });
});

for (const onReturn of ["hangs", "throws", "rejects"] as const) {
  Deno.test(`R27: a limit waits for no return(), also one that ${onReturn}`, async () => {
    const { clock, producer, items } = streaming({}, { firstWithin: "2s" });
    producer.onReturn = () => {
      if (onReturn === "throws") throw new Error("cannot return");
      return onReturn === "hangs" ? new Promise(() => {}) : Promise.reject(new Error("no"));
    };
    const rejected = assert.rejects(items.next(), BreakerTimeoutError);
    await clock.tick("2s");
    await rejected;
  });
}

Deno.test("R27: idleWithin limits each later wait, and begins anew with each", async () => {
  const { breaker, clock, items, take } = streaming({}, { firstWithin: "9s", idleWithin: "2s" });
  await take(8_000);
  for (let i = 0; i < 3; i++) await take(1_999);
  const rejected = assert.rejects(items.next(), timedOut("Next item of the stream", 2_000));
  await clock.tick("2s");
  await rejected;
  assert.deepEqual(outcomes(breaker), { failures: 1, timeouts: 1 });
});

Deno.test("R27: without firstWithin, idleWithin limits the first wait too; null is none", async () => {
  const limited = streaming({}, { idleWithin: "2s" });
  const rejected = assert.rejects(limited.items.next(), timedOut("First item", 2_000));
  await limited.clock.tick("2s");
  await rejected;
  const free = streaming({}, { firstWithin: null, idleWithin: "2s" });
  assert.equal((await free.take(3_600_000)).value, "item");
});

Deno.test("R27: what the consumer does between two items takes no time, and no timer runs", async () => {
  const limits = { firstWithin: "2s", idleWithin: "2s", timeout: "5s" };
  const { breaker, clock, producer, items, take } = streaming({ slowCallThreshold: "3s" }, limits);
  await take(1_000);
  assert.equal(clock.pendingTimers, 0);
  await clock.tick("1h");
  await take(1_000);
  await clock.tick("1h");
  const last = items.next();
  producer.end();
  await last;
  assert.deepEqual(outcomes(breaker), { successes: 1 });
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("R27: the policy's timeout limits the sum of all waits", async () => {
  const { breaker, clock, items, take } = streaming({ timeout: "5s" });
  await take(2_000);
  await clock.tick("1m");
  await take(2_000);
  await clock.tick("1m");
  const rejected = assert.rejects(items.next(), timedOut("Stream through breaker", 5_000));
  await clock.tick(999);
  assert.deepEqual(outcomes(breaker), {});
  await clock.tick(1);
  await rejected;
  assert.deepEqual(outcomes(breaker), { failures: 1, timeouts: 1 });
});

Deno.test("R27: a stream's own timeout wins over the policy's; null is none", async () => {
  const shorter = streaming({ timeout: "1h" }, { timeout: "1s" });
  const rejected = assert.rejects(shorter.items.next(), timedOut("Stream", 1_000));
  await shorter.clock.tick("1s");
  await rejected;
  const none = streaming({ timeout: "1s" }, { timeout: null });
  assert.equal((await none.take(3_600_000)).value, "item");
});

Deno.test("R27: a stream without limits sets no timer, and one that has been left neither", async () => {
  const free = streaming();
  void free.items.next();
  assert.equal(free.clock.pendingTimers, 0);
  const { breaker, clock } = bench();
  async function* stubborn(): AsyncGenerator<string> {
    try {
      yield "a";
    } finally {
      yield "cleaning";
      await new Promise(() => {});
    }
  }
  const items = breaker.stream(stubborn, { idleWithin: "1s" })[Symbol.asyncIterator]();
  await items.next();
  await items.return();
  void items.next();
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("R27: under replaced timers, where each limit has a timer of its own, a stream without limits sets none", () => {
  const { setTimeout } = globalThis;
  const { clock, items } = streaming();
  globalThis.setTimeout = Object.assign(setTimeout.bind(undefined), setTimeout);
  try {
    void items.next();
    assert.equal(clock.pendingTimers, 0);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});

Deno.test("R27: an item that comes after the end begins no wait", async () => {
  const { clock, items, producer } = streaming({}, { idleWithin: "1s" });
  const asked = [items.next(), items.next(), items.next()];
  producer.end();
  producer.give("late");
  await Promise.all(asked.slice(0, 2));
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("R27: where two limits are over at once, it is the one of the whole stream", async () => {
  const { clock, items } = streaming({}, { timeout: "2s", idleWithin: "2s" });
  const rejected = assert.rejects(items.next(), timedOut("Stream", 2_000));
  await clock.tick("2s");
  await rejected;
});

Deno.test("R27: a producer without return() is let go of at a limit", async () => {
  const { breaker, clock } = bench();
  const hangs = () => ({ next: () => new Promise<never>(() => {}) });
  const operation = () => ({ [Symbol.asyncIterator]: hangs });
  const stream = breaker.stream(operation, { idleWithin: "1s" });
  const rejected = assert.rejects(stream[Symbol.asyncIterator]().next(), BreakerTimeoutError);
  await clock.tick("1s");
  await rejected;
});

Deno.test("R27: a ReadableStream that hangs is cancelled at a limit, though a read is pending", async () => {
  const { breaker, clock } = bench();
  let cancelled = false;
  const source = new ReadableStream<string>({
    pull: () => new Promise(() => {}),
    cancel: () => void (cancelled = true),
  });
  const stream = breaker.stream(() => source, { idleWithin: "1s" });
  const rejected = assert.rejects(stream[Symbol.asyncIterator]().next(), BreakerTimeoutError);
  await clock.tick("1s");
  await rejected;
  assert.equal(cancelled, true);
  await clock.tick();
  assert.equal(source.locked, false);
});

Deno.test("R27: of two limits the one that is over first ends the stream", async () => {
  const { clock, items, take } = streaming({}, { timeout: "3s", idleWithin: "2s" });
  await take(1_500);
  const rejected = assert.rejects(items.next(), timedOut("Stream", 3_000));
  await clock.tick(1_500);
  await rejected;
});

Deno.test("R27: a stream is slow by the time spent waiting, to which the outcome is added", async () => {
  for (const [waits, slow] of [[[500, 500], false], [[500, 501], true]] as const) {
    const { breaker, clock, producer, items, take } = streaming({ slowCallThreshold: "1s" });
    for (const wait of waits) {
      await take(wait);
      await clock.tick("1m");
    }
    const end = items.next();
    producer.end();
    await end;
    assert.deepEqual(outcomes(breaker), slow ? { successes: 1, slow: 1 } : { successes: 1 });
  }
});

Deno.test("R27: at a limit the oldest of several that wait gets the error, and the others are done", async () => {
  const { clock, items, breaker } = streaming({}, { idleWithin: "1s" });
  const oldest = assert.rejects(items.next(), BreakerTimeoutError);
  const [second, third] = [items.next(), items.next()];
  await clock.tick("1s");
  await oldest;
  assert.deepEqual(await Promise.all([second, third]), [
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
  assert.deepEqual(outcomes(breaker), { failures: 1, timeouts: 1 });
});

Deno.test("R27: while several wait, each item begins the idle time anew", async () => {
  const { clock, items, producer, breaker } = streaming({}, { idleWithin: "1s", timeout: "10s" });
  const first = items.next();
  const second = assert.rejects(items.next(), timedOut("Next item", 1_000));
  await clock.tick(900);
  producer.give("a");
  await first;
  await clock.tick(999);
  assert.deepEqual(outcomes(breaker), {});
  await clock.tick(1);
  await second;
});

Deno.test("R2: a caller's abort while the producer is waited for rejects at once, and its reason decides", async () => {
  const reasons = [[new Error("gone"), { ignored: 1 }], [
    new DOMException("too late", "TimeoutError"),
    { failures: 1, timeouts: 1 },
  ]] as const;
  for (const [reason, expected] of reasons) {
    const caller = new AbortController();
    const { breaker, producer, items } = streaming({}, { signal: caller.signal });
    const rejected = assert.rejects(items.next(), (error) => error === reason);
    caller.abort(reason);
    await rejected;
    assert.deepEqual(outcomes(breaker), expected);
    assert.equal(producer.signal?.reason, reason);
    assert.deepEqual(producer.told, ["run", "return"]);
    assert.deepEqual(await items.next(), { done: true, value: undefined });
  }
});

Deno.test("R2: isIgnored is told how long the producer was waited for", async () => {
  const caller = new AbortController();
  const seen: unknown[] = [];
  const { breaker, clock, items, take } = streaming({}, {
    signal: caller.signal,
    isIgnored: (_error, aborted) => {
      seen.push(aborted?.elapsedMs);
      return true;
    },
  });
  await take(300);
  await clock.tick("1m");
  const rejected = assert.rejects(items.next());
  await clock.tick(200);
  caller.abort(new DOMException("too late", "TimeoutError"));
  await rejected;
  assert.deepEqual(seen, [500]);
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
});

Deno.test("R27: an abort while nobody waits is ignored whatever its reason, and told at the next next()", async () => {
  const caller = new AbortController();
  const { breaker, clock, producer, items, take } = streaming({}, { signal: caller.signal });
  await take(10);
  const reason = new DOMException("too late", "TimeoutError");
  caller.abort(reason);
  await clock.tick();
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
  assert.deepEqual(producer.told, ["run", "return"]);
  await assert.rejects(items.next(), (error) => error === reason);
  assert.deepEqual(await items.next(), { done: true, value: undefined });
});

Deno.test("R21: what the producer had given before the abort stands", async () => {
  const caller = new AbortController();
  const { breaker, producer, items } = streaming({}, { signal: caller.signal });
  const last = items.next();
  producer.end();
  caller.abort(new Error("gone"));
  assert.deepEqual(await last, { done: true, value: undefined });
  assert.deepEqual(await items.next(), { done: true, value: undefined });
  assert.deepEqual(outcomes(breaker), { successes: 1 });
});

Deno.test("R21: a signal that is aborted before the first next(): nothing is run or counted", async () => {
  const caller = new AbortController();
  const { breaker, producer, items } = streaming({}, { signal: caller.signal });
  const reason = new Error("gone");
  caller.abort(reason);
  await assert.rejects(items.next(), (error) => error === reason);
  assert.deepEqual(producer.told, []);
  assert.deepEqual(outcomes(breaker), {});
});

Deno.test("R2: an operation that fails with the abort's reason was ended by the abort", async () => {
  const caller = new AbortController();
  const { breaker } = bench();
  const reason = new Error("gone");
  const stream = breaker.stream(
    () => {
      caller.abort(reason);
      return Promise.reject(new DOMException("aborted", "AbortError"));
    },
    { signal: caller.signal },
  );
  await assert.rejects(stream[Symbol.asyncIterator]().next(), (error) => error === reason);
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
});

Deno.test("R2: a producer that the caller's own listener fails by the abort was ended by the abort", async () => {
  const reasons = [[new Error("gone"), { ignored: 1 }], [
    new DOMException("too late", "TimeoutError"),
    { failures: 1, timeouts: 1 },
  ]] as const;
  for (const [reason, expected] of reasons) {
    const caller = new AbortController();
    const { breaker, producer, items } = streaming({}, { signal: caller.signal });
    caller.signal.addEventListener("abort", () => producer.fail(reason));
    const rejected = assert.rejects(items.next(), (error) => error === reason);
    caller.abort(reason);
    await rejected;
    assert.deepEqual(outcomes(breaker), expected);
  }
});

Deno.test("R2: isIgnored is told the time spent waiting also where the caller's own listener fails the producer", async () => {
  const caller = new AbortController();
  const seen: unknown[] = [];
  const isIgnored = (_error: unknown, aborted?: { elapsedMs: number }): boolean => {
    seen.push(aborted?.elapsedMs);
    return true;
  };
  const { clock, producer, items, breaker } = streaming({}, { signal: caller.signal, isIgnored });
  caller.signal.addEventListener("abort", () => producer.fail(caller.signal.reason));
  const rejected = assert.rejects(items.next());
  await clock.tick(200);
  caller.abort(new DOMException("too late", "TimeoutError"));
  await rejected;
  assert.deepEqual(seen, [200]);
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
});

Deno.test("R21: a signal that a listener to the admission aborts: nothing is run", async () => {
  const caller = new AbortController();
  const reason = new Error("gone");
  const subject = await halfOpen();
  subject.breaker.on("stateChange", () => caller.abort(reason)); // open to half-open
  const { items, producer, breaker } = on(subject, { signal: caller.signal });
  await assert.rejects(items.next(), (error) => error === reason);
  assert.deepEqual(producer.told, []);
  assert.equal(breaker.counts.lifetime.ignored, 1);
});

Deno.test("R17: no listener is left on the caller's signal once a stream has ended", async () => {
  const caller = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = AbortSignal.prototype;
  caller.signal.addEventListener = (...args: Parameters<typeof addEventListener>): void => {
    listeners++;
    addEventListener.apply(caller.signal, args);
  };
  caller.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>): void => {
    listeners--;
    removeEventListener.apply(caller.signal, args);
  };
  const { producer, items, take } = streaming({}, { signal: caller.signal });
  await take();
  assert.equal(listeners, 1);
  const last = items.next();
  producer.end();
  await last;
  assert.equal(listeners, 0);
});

/** A clock whose timers are gone after so many. */
function failingClock(timers: number): Clock {
  const clock = new ManualClock();
  return {
    now: () => clock.now(),
    setTimeout: (callback, delayMs) => {
      if (timers-- > 0) return clock.setTimeout(callback, delayMs);
      throw new Error("no timers");
    },
    clearTimeout: (timer) => clock.clearTimeout(timer),
  };
}

Deno.test("a clock without timers ends a stream with limits, which is held against nobody", async () => {
  for (const timers of [0, 1]) {
    const { breaker } = bench({}, { clock: failingClock(timers) });
    const producer = new DrivenProducer();
    const items = breaker.stream(producer.operation, { idleWithin: "1s" })[Symbol.asyncIterator]();
    const first = items.next();
    producer.give("a");
    if (timers > 0) await first;
    else await assert.rejects(first, /no timers/);
    if (timers > 0) await assert.rejects(items.next(), /no timers/);
    assert.deepEqual(await items.next(), { done: true, value: undefined });
    assert.deepEqual(outcomes(breaker), { ignored: 1 });
    assert.deepEqual(producer.told, timers > 0 ? ["run", "return"] : []);
  }
});

Deno.test("a clock whose timers are gone while another item is waited for ends the stream", async () => {
  const { breaker } = bench({}, { clock: failingClock(1) });
  const producer = new DrivenProducer();
  const items = breaker.stream(producer.operation, { idleWithin: "1s" })[Symbol.asyncIterator]();
  const [first, second] = [items.next(), items.next()];
  producer.give("a");
  await first;
  await assert.rejects(second, /no timers/);
  assert.deepEqual(outcomes(breaker), { ignored: 1 });
});

Deno.test("R4: a stream that ends in a later epoch is stale", async () => {
  const { breaker, producer, items, take } = streaming();
  await take();
  breaker.reset();
  const last = items.next();
  producer.fail(new Error("boom"));
  await assert.rejects(last);
  assert.deepEqual(outcomes(breaker), { stale: 1 });
});

/** A breaker that is half-open. */
async function halfOpen(policy: Policy = {}): Promise<Bench> {
  const recovering = { failureThreshold: 1, openStateTimeout: "1m", successThreshold: 1 };
  const subject = bench({ ...recovering, ...policy });
  fail(subject.breaker);
  await subject.clock.tick("1m");
  return subject;
}

Deno.test("R27: as a probe a stream succeeds at its first item, and frees its slot", async () => {
  const subject = await halfOpen({ successThreshold: 2 });
  const { breaker, items, producer, take } = on(subject);
  await take(10);
  assert.equal(breaker.state, "half-open");
  assert.equal(breaker.counts.inFlight, 0);
  await on(subject).take(10);
  assert.equal(breaker.state, "closed");
  const last = items.next();
  producer.fail(new Error("boom"));
  await assert.rejects(last, /boom/);
  assert.deepEqual(outcomes(breaker), { successes: 2, failures: 1 });
  assert.equal(breaker.state, "closed");
});

Deno.test("R27: a probe that ends before its first item ends as any stream: empty, broken, timed out or left", async () => {
  const ends = {
    closed: ({ producer }: ReturnType<typeof on>) => producer.end(),
    open: ({ producer }: ReturnType<typeof on>) => producer.fail(new Error("boom")),
    "half-open": ({ items }: ReturnType<typeof on>) => void items.return(),
  };
  for (const [state, end] of Object.entries(ends)) {
    const stream = on(await halfOpen());
    const first = stream.items.next();
    end(stream);
    await Promise.allSettled([first]);
    assert.equal(stream.breaker.state, state);
    assert.equal(stream.breaker.counts.inFlight, 0);
  }
  const late = on(await halfOpen(), { firstWithin: "1s" });
  const rejected = assert.rejects(late.items.next(), BreakerTimeoutError);
  await late.clock.tick("1s");
  await rejected;
  assert.equal(late.breaker.state, "open");
});

Deno.test("R10: a probe whose first item is slow fails where slow calls are a criterion", async () => {
  const policy = { slowCallThreshold: "1s", slowCallRateThreshold: 0.5 };
  const { breaker, take } = on(await halfOpen(policy));
  await take(1_001);
  assert.equal(breaker.state, "open");
});

Deno.test("R11: a probe's deadline is at least its limit until the first item", async () => {
  const stream = on(await halfOpen(), { firstWithin: "10m", timeout: "5m" });
  void stream.items.next().catch(() => {});
  await stream.clock.tick(4 * 60_000);
  assert.equal(stream.breaker.state, "half-open");
  await stream.clock.tick(60_000);
  assert.equal(stream.breaker.state, "open");
  const short = on(await halfOpen(), { firstWithin: null });
  void short.items.next();
  await short.clock.tick("1m");
  assert.equal(short.breaker.state, "open", "openStateTimeout");
});

Deno.test("R11: with a policy's timeout too, a probe's limit is the least of both", async () => {
  const subject = await halfOpen({ timeout: "5m" });
  const stream = on(subject, { firstWithin: "10m" });
  void stream.items.next().catch(() => {});
  await stream.clock.tick(299_999);
  assert.equal(stream.breaker.state, "half-open");
});

Deno.test("R11: a stream that times out as a probe is counted as a call that does so is", async () => {
  const policy = { timeout: "5m" };
  const called = await halfOpen(policy);
  void called.breaker.do(() => new Promise(() => {})).catch(() => {});
  const streamed = await halfOpen(policy);
  void on(streamed, { firstWithin: "10m" }).items.next().catch(() => {});
  for (const { clock } of [called, streamed]) await clock.tick("5m");
  assert.deepEqual(streamed.breaker.counts, called.breaker.counts);
});

Deno.test("R27: a later limit still ends a stream whose probe has succeeded", async () => {
  const { breaker, clock, items, take } = on(await halfOpen(), { idleWithin: "1s" });
  await take();
  assert.equal(breaker.state, "closed");
  const rejected = assert.rejects(items.next(), BreakerTimeoutError);
  await clock.tick("1s");
  await rejected;
  assert.equal(breaker.state, "closed");
  assert.deepEqual(outcomes(breaker), { successes: 1, failures: 1 });
});

Deno.test("R13: in other modes a stream is counted as any call is", async () => {
  for (const mode of ["disabled", "metrics-only"] as const) {
    const { breaker, producer, items } = streaming({ mode, failureThreshold: 1 });
    const first = items.next();
    producer.fail(new Error("boom"));
    await assert.rejects(first, /boom/);
    assert.deepEqual(outcomes(breaker), mode === "disabled" ? {} : { failures: 1 });
    assert.equal(breaker.state, "closed");
  }
});

Deno.test("R27: a listener that leaves the stream as its probe succeeds", async () => {
  const { breaker, items, take, producer, clock } = on(await halfOpen(), { idleWithin: "1s" });
  breaker.on("stateChange", () => void items.return());
  assert.equal((await take()).value, "item");
  await clock.tick("1h");
  assert.deepEqual(producer.told, ["run", "return"]);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("R27: who watches is told of a stream as of a call that took as long as its producer was waited for", async () => {
  const { breaker, clock, producer, items, take } = streaming();
  const told: unknown[] = [];
  const settled = ({ startedAt, at, isProbe, note }: Settlement): void =>
    void told.push({ took: toMs(at - startedAt), isProbe, note });
  coreOf(breaker).addWatcher({ hearsAdmissions: true, admitted: () => "noted", settled });
  await take(300);
  await clock.tick("1h");
  const last = items.next();
  await clock.tick(200);
  producer.end();
  await last;
  assert.deepEqual(told, [{ took: 500, isProbe: false, note: "noted" }]);
});

Deno.test("R27: a breaker with a stream in flight does not give way, also while nobody waits", async () => {
  const { breaker, items, take } = streaming();
  await take();
  assert.equal(coreOf(breaker).worth(), KEPT);
  await items.return();
  assert(coreOf(breaker).worth() < KEPT);
});

Deno.test("R19: a stream of before a snapshot never touches the restored breaker", async () => {
  const { breaker, clock, items, producer } = on(await halfOpen({ successThreshold: 2 }));
  const first = items.next();
  const restored = restoreBreaker(breaker.snapshot(), { successThreshold: 2 }, { clock });
  assert.equal(restored.counts.inFlight, 0);
  producer.fail(new Error("boom"));
  await assert.rejects(first);
  assert.equal(breaker.state, "open");
  assert.equal(restored.state, "half-open");
});

Deno.test("R20: a stream is admitted under the policy in force at its first next()", async () => {
  const { breaker, clock, items } = streaming({ timeout: "1h" }, { firstWithin: "9s" });
  breaker.setPolicy({ timeout: "2s" });
  const rejected = assert.rejects(items.next(), timedOut("Stream", 2_000));
  await clock.tick("2s");
  await rejected;
});
