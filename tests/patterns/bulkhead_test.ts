import assert from "node:assert/strict";
import { SwitchgearError } from "../../src/errors.ts";
import { type Bulkhead, createBulkhead } from "../../src/patterns/bulkhead/bulkhead.ts";
import { BulkheadFullError } from "../../src/patterns/bulkhead/bulkhead_full_error.ts";
import type {
  BulkheadLimits,
  BulkheadOptions,
} from "../../src/patterns/bulkhead/bulkhead_options.ts";
import type { BulkheadSlot } from "../../src/patterns/bulkhead/bulkhead_slot.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { Deferred } from "../support/deferred_operation.ts";
import { KeptLog } from "../support/kept_log.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";
import { CountedCaller, look, rejectsWith } from "./caller_support.ts";
import { testOptionFaults } from "./option_faults.ts";

const FAILURE = new Error("the dependency failed");
const REASON = new Error("the caller left");

/** A bulkhead on a manual clock, all of whose slots are taken. */
class Full {
  readonly clock = new ManualClock();
  readonly log = new KeptLog();
  readonly bulkhead: Bulkhead;
  readonly slots: BulkheadSlot[] = [];

  constructor(limits: Partial<BulkheadLimits> = {}) {
    this.bulkhead = createBulkhead({
      name: "db",
      maxConcurrent: 1,
      maxQueued: 10,
      clock: this.clock,
      logger: this.log,
      ...limits,
    });
    for (let i = this.bulkhead.limits.maxConcurrent; i > 0; i--) {
      this.slots.push(this.bulkhead.tryAcquire() ?? assert.fail());
    }
  }

  /** Frees one slot. */
  free(): void {
    (this.slots.shift() ?? assert.fail()).release();
  }

  get load(): readonly [active: number, queued: number] {
    return [this.bulkhead.active, this.bulkhead.queued];
  }
}

function isRefusal(reason: "full" | "timeout"): (error: unknown) => boolean {
  return (error) => error instanceof BulkheadFullError && error.reason === reason;
}

Deno.test("a call with a free slot is made synchronously and without a signal", async () => {
  const bulkhead = createBulkhead({ maxConcurrent: 1 });
  const deferred = new Deferred();
  const call = bulkhead.do(deferred.operation);
  assert.deepEqual([deferred.calls, deferred.signal, bulkhead.active], [1, undefined, 1]);
  deferred.resolve("done");
  assert.equal(await call, "done");
  assert.equal(bulkhead.active, 0);
});

Deno.test("an operation is handed the caller's own signal", async () => {
  const bulkhead = createBulkhead({ maxConcurrent: 1 });
  const { signal } = new AbortController();
  assert.equal(await bulkhead.do((given) => given, { signal }), signal);
});

const ENDINGS: Record<string, () => unknown> = {
  "resolves": () => Promise.resolve("done"),
  "returns no promise": () => "done",
  "returns a thenable": () => ({ then: (resolve: (value: string) => void) => resolve("done") }),
  "rejects": () => Promise.reject(FAILURE),
  "throws synchronously": () => {
    throw FAILURE;
  },
  "returns a thenable that throws": () => ({
    then: () => {
      throw FAILURE;
    },
  }),
};

for (const [how, operation] of Object.entries(ENDINGS)) {
  for (const withSignal of [false, true]) {
    const title = `an operation that ${how} frees its slot${withSignal ? ", with a signal" : ""}`;
    Deno.test(title, async () => {
      const bulkhead = createBulkhead({ maxConcurrent: 1 });
      const caller = new CountedCaller();
      const call = bulkhead.do(operation, withSignal ? { signal: caller.signal } : undefined);
      const seen = await look(call);
      assert.deepEqual(
        seen,
        how.includes("throws") || how === "rejects" ? { error: FAILURE } : { value: "done" },
      );
      assert.deepEqual([bulkhead.active, caller.listeners], [0, 0]);
    });
  }
}

for (const withSignal of [false, true]) {
  const title = `a failure that nobody awaits is reported once${
    withSignal ? ", with a signal" : ""
  }`;
  Deno.test(title, async () => {
    const options = withSignal ? { signal: new AbortController().signal } : undefined;
    const unhandled = await unhandledDuring(() => {
      createBulkhead({ maxConcurrent: 1 }).do(() => Promise.reject(FAILURE), options);
    });
    assert.deepEqual(unhandled, [FAILURE]);
  });
}

Deno.test("a refusal that nobody awaits is reported once", async () => {
  const { bulkhead } = new Full({ maxQueued: 0 });
  const unhandled = await unhandledDuring(() => {
    bulkhead.do(() => "done");
  });
  assert.deepEqual(unhandled.map(isRefusal("full")), [true]);
});

