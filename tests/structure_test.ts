/**
 * What a call costs that is no matter of time: timers, controllers, clock
 * readings, error objects and handlers, counted. Speed itself is measured in
 * `bench/`; these facts behind it cannot flake.
 */
import assert from "node:assert/strict";
import {
  Breaker,
  type BreakerSettings,
  type Clock,
  createBreaker,
  type Policy,
  PRODUCTION_POLICY,
  SwitchgearError,
} from "../mod.ts";
import { Admission } from "../src/breaker/admission.ts";
import { coreOf } from "../src/breaker/breaker.ts";
import { BreakerCore } from "../src/breaker/core.ts";
import { BreakerHost } from "../src/breaker/host/host.ts";
import { PolicyVersion } from "../src/breaker/state/policy_line.ts";
import type { Evidence } from "../src/breaker/window/evidence.ts";
import { BurstTimeline } from "../src/time/burst_timeline.ts";
import { unhandledDuring } from "./support/unhandled_during.ts";

const SLOW: Policy = { slowCallThreshold: "1s", slowCallRateThreshold: 0.5 };
const EVERYTHING: Policy = { ...SLOW, failureRateThreshold: 0.5, timeoutRateThreshold: 0.5 };
const TIME: Policy = { window: { kind: "time", duration: "10s", buckets: 10 } };
const OPEN: Policy = { failureThreshold: 1, openStateTimeout: "1h" };
const FAILURE = new Error("the dependency failed");

const succeed = (): Promise<string> => Promise.resolve("done");
const fail = (): Promise<string> => Promise.reject(FAILURE);
const fallback = (): string => "instead";

/** A clock that counts what is asked of it; time passes only by hand. */
class CountedClock implements Clock {
  ms = 0;
  readings = 0;
  timers = 0;
  now(): number {
    this.readings++;
    return this.ms;
  }
  setTimeout(): unknown {
    this.timers++;
    return undefined;
  }
  clearTimeout(): void {}
}

/** Puts `replacement` in the place of a global while `body` runs. */
async function withGlobal(
  name: "setTimeout" | "setInterval" | "AbortController" | "Error",
  replacement: unknown,
  body: () => Promise<void>,
): Promise<void> {
  const original = Object.getOwnPropertyDescriptor(globalThis, name);
  assert(original !== undefined);
  Object.defineProperty(globalThis, name, { configurable: true, value: replacement });
  try {
    await body();
  } finally {
    Object.defineProperty(globalThis, name, original);
  }
}

/** How often `constructor` is called as such while `body` runs. */
async function constructed(
  name: "AbortController" | "Error",
  body: () => Promise<void>,
): Promise<number> {
  let count = 0;
  const counting = new Proxy(globalThis[name], {
    construct(target, args, newTarget): object {
      count++;
      return Reflect.construct(target, args, newTarget);
    },
  });
  await withGlobal(name, counting, body);
  return count;
}

/** How many errors are created while `body` runs, the package's own included. */
async function errorsCreated(body: () => Promise<void>): Promise<number> {
  let count = 0;
  // `super()` calls what the class's prototype is by then, not what it was when it was defined.
  const base = Object.getPrototypeOf(SwitchgearError);
  Object.setPrototypeOf(
    SwitchgearError,
    new Proxy(base, {
      construct(target, args, newTarget): object {
        count++;
        return Reflect.construct(target, args, newTarget);
      },
    }),
  );
  try {
    return await constructed("Error", body) + count;
  } finally {
    Object.setPrototypeOf(SwitchgearError, base);
  }
}

/** A breaker on the built-in clock's timeline over a clock that the test counts. */
function onBurstClock(
  policy: Policy,
): { breaker: Breaker; sibling: Breaker; clock: CountedClock } {
  const clock = new CountedClock();
  const timeline = new BurstTimeline(clock);
  const host = Object.assign(new BreakerHost({}), { timeline });
  const version = new PolicyVersion([PRODUCTION_POLICY, policy], timeline.now());
  const breaker = new Breaker(new BreakerCore("b", host, version));
  const sibling = new Breaker(new BreakerCore("sibling", host, version));
  for (let i = 0; i < 1_100; i++) timeline.now(); // a burst begins
  clock.readings = 0;
  return { breaker, sibling, clock };
}

