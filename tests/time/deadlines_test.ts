import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { type Clock, createBreaker, systemClock, withTimeout } from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import type { Deadline, Expiring } from "../../src/time/deadline.ts";
import { deadlinesOf } from "../../src/time/deadlines.ts";
import { SharedDeadlines, type SharedDeadlinesOptions } from "../../src/time/shared_deadlines.ts";

/** Notes when each time limit is over. */
class Log {
  readonly lines: string[] = [];

  constructor(readonly clock: Clock) {}

  owner(name: string, then: () => void = () => {}): Expiring {
    return {
      onDeadline: (): void => {
        this.lines.push(`${name} at ${this.clock.now()}`);
        then();
      },
    };
  }
}

function subject(
  options?: SharedDeadlinesOptions,
): { clock: ManualClock; deadlines: SharedDeadlines; log: Log } {
  const clock = new ManualClock();
  return { clock, deadlines: new SharedDeadlines(clock, options), log: new Log(clock) };
}

Deno.test("a time limit is over exactly when it has passed, and not before", () => {
  const { clock, deadlines, log } = subject();
  deadlines.set(100, log.owner("a"));
  clock.advance(99.999999);
  assert.deepEqual(log.lines, []);
  clock.advance(0.000001);
  assert.deepEqual(log.lines, ["a at 100"]);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("many time limits of one length share one timer", () => {
  const { clock, deadlines, log } = subject();
  for (const name of ["a", "b", "c"]) {
    deadlines.set(100, log.owner(name));
    clock.advance(10);
  }
  assert.equal(clock.pendingTimers, 1);
  clock.advance(100);
  assert.deepEqual(log.lines, ["a at 100", "b at 110", "c at 120"]);
});

Deno.test("time limits of different lengths share one timer and end in their order", () => {
  const { clock, deadlines, log } = subject();
  for (const limitMs of [50, 20, 40, 10, 30]) deadlines.set(limitMs, log.owner(`${limitMs}`));
  assert.equal(clock.pendingTimers, 1);
  clock.advance(100);
  assert.deepEqual(log.lines, [10, 20, 30, 40, 50].map((ms) => `${ms} at ${ms}`));
});

Deno.test("a time limit that is cleared tells nobody, and the last one takes the timer with it", () => {
  const { clock, deadlines, log } = subject();
  const first = deadlines.set(100, log.owner("a"));
  const second = deadlines.set(100, log.owner("b"));
  first.clear();
  assert.equal(clock.pendingTimers, 1);
  second.clear();
  second.clear();
  assert.equal(clock.pendingTimers, 0);
  clock.advance(200);
  assert.deepEqual(log.lines, []);
});

Deno.test("who is told may clear others that are due at the same instant, and set new ones", () => {
  const { clock, deadlines, log } = subject();
  const others: Deadline[] = [];
  deadlines.set(
    100,
    log.owner("a", () => {
      for (const other of others) other.clear();
      deadlines.set(5, log.owner("c"));
    }),
  );
  others.push(deadlines.set(100, log.owner("b")));
  clock.advance(200);
  assert.deepEqual(log.lines, ["a at 100", "c at 105"]);
});

Deno.test("who is told and throws keeps nobody else from being told", () => {
  const { clock, deadlines, log } = subject();
  const broken = log.owner("a", () => {
    throw new Error("broken");
  });
  deadlines.set(100, broken);
  deadlines.set(100, log.owner("b"));
  assert.throws(() => clock.advance(100), /broken/);
  clock.advance(0);
  assert.deepEqual(log.lines, ["a at 100", "b at 100"]);
});

Deno.test("a length that nobody uses any more is forgotten", () => {
  const { deadlines, log } = subject();
  const standing = deadlines.set(1_000, log.owner("standing"));
  for (let limitMs = 999; limitMs > 0; limitMs--) deadlines.set(limitMs, log.owner("")).clear();
  assert(deadlines.lengths <= 2, `${deadlines.lengths} lengths are remembered`);
  standing.clear();
});

Deno.test("a clock without timers gives no time limit, and one that is mended does", () => {
  const { clock, deadlines, log } = subject();
  const { setTimeout } = clock;
  const noTimers = (): never => {
    throw new Error("no timers");
  };
  Object.assign(clock, { setTimeout: noTimers });
  assert.throws(() => deadlines.set(100, log.owner("a")), /no timers/);
  Object.assign(clock, { setTimeout });
  deadlines.set(100, log.owner("b"));
  clock.advance(100);
  assert.deepEqual(log.lines, ["b at 100"]);
});

Deno.test("on a clock of one's own no burst leaves a timer", () => {
  const { clock, deadlines, log } = subject();
  for (let i = 0; i < 1_000; i++) deadlines.set(100, log.owner("")).clear();
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("coarse: 20 calls in a row leave no timer, a burst leaves one, and that is gone within two milliseconds", () => {
  const { clock, deadlines, log } = subject({ isCoarse: true });
  for (let i = 0; i < 20; i++) deadlines.set(100, log.owner("")).clear();
  assert.equal(clock.pendingTimers, 0);
  for (let i = 0; i < 1_000; i++) deadlines.set(100, log.owner("")).clear();
  assert.equal(clock.pendingTimers, 1);
  clock.advance(2);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("coarse: a burst sets no timer for each time limit", () => {
  const { clock, deadlines, log } = subject({ isCoarse: true });
  let timers = 0;
  const { setTimeout } = clock;
  const counting = (callback: () => void, delayMs: number): unknown => {
    timers++;
    return setTimeout.call(clock, callback, delayMs);
  };
  Object.assign(clock, { setTimeout: counting });
  for (let i = 0; i < 10_000; i++) deadlines.set(100, log.owner("")).clear();
  assert(timers < 300, `${timers} timers were set`);
  clock.advance(2);
});

Deno.test("in a burst a time limit is over exactly when it has passed", () => {
  const { clock, deadlines, log } = subject();
  for (let i = 0; i < 1_000; i++) deadlines.set(100, log.owner("")).clear();
  deadlines.set(100, log.owner("a"));
  clock.advance(99.9);
  assert.deepEqual(log.lines, []);
  clock.advance(0.1);
  assert.deepEqual(log.lines, ["a at 100"]);
});

Deno.test("coarse: in a burst the clock is not read for each time limit; none is early, and none later than a look", () => {
  const clock = new ManualClock();
  let reads = 0;
  const counting = {
    now: (): number => (reads++, clock.now()),
    setTimeout: (callback: () => void, delayMs: number) => clock.setTimeout(callback, delayMs),
    clearTimeout: (timer: unknown) => clock.clearTimeout(timer),
  };
  const deadlines = new SharedDeadlines(counting, { isCoarse: true });
  const log = new Log(clock);
  for (let i = 0; i < 10_000; i++) deadlines.set(100, log.owner("")).clear();
  assert(reads < 1_000, `${reads} readings`);
  clock.advance(0.4);
  deadlines.set(100, log.owner("a"));
  clock.advance(100.3);
  assert.deepEqual(log.lines, []);
  clock.advance(0.7);
  assert.equal(log.lines.length, 1);
});

Deno.test("a timer that fires before its clock says so ends nothing early", () => {
  const timers: { callback: () => void; delayMs: number }[] = [];
  const clock = {
    ms: 0,
    now: (): number => clock.ms,
    setTimeout: (callback: () => void, delayMs: number): unknown =>
      timers.push({ callback, delayMs }),
    clearTimeout: (): void => {},
  };
  const deadlines = new SharedDeadlines(clock);
  const log = new Log(clock);
  deadlines.set(100, log.owner("a"));
  clock.ms = 99.4;
  timers.shift()?.callback();
  assert.deepEqual([log.lines, timers.map(({ delayMs }) => delayMs)], [[], [1]]);
  clock.ms = 100.4;
  timers.shift()?.callback();
  assert.deepEqual(log.lines, ["a at 100.4"]);
});

Deno.test("where the clock does not move with its timers, the timers are right", () => {
  const timers: (() => void)[] = [];
  const clock = {
    now: (): number => 0,
    setTimeout: (callback: () => void): unknown => timers.push(callback),
    clearTimeout: (): void => {},
  };
  const deadlines = new SharedDeadlines(clock);
  const log = new Log(clock);
  deadlines.set(100, log.owner("long"));
  timers.shift()?.();
  assert.deepEqual(log.lines, ["long at 0"]);
  deadlines.set(1, log.owner("short"));
  for (let fired = 0; fired < 2; fired++) timers.shift()?.();
  assert.deepEqual(log.lines, ["long at 0", "short at 0"]);
});

Deno.test("a timer that was lost is set anew by a time limit that is set more than a second after it", () => {
  const { clock, deadlines, log } = subject();
  const { setTimeout } = clock;
  Object.assign(clock, { setTimeout: () => undefined });
  deadlines.set(100, log.owner("a"));
  Object.assign(clock, { setTimeout });
  clock.advance(1_101);
  deadlines.set(100, log.owner("b"));
  clock.advance(0);
  assert.deepEqual(log.lines, ["a at 1101"]);
  clock.advance(100);
  assert.deepEqual(log.lines, ["a at 1101", "b at 1201"]);
});

Deno.test("a clock that goes back makes no time limit shorter, and none endless", () => {
  const { clock, deadlines, log } = subject();
  deadlines.set(100, log.owner("a"));
  clock.advance(50);
  clock.advance(-1_000_000);
  deadlines.set(100, log.owner("b"));
  clock.advance(99);
  assert.deepEqual(log.lines, []);
  clock.advance(1_000_001);
  assert.equal(log.lines.length, 2);
});

/** What happens to time limits. */
const EVENT = fc.oneof(
  { weight: 4, arbitrary: fc.record({ set: fc.constantFrom(1, 5, 5, 5, 10, 10, 33.3) }) },
  { weight: 1, arbitrary: fc.record({ set: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 3, arbitrary: fc.record({ clear: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ advance: fc.constantFrom(0, 0.5, 1, 3, 10) }) },
  { weight: 1, arbitrary: fc.record({ burst: fc.constantFrom(130, 400) }) },
);

Deno.test("any history of setting and clearing ends the same time limits at the same instants as a timer for each", () => {
  fc.assert(fc.property(fc.array(EVENT, { maxLength: 80 }), (events) => {
    const { clock, deadlines, log } = subject();
    const oracle = new ManualClock();
    const expected: string[] = [];
    const set: { ours: Deadline; timer: unknown }[] = [];
    for (const event of events) {
      if ("set" in event) {
        const name = `${set.length}`;
        const timer = oracle.setTimeout(
          () => expected.push(`${name} at ${oracle.now()}`),
          event.set,
        );
        set.push({ ours: deadlines.set(event.set, log.owner(name)), timer });
      } else if ("clear" in event) {
        const cleared = set[event.clear];
        cleared?.ours.clear();
        oracle.clearTimeout(cleared?.timer);
      } else if ("advance" in event) {
        clock.advance(event.advance);
        oracle.advance(event.advance);
      } else {
        for (let i = 0; i < event.burst; i++) deadlines.set(7, log.owner("burst")).clear();
      }
    }
    clock.advance(100);
    oracle.advance(100);
    assert.deepEqual(log.lines.toSorted(), expected.toSorted());
    const instants = log.lines.map((line) => Number(line.split(" at ")[1]));
    assert.deepEqual(instants, instants.toSorted((a, b) => a - b));
    assert.equal(clock.pendingTimers, 0);
  }));
});

Deno.test("R17: 20 calls with a time limit on the built-in clock leave no timer behind", async () => {
  const breaker = createBreaker("b", { timeout: "1m" });
  for (let i = 0; i < 20; i++) await breaker.do(() => Promise.resolve(i));
});

Deno.test("the time limits of the system's clock, while the program's timers are replaced, have a timer each", async () => {
  const { setTimeout, clearTimeout } = globalThis;
  const timers = new Map<number, () => void>();
  Object.assign(globalThis, {
    setTimeout: (callback: () => void): number => {
      timers.set(timers.size, callback);
      return timers.size - 1;
    },
    clearTimeout: (timer: number): boolean => timers.delete(timer),
  });
  try {
    const log = new Log({ ...systemClock, now: () => 0 });
    const owners = ["a", "b"].map((name) => deadlinesOf(systemClock).set(1_000, log.owner(name)));
    assert.equal(timers.size, 2);
    owners[0]?.clear();
    assert.equal(timers.size, 1);
    for (const fire of timers.values()) fire();
    assert.deepEqual(log.lines, ["b at 0"]);
    const hung = withTimeout(() => new Promise(() => {}), "1m");
    [...timers.values()].at(-1)?.();
    await assert.rejects(hung, { code: "BREAKER_TIMEOUT" });
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
});

Deno.test("coarse: in any history no time limit is early, none is late by more than a millisecond, and none is lost", () => {
  fc.assert(fc.property(fc.array(EVENT, { maxLength: 80 }), (events) => {
    const { clock, deadlines } = subject({ isCoarse: true });
    const lateMs: number[] = [];
    const standing: Deadline[] = [];
    let set = 0;
    let cleared = 0;
    const begin = (limitMs: number): void => {
      const dueMs = clock.now() + limitMs;
      const place = standing.length;
      const onDeadline = (): void => {
        lateMs.push(clock.now() - dueMs);
        delete standing[place];
      };
      standing.push(deadlines.set(limitMs, { onDeadline }));
      set++;
    };
    for (const event of events) {
      if ("set" in event) begin(event.set);
      else if ("advance" in event) clock.advance(event.advance);
      else if ("burst" in event) { for (let i = 0; i < event.burst; i++) begin(7 + i % 3); }
      else if (standing[event.clear] !== undefined) {
        standing[event.clear]?.clear();
        delete standing[event.clear];
        cleared++;
      }
    }
    clock.advance(200);
    assert.equal(lateMs.length + cleared, set);
    for (const ms of lateMs) assert(ms > -1e-6 && ms < 1 + 1e-6, `late by ${ms} ms`);
    assert.equal(clock.pendingTimers, 0);
  }));
});