Deno.test("a call that finds no slot and no place is refused, its operation not run", async () => {
  const { bulkhead } = new Full({ maxConcurrent: 2, maxQueued: 1 });
  bulkhead.do(() => "waits");
  const deferred = new Deferred();
  await assert.rejects(bulkhead.do(deferred.operation), (error) => {
    assert(error instanceof BulkheadFullError && error instanceof SwitchgearError);
    const { name, code, message, reason, active, queued } = error;
    assert.deepEqual({ name, code, message, bulkhead: error.bulkhead, reason, active, queued }, {
      name: "BulkheadFullError",
      code: "BULKHEAD_FULL",
      message: 'Bulkhead "db" refused the call: it is full (2 running, 1 waiting)',
      bulkhead: "db",
      reason: "full",
      active: 2,
      queued: 1,
    });
    return true;
  });
  assert.equal(deferred.calls, 0);
});

Deno.test("calls that wait are made in the order of their arrival", async () => {
  const full = new Full();
  const order: number[] = [];
  const calls = [0, 1, 2].map((i) => full.bulkhead.do(() => order.push(i)));
  full.free();
  await Promise.all(calls);
  assert.deepEqual([order, full.load], [[0, 1, 2], [0, 0]]);
});

Deno.test("`do` and `acquire` wait in one line", async () => {
  const full = new Full();
  const order: string[] = [];
  const calls = [
    full.bulkhead.do(() => order.push("do")),
    full.bulkhead.acquire().then((slot) => {
      order.push("acquire");
      slot.release();
    }),
    full.bulkhead.do(() => order.push("do")),
  ];
  full.free();
  await Promise.all(calls);
  assert.deepEqual(order, ["do", "acquire", "do"]);
});

const LATECOMERS: Record<string, (bulkhead: Bulkhead, seen: string[]) => void> = {
  do: (bulkhead, seen) => {
    bulkhead.do(() => seen.push("latecomer"));
  },
  tryAcquire: (bulkhead, seen) => {
    if (bulkhead.tryAcquire() !== undefined) seen.push("latecomer");
  },
  acquire: (bulkhead, seen) => {
    bulkhead.acquire().then((slot) => {
      seen.push("latecomer");
      slot.release();
    });
  },
};

for (const [way, come] of Object.entries(LATECOMERS)) {
  Deno.test(`nobody overtakes: ${way} in the very moment in which a slot comes free`, async () => {
    const full = new Full();
    const seen: string[] = [];
    const waiting = full.bulkhead.do(() => seen.push("first"));
    full.free();
    come(full.bulkhead, seen);
    await waiting;
    await full.clock.tick();
    assert.equal(seen[0], "first");
  });

  Deno.test(`nobody overtakes: ${way} in the microtask after an operation has ended`, async () => {
    const bulkhead = createBulkhead({ maxConcurrent: 1, maxQueued: 10 });
    const seen: string[] = [];
    const running = new Deferred();
    const first = bulkhead.do(running.operation).then(() => come(bulkhead, seen));
    const waiting = bulkhead.do(() => seen.push("first"));
    running.resolve("done");
    await Promise.all([first, waiting]);
    assert.equal(seen[0], "first");
  });
}

Deno.test("operations that throw synchronously, 100,000 in line, end one after the other", async () => {
  const full = new Full({ maxQueued: 100_000 });
  const calls = Array.from({ length: 100_000 }, () =>
    full.bulkhead.do(() => {
      throw FAILURE;
    }));
  full.free();
  const settled = await Promise.allSettled(calls);
  assert(settled.every((one) => one.status === "rejected" && one.reason === FAILURE));
  assert.deepEqual(full.load, [0, 0]);
});

Deno.test("a slot is released once, whatever is called how often", async () => {
  const full = new Full({ maxConcurrent: 2 });
  const [slot] = full.slots;
  assert(slot !== undefined);
  slot.release();
  slot.release();
  slot[Symbol.dispose]();
  assert.equal(full.bulkhead.active, 1);
  await full.clock.tick();
});

Deno.test("`using` releases a slot, also one that was waited for", async () => {
  const full = new Full();
  const waiting = full.bulkhead.acquire();
  full.free();
  {
    using _slot = await waiting;
    assert.deepEqual(full.load, [1, 0]);
  }
  assert.deepEqual(full.load, [0, 0]);
});