/** A breaker that a failure has opened. */
function opened(settings: BreakerSettings = {}): Breaker {
  const breaker = createBreaker("open", OPEN, { clock: new CountedClock(), ...settings });
  breaker.tryAcquire()?.failure();
  assert.equal(breaker.state, "open");
  return breaker;
}

/** Makes calls of every kind that asks for no time limit. */
async function callEveryWay(breaker: Breaker): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await breaker.do(succeed);
    await breaker.do(succeed, { fallback });
    await breaker.wrap(succeed)();
    breaker.doSync(() => "done");
    breaker.tryAcquire()?.success();
    await breaker.do(fail).catch(() => {});
    assert.equal(breaker.peek().admitted, true);
    assert.equal(breaker.snapshot().state, "closed");
  }
}

for (
  const [name, policy] of Object.entries<Policy>({
    "a count window": EVERYTHING,
    "a time window": { ...EVERYTHING, ...TIME },
  })
) {
  Deno.test(`a closed breaker with ${name} sets no timer`, async () => {
    const clock = new CountedClock();
    await callEveryWay(createBreaker("b", policy, { clock }));
    assert.equal(clock.timers, 0);
  });

  Deno.test(`a closed breaker with ${name} sets no timer on the built-in clock`, async () => {
    let timers = 0;
    const counting = (): number => ++timers;
    await withGlobal("setTimeout", counting, () =>
      withGlobal("setInterval", counting, async () => {
        await callEveryWay(createBreaker("b", policy));
      }));
    assert.equal(timers, 0);
  });
}

Deno.test("R7: a breaker that opens, waits, probes and closes sets no timer", async () => {
  const clock = new CountedClock();
  const policy: Policy = { ...OPEN, successThreshold: 1 };
  const breaker = createBreaker("b", policy, { clock });
  await breaker.do(fail).catch(() => {});
  assert.equal(breaker.state, "open");
  clock.ms += 3_600_000;
  assert.equal(breaker.state, "half-open");
  await breaker.do(succeed);
  assert.equal(breaker.state, "closed");
  assert.equal(clock.timers, 0);
});

Deno.test("a call with a time limit sets one timer", async () => {
  const clock = new CountedClock();
  await createBreaker("b", { timeout: "1s" }, { clock }).do(succeed);
  assert.equal(clock.timers, 1);
});

Deno.test("no AbortController is created where a call asks for no time limit", async () => {
  const { signal } = new AbortController();
  const created = await constructed("AbortController", async () => {
    const breaker = createBreaker("b", EVERYTHING);
    await callEveryWay(breaker);
    await breaker.do(succeed, { signal }); // the caller's own is handed on
    await opened().do(succeed, { fallback });
  });
  assert.equal(created, 0);
});

Deno.test("one AbortController is created for a call with a time limit", async () => {
  const created = await constructed("AbortController", async () => {
    await createBreaker("b", { timeout: "1s" }).do(succeed);
  });
  assert.equal(created, 1);
});

Deno.test("no AbortController is created for a wrapped function, which is handed no signal", async () => {
  const created = await constructed("AbortController", async () => {
    const wrapped = createBreaker("b", { timeout: "1s" }).wrap(succeed);
    await wrapped();
    await assert.rejects(
      createBreaker("b", { timeout: "1ms" }).wrap(() => new Promise(() => {}))(),
    );
  });
  assert.equal(created, 0);
});

Deno.test("a thousand calls in flight with a time limit share one timer", async () => {
  const clock = new CountedClock();
  const breaker = createBreaker("b", { timeout: "1s" }, { clock });
  await Promise.all(Array.from({ length: 1_000 }, () => breaker.do(succeed)));
  assert.equal(clock.timers, 1);
});

type Call = (breaker: Breaker) => unknown;