Deno.test("a wait ends at `maxWait`, not before, and leaves nothing behind", async () => {
  const full = new Full({ maxWait: "1s" });
  const deferred = new Deferred();
  const caller = new CountedCaller();
  const call = full.bulkhead.do(deferred.operation, { signal: caller.signal });
  full.clock.advance(999);
  assert.deepEqual([await look(call), ...full.load], ["pending", 1, 1]);
  full.clock.advance(1);
  assert.deepEqual([...full.load, full.clock.pendingTimers, caller.listeners], [1, 0, 0, 0]);
  await assert.rejects(call, isRefusal("timeout"));
  full.free();
  await full.clock.tick();
  assert.deepEqual([deferred.calls, ...full.load], [0, 0, 0]);
});

Deno.test("a call that got its slot in time has no timer and no limit any more", async () => {
  const full = new Full({ maxWait: "1s" });
  const deferred = new Deferred();
  const call = full.bulkhead.do(deferred.operation);
  full.free();
  assert.equal(full.clock.pendingTimers, 0);
  await full.clock.tick("1h");
  deferred.resolve("done");
  assert.equal(await call, "done");
});

type Ask = (bulkhead: Bulkhead, signal: AbortSignal) => Promise<unknown>;
const ASKS: Record<string, Ask> = {
  do: async (bulkhead, signal) => {
    const deferred = new Deferred();
    try {
      return await bulkhead.do(deferred.operation, { signal });
    } finally {
      assert.equal(deferred.calls, 0, "the operation was run");
    }
  },
  acquire: (bulkhead, signal) => bulkhead.acquire({ signal }),
};

for (const [way, ask] of Object.entries(ASKS)) {
  Deno.test(`${way} with a signal that is aborted already takes nothing`, async () => {
    const bulkhead = createBulkhead({ maxConcurrent: 1 });
    const call = ask(bulkhead, AbortSignal.abort(REASON));
    assert.equal(bulkhead.active, 0);
    await rejectsWith(call, REASON);
  });

  Deno.test(`${way}: an aborted waiter leaves the queue, its listener and its timer at once`, async () => {
    const full = new Full({ maxWait: "1s" });
    const caller = new CountedCaller();
    const call = ask(full.bulkhead, caller.signal);
    caller.abort(REASON);
    assert.deepEqual([...full.load, full.clock.pendingTimers, caller.listeners], [1, 0, 0, 0]);
    await rejectsWith(call, REASON);
  });

  Deno.test(`${way}: an abort after the slot was granted gives it to the next`, async () => {
    const full = new Full();
    const caller = new CountedCaller();
    const call = ask(full.bulkhead, caller.signal);
    const next = full.bulkhead.do(() => "next");
    full.free();
    caller.abort(REASON);
    await rejectsWith(call, REASON);
    assert.equal(await next, "next");
    assert.deepEqual([...full.load, caller.listeners], [0, 0, 0]);
  });

  Deno.test(`${way}: a slot freed by a listener to the same abort goes to the next`, async () => {
    const full = new Full();
    const caller = new CountedCaller();
    caller.signal.onabort = () => full.free();
    const listeners = caller.listeners; // the test's own
    const call = ask(full.bulkhead, caller.signal);
    const next = full.bulkhead.do(() => "next");
    caller.abort(REASON);
    await rejectsWith(call, REASON);
    assert.equal(await next, "next");
    assert.deepEqual([...full.load, caller.listeners], [0, 0, listeners]);
  });
}

Deno.test("an abort lets the caller go at once; the slot stays until the operation has ended", async () => {
  const bulkhead = createBulkhead({ maxConcurrent: 1 });
  const caller = new CountedCaller();
  const deferred = new Deferred();
  const unhandled = await unhandledDuring(async () => {
    const call = bulkhead.do(deferred.operation, { signal: caller.signal });
    caller.abort(REASON);
    await rejectsWith(call, REASON);
    assert.deepEqual([bulkhead.active, caller.listeners], [1, 0]);
    deferred.reject(FAILURE);
  });
  assert.deepEqual([bulkhead.active, unhandled], [0, []]);
});

Deno.test("an operation that settled before the abort keeps its outcome", async () => {
  const bulkhead = createBulkhead({ maxConcurrent: 1 });
  const caller = new CountedCaller();
  const deferred = new Deferred();
  const call = bulkhead.do(deferred.operation, { signal: caller.signal });
  deferred.resolve("done");
  caller.abort(REASON);
  assert.equal(await call, "done");
});

Deno.test("an operation that aborts its own caller and throws frees its slot once", async () => {
  const bulkhead = createBulkhead({ maxConcurrent: 2 });
  using _slot = bulkhead.tryAcquire();
  const caller = new CountedCaller();
  const call = bulkhead.do(() => {
    caller.abort(REASON);
    throw FAILURE;
  }, { signal: caller.signal });
  await rejectsWith(call, REASON);
  assert.deepEqual([bulkhead.active, caller.listeners], [1, 0]);
});

Deno.test("what is no signal is refused, with a free slot and without, and takes nothing", async () => {
  const full = new Full({ maxConcurrent: 1 });
  const options: { signal: AbortSignal } = Object.create({ signal: {} });
  await assert.rejects(full.bulkhead.do(() => "done", options), TypeError);
  assert.deepEqual(full.load, [1, 0]);
  full.free();
  await assert.rejects(full.bulkhead.do(() => "done", options), TypeError);
  assert.deepEqual(full.load, [0, 0]);
});

Deno.test("an operation may call back into its bulkhead", async () => {
  const bulkhead = createBulkhead({ maxConcurrent: 1, maxQueued: 1 });
  const inner: Promise<string>[] = [];
  await bulkhead.do(() => {
    inner.push(bulkhead.do(() => "inner"));
    bulkhead.setLimits({ maxQueued: 0 });
  });
  assert.deepEqual(await Promise.all(inner), ["inner"]);
  assert.equal(bulkhead.active, 0);
});

Deno.test("more slots go at once to those who wait", () => {
  const full = new Full();
  for (let i = 0; i < 4; i++) full.bulkhead.do(() => new Promise(() => {}));
  full.bulkhead.setLimits({ maxConcurrent: 4 });
  assert.deepEqual(full.load, [4, 1]);
});

Deno.test("with fewer slots what runs goes on, and what waits goes on waiting", async () => {
  const full = new Full({ maxConcurrent: 3 });
  const waiting = full.bulkhead.do(() => "waited");
  full.bulkhead.setLimits({ maxConcurrent: 1 });
  assert.deepEqual(full.load, [3, 1]);
  full.free();
  full.free();
  assert.deepEqual([full.load, full.bulkhead.tryAcquire()], [[1, 1], undefined]);
  full.free();
  assert.equal(await waiting, "waited");
});

Deno.test("with a shorter queue those who wait already stay", async () => {
  const full = new Full();
  const waiting = [full.bulkhead.do(() => 0), full.bulkhead.do(() => 1)];
  full.bulkhead.setLimits({ maxQueued: 1 });
  await assert.rejects(full.bulkhead.do(() => 2), isRefusal("full"));
  full.free();
  assert.deepEqual(await Promise.all(waiting), [0, 1]);
});

Deno.test("another `maxWait` holds for those who come after it", async () => {
  const full = new Full({ maxWait: "1s" });
  const before = full.bulkhead.do(() => "before");
  full.bulkhead.setLimits({ maxWait: null });
  const after = full.bulkhead.do(() => "after");
  full.clock.advance("1h");
  await assert.rejects(before, isRefusal("timeout"));
  full.free();
  assert.equal(await after, "after");
});

Deno.test("limits that are left out stay as they are", () => {
  const bulkhead = createBulkhead({ maxConcurrent: 1, maxQueued: 2, maxWait: "3s" });
  bulkhead.setLimits({ maxConcurrent: 5 });
  assert.deepEqual(bulkhead.limits, { maxConcurrent: 5, maxQueued: 2, maxWaitMs: 3_000 });
});

Deno.test("limits of which one is wrong change nothing", () => {
  const bulkhead = createBulkhead({ maxConcurrent: 1, maxQueued: 2, maxWait: "3s" });
  const limits = bulkhead.limits;
  assert.throws(() => bulkhead.setLimits({ maxConcurrent: 5, maxQueued: -1 }), RangeError);
  assert.equal(bulkhead.limits, limits);
});

testOptionFaults(createBulkhead, [
  { options: undefined, error: TypeError, message: /options must be an object/ },
  { options: {}, error: TypeError, message: /"maxConcurrent" must be an integer of at least 1/ },
  { options: { maxConcurrent: 0 }, error: RangeError, message: /"maxConcurrent".*received 0/ },
  { options: { maxConcurrent: 1.5 }, error: RangeError, message: /"maxConcurrent"/ },
  { options: { maxConcurrent: NaN }, error: RangeError, message: /"maxConcurrent"/ },
  { options: { maxConcurrent: "1" }, error: TypeError, message: /"maxConcurrent"/ },
  { options: { maxConcurrent: 1, maxQueued: -1 }, error: RangeError, message: /"maxQueued"/ },
  { options: { maxConcurrent: 1, maxQueued: Infinity }, error: RangeError, message: /"maxQueued"/ },
  { options: { maxConcurrent: 1, maxWait: 0 }, error: RangeError, message: /"maxWait"/ },
  { options: { maxConcurrent: 1, maxWait: "soon" }, error: RangeError, message: /"maxWait"/ },
  { options: { maxConcurrent: 1, name: 1 }, error: TypeError, message: /"name"/ },
  {
    options: { maxConcurrent: 1, maxWaits: 1 },
    error: TypeError,
    message: /did you mean "maxWait"/,
  },
]);