const CALLS: Record<string, Call> = {
  do: (breaker) => breaker.do(succeed),
  doSync: (breaker) => breaker.doSync(() => "done"),
  permit: (breaker) => breaker.tryAcquire()?.success(),
};

const READINGS: readonly { what: string; policy: Policy; readings: number }[] = [
  { what: "neither slow calls nor a time window", policy: {}, readings: 1 },
  { what: "slow calls", policy: EVERYTHING, readings: 2 },
  { what: "a time window", policy: TIME, readings: 2 },
];

for (const { what, policy, readings } of READINGS) {
  for (const [way, call] of Object.entries(CALLS)) {
    Deno.test(`an injected clock is read ${readings} times per closed ${way} with ${what}`, async () => {
      const clock = new CountedClock();
      const breaker = createBreaker("b", policy, { clock });
      await call(breaker);
      clock.readings = 0;
      for (let i = 0; i < 100; i++) await call(breaker);
      assert.equal(clock.readings, 100 * readings);
      assert.equal(breaker.counts.lifetime.successes, 101);
    });

    Deno.test(`128 reads of a burst share a reading of the built-in clock: ${way} with ${what}`, async () => {
      const { breaker, clock } = onBurstClock(policy);
      for (let i = 0; i < 12_800; i++) await call(breaker);
      assert.equal(breaker.counts.lifetime.successes, 12_800);
      const expected = 100 * readings;
      assert(clock.readings >= expected - 1 && clock.readings <= expected + 1, `${clock.readings}`);
      assert.equal(clock.timers, 1);
    });
  }
}

Deno.test("an injected clock is read once per refused permit", () => {
  const clock = new CountedClock();
  const breaker = opened({ clock });
  clock.readings = 0;
  for (let i = 0; i < 100; i++) assert.equal(breaker.tryAcquire(), undefined);
  assert.equal(clock.readings, 100);
});

Deno.test("a refused permit creates no error", async () => {
  const breaker = opened();
  const created = await errorsCreated(() => {
    for (let i = 0; i < 100; i++) assert.equal(breaker.tryAcquire(), undefined);
    return Promise.resolve();
  });
  assert.equal(created, 0);
});

const REFUSALS: Record<string, (breaker: Breaker) => unknown> = {
  "`do` with a fallback": (breaker) => breaker.do(succeed, { fallback }),
  "`do` that throws": (breaker) => assert.rejects(breaker.do(succeed)),
  "`doSync` with a fallback": (breaker) => breaker.doSync(() => "done", { fallback }),
  "`doSync` that throws": (breaker) => assert.throws(() => breaker.doSync(() => "done")),
};

for (const [what, call] of Object.entries(REFUSALS)) {
  const isAnswered = what.includes("fallback");

  Deno.test(`R18: refused ${what} creates ${isAnswered ? "no" : "one"} error per opening where errors are shared`, async () => {
    const breaker = opened({ freshErrors: false });
    const created = await errorsCreated(async () => {
      for (let i = 0; i < 100; i++) await call(breaker);
    });
    assert.equal(created, isAnswered ? 0 : 1);
    assert.equal(breaker.counts.rejected, 100);
  });

  Deno.test(`R18: refused ${what} creates ${isAnswered ? "no error" : "an error per call"}`, async () => {
    const breaker = opened();
    const created = await errorsCreated(async () => {
      for (let i = 0; i < 100; i++) await call(breaker);
    });
    assert.equal(created, isAnswered ? 0 : 100);
  });
}

/** The functions that promises are given to settle with while `body` runs. */
async function handlersDuring(body: () => Promise<void>): Promise<unknown[]> {
  const original = Promise.prototype.then;
  const handlers: unknown[] = [];
  Promise.prototype.then = new Proxy(original, {
    apply(target, promise, given): unknown {
      handlers.push(...given);
      return Reflect.apply(target, promise, given);
    },
  });
  try {
    await body();
    return handlers;
  } finally {
    Promise.prototype.then = original;
  }
}

Deno.test("`do` allocates no handlers of its own: those of one reading and epoch are shared", async () => {
  const { breaker } = onBurstClock({});
  const handlers = await handlersDuring(async () => {
    for (let i = 0; i < 1_280; i++) await breaker.do(succeed);
  });
  assert.equal(handlers.length, 2 * 1_280);
  const distinct = new Set(handlers).size;
  assert(distinct <= 2 * (1_280 / 128 + 1), `${distinct} handlers`);
});

Deno.test("R4: calls of different epochs never share handlers", async () => {
  const { breaker } = onBurstClock({});
  const handlers = await handlersDuring(async () => {
    await breaker.do(succeed);
    breaker.reset();
    await breaker.do(succeed);
  });
  assert.equal(new Set(handlers).size, 4);
});

Deno.test("breakers that are called in turn share no handlers, and each keeps its own", async () => {
  const { breaker: one, sibling: other } = onBurstClock({});
  const handlers = await handlersDuring(async () => {
    for (let i = 0; i < 50; i++) {
      await one.do(succeed);
      await other.do(succeed);
    }
  });
  const distinct = new Set(handlers).size; // of two breakers, at two readings at most
  assert(distinct >= 4 && distinct <= 8, `${distinct} handlers`);
  assert.deepEqual([one.counts.calls, other.counts.calls], [50, 50]);
});

Deno.test("permits and synchronous calls of one reading share one admission, and make no handlers", () => {
  const { breaker } = onBurstClock({});
  const core = coreOf(breaker);
  const first = Admission.of(core);
  breaker.tryAcquire()?.success();
  assert.equal(breaker.doSync(() => "done"), "done");
  assert.equal(Admission.of(core), first);
  assert.equal(first.hasHandlers, false);
});

Deno.test("R4: an admission is not shared beyond its epoch", () => {
  const { breaker } = onBurstClock({});
  const core = coreOf(breaker);
  const before = Admission.of(core);
  breaker.reset();
  const after = Admission.of(core);
  assert.notEqual(after, before);
  assert.equal(after.start, before.start);
  assert.notEqual(after.epoch, before.epoch);
});

Deno.test("a breaker has no memory for evidence until there is some", async () => {
  const breaker = createBreaker("b", { window: { kind: "count", size: 1_000_000 } });
  const evidence = (): Evidence | undefined => coreOf(breaker).evidence;
  assert.equal(breaker.state, "closed");
  assert.equal(breaker.counts.calls, 0);
  assert.equal(breaker.peek().admitted, true);
  breaker.snapshot();
  breaker.override("forced-open");
  breaker.override(null);
  assert.equal(evidence(), undefined);
  const permit = breaker.tryAcquire();
  assert.equal(evidence(), undefined);
  permit?.ignore();
  assert.equal(evidence()?.window, undefined);
  await breaker.do(succeed);
  assert.equal(evidence()?.window?.calls, 1);
});

Deno.test("a breaker that only refuses has no window", () => {
  const breaker = createBreaker("b", { mode: "forced-open" });
  for (let i = 0; i < 10; i++) assert.equal(breaker.tryAcquire(), undefined);
  assert.equal(breaker.counts.lifetime.rejected.forced, 10);
  assert.equal(coreOf(breaker).evidence?.window, undefined);
});

const UNAWAITED: Record<string, (breaker: Breaker) => unknown> = {
  "`do`": (breaker) => breaker.do(fail),
  "`do` with a signal": (breaker) => breaker.do(fail, { signal: new AbortController().signal }),
  "a wrapped function": (breaker) => breaker.wrap(fail)(),
  "`do` in a burst": () => onBurstClock({}).breaker.do(fail),
};

for (const [what, call] of Object.entries(UNAWAITED)) {
  Deno.test(`${what} that fails and that nobody awaits raises unhandledrejection`, async () => {
    const breaker = createBreaker("b");
    assert.deepEqual(await unhandledDuring(() => void call(breaker)), [FAILURE]);
  });
}

Deno.test("`do` that fails and that somebody awaits raises none", async () => {
  const breaker = createBreaker("b");
  const unhandled = await unhandledDuring(() => assert.rejects(breaker.do(fail)));
  assert.deepEqual(unhandled, []);
});