Deno.test("a refusal is announced with what it says", async () => {
  const full = new Full({ maxQueued: 1, maxWait: "1s" });
  const heard: unknown[] = [];
  full.bulkhead.on("reject", (event) => heard.push(event));
  const calls = [full.bulkhead.do(() => "waits"), full.bulkhead.do(() => "refused")];
  full.clock.advance("1s");
  await Promise.allSettled(calls);
  assert.deepEqual(heard, [
    { bulkhead: "db", reason: "full", active: 1, queued: 1 },
    { bulkhead: "db", reason: "timeout", active: 1, queued: 0 },
  ]);
});

Deno.test("an abort is not announced as a refusal", async () => {
  const full = new Full();
  full.bulkhead.on("reject", () => assert.fail("a refusal was announced"));
  const caller = new CountedCaller();
  const call = full.bulkhead.do(() => "done", { signal: caller.signal });
  caller.abort(REASON);
  await rejectsWith(call, REASON);
});

Deno.test("a listener that throws is reported, and the caller gets the refusal", async () => {
  const full = new Full({ maxQueued: 0 });
  full.bulkhead.on("reject", () => {
    throw FAILURE;
  });
  await assert.rejects(full.bulkhead.do(() => "done"), isRefusal("full"));
  assert.deepEqual(full.log.lines, ['error: Bulkhead "db": a listener to "reject" failed']);
});

Deno.test("a call with a free slot sets no timer and no listener of its own", async () => {
  const clock = new ManualClock();
  const bulkhead = createBulkhead({ maxConcurrent: 1, maxQueued: 1, maxWait: "1s", clock });
  const call = bulkhead.do(() => Promise.resolve("done"));
  assert.equal(clock.pendingTimers, 0);
  await call;
});

Deno.test("a call with a free slot settles one microtask after its operation: one promise stands between", async () => {
  const bulkhead = createBulkhead({ maxConcurrent: 1 });
  let turns = 0;
  let settled = false;
  const call = bulkhead.do(() => Promise.resolve("done"));
  call.then(() => settled = true);
  for (; !settled; turns++) await Promise.resolve();
  assert.equal(turns, 2); // the operation's own handler, and the test's
});

const DESCRIPTIONS: readonly {
  options: BulkheadOptions;
  text: string;
  longestMs: number;
}[] = [
  { options: { maxConcurrent: 3 }, text: "runs at most 3 at once, none waiting", longestMs: 500 },
  {
    options: { maxConcurrent: 3, maxQueued: 5, maxWait: "2s" },
    text: "runs at most 3 at once, up to 5 waiting for at most 2s",
    longestMs: 2_500,
  },
  {
    options: { maxConcurrent: 3, maxQueued: 5 },
    text: "runs at most 3 at once, up to 5 waiting",
    longestMs: Infinity,
  },
];

for (const { options, text, longestMs } of DESCRIPTIONS) {
  Deno.test(`a bulkhead describes itself: ${text}`, () => {
    const description = createBulkhead(options).describe({ longestMs: 500, attempts: 2 });
    assert.deepEqual(description, { text, longestMs, attempts: 2 });
  });
}

Deno.test("100,000 aborted waits leave no listener, timer or queue entry behind", async () => {
  const full = new Full({ maxQueued: 100_000, maxWait: "1h" });
  const callers = Array.from({ length: 100_000 }, () => new CountedCaller());
  const calls = callers.map(({ signal }) => full.bulkhead.do(() => "done", { signal }));
  assert.deepEqual([full.bulkhead.queued, full.clock.pendingTimers], [100_000, 1]);
  for (const caller of callers) caller.abort(REASON);
  const listeners = callers.reduce((sum, caller) => sum + caller.listeners, 0);
  assert.deepEqual([...full.load, full.clock.pendingTimers, listeners], [1, 0, 0, 0]);
  const settled = await Promise.allSettled(calls);
  assert(settled.every((one) => one.status === "rejected" && one.reason === REASON));
});
