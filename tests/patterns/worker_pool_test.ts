import assert from "node:assert/strict";
import { SwitchgearError } from "../../src/errors.ts";
import { PoolClosedError, PoolFullError } from "../../src/patterns/pool/pool_full_error.ts";
import {
  createWorkerPool,
  type WorkerPool,
  type WorkerPoolOptions,
} from "../../src/patterns/pool/worker_pool.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { Deferred } from "../support/deferred_operation.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";
import { CountedCaller, look, rejectsWith } from "./caller_support.ts";
import { testOptionFaults } from "./option_faults.ts";

const FAILURE = new Error("the job failed");
const REASON = new Error("the caller left");

/** A pool on a manual clock, each of whose workers is busy with a job that the test ends. */
class Busy {
  readonly clock = new ManualClock();
  readonly pool: WorkerPool;
  readonly jobs: Deferred[] = [];
  readonly promises: Promise<string>[] = [];

  constructor({ workers = 1, maxQueued = 0 }: Partial<WorkerPoolOptions> = {}) {
    this.pool = createWorkerPool({ workers, maxQueued, name: "thumbnails", clock: this.clock });
    for (let i = 0; i < workers; i++) {
      const job = new Deferred();
      this.jobs.push(job);
      this.promises.push(this.pool.submit(job.operation));
    }
  }

  /** Ends the first job that runs, and lets the next begin. */
  async end(): Promise<void> {
    this.jobs.shift()?.resolve("done");
    await this.promises.shift();
  }

  get load(): readonly [running: number, queued: number, waiting: number] {
    return [this.pool.running, this.pool.queued, this.pool.waiting];
  }
}

function isClosed(reason: "closed" | "timeout"): (error: unknown) => boolean {
  return (error) => error instanceof PoolClosedError && error.reason === reason;
}

type Submit = <T>(
  pool: WorkerPool,
  job: (signal: AbortSignal) => T,
  signal?: AbortSignal,
) => Promise<unknown>;

const WAYS: Record<string, Submit> = {
  submit: (pool, job, signal) => pool.submit(job, signal && { signal }),
  submitWait: (pool, job, signal) => pool.submitWait(job, signal && { signal }),
};

const ENDINGS: Record<string, { job: () => unknown; end: unknown }> = {
  "resolves": { job: () => Promise.resolve("done"), end: { value: "done" } },
  "returns no promise": { job: () => "done", end: { value: "done" } },
  "rejects": { job: () => Promise.reject(FAILURE), end: { error: FAILURE } },
  "throws synchronously": {
    job: () => {
      throw FAILURE;
    },
    end: { error: FAILURE },
  },
};

for (const [way, submit] of Object.entries(WAYS)) {
  for (const [how, { job, end }] of Object.entries(ENDINGS)) {
    Deno.test(`${way}: a job that ${how} settles so, and its worker is free`, async () => {
      const pool = createWorkerPool({ workers: 1 });
      const caller = new CountedCaller();
      const seen = await look(submit(pool, job, caller.signal));
      assert.deepEqual([seen, pool.running, caller.listeners], [end, 0, 0]);
    });
  }

  Deno.test(`${way}: a job begins synchronously where a worker is free`, async () => {
    const pool = createWorkerPool({ workers: 1 });
    const job = new Deferred();
    const promise = submit(pool, job.operation);
    assert.deepEqual([job.calls, pool.running], [1, 1]);
    job.resolve("done");
    await promise;
  });

  Deno.test(`${way}: a signal that is aborted already: the job is not run`, async () => {
    const pool = createWorkerPool({ workers: 1 });
    const job = new Deferred();
    await rejectsWith(submit(pool, job.operation, AbortSignal.abort(REASON)), REASON);
    assert.deepEqual([job.calls, pool.running], [0, 0]);
  });

  Deno.test(`${way}: a caller that aborts a job in the queue is let go, the job not run`, async () => {
    const busy = new Busy({ maxQueued: 1 });
    const caller = new CountedCaller();
    const job = new Deferred();
    const promise = submit(busy.pool, job.operation, caller.signal);
    caller.abort(REASON);
    assert.deepEqual(busy.load, [1, 0, 0]);
    await rejectsWith(promise, REASON);
    await busy.end();
    assert.deepEqual([job.calls, caller.listeners, ...busy.load], [0, 0, 0, 0, 0]);
  });

  Deno.test(`${way}: a caller that aborts a job that runs is let go, its worker is not`, async () => {
    const pool = createWorkerPool({ workers: 1 });
    const caller = new CountedCaller();
    const job = new Deferred();
    const unhandled = await unhandledDuring(async () => {
      const promise = submit(pool, job.operation, caller.signal);
      caller.abort(REASON);
      await rejectsWith(promise, REASON);
      assert.deepEqual([job.signal?.reason, pool.running, caller.listeners], [REASON, 1, 0]);
      job.reject(FAILURE);
    });
    assert.deepEqual([pool.running, unhandled], [0, []]);
  });

  Deno.test(`${way}: an abort that another listener kept from the pool is seen as the job's turn comes`, async () => {
    const busy = new Busy({ maxQueued: 1 });
    const controller = new AbortController();
    controller.signal.onabort = (event) => event.stopImmediatePropagation();
    const job = new Deferred();
    const promise = submit(busy.pool, job.operation, controller.signal);
    controller.abort(REASON);
    await busy.end();
    await rejectsWith(promise, REASON);
    assert.deepEqual([job.calls, ...busy.load], [0, 0, 0, 0]);
  });

  Deno.test(`${way}: a job that aborts its own caller and throws rejects with the abort's reason`, async () => {
    const pool = createWorkerPool({ workers: 1 });
    const caller = new CountedCaller();
    const promise = submit(pool, () => {
      caller.abort(REASON);
      throw FAILURE;
    }, caller.signal);
    await rejectsWith(promise, REASON);
    assert.deepEqual([pool.running, caller.listeners], [0, 0]);
  });

  Deno.test(`${way}: a job that settled before the abort keeps its outcome`, async () => {
    const pool = createWorkerPool({ workers: 1 });
    const caller = new CountedCaller();
    const job = new Deferred();
    const promise = submit(pool, job.operation, caller.signal);
    job.resolve("done");
    caller.abort(REASON);
    assert.equal(await promise, "done");
  });

  Deno.test(`${way}: a failure that nobody awaits is reported once`, async () => {
    const unhandled = await unhandledDuring(() => {
      submit(createWorkerPool({ workers: 1 }), () => Promise.reject(FAILURE));
    });
    assert.deepEqual(unhandled, [FAILURE]);
  });
}

Deno.test("jobs begin in the order in which they came, waiting for a place or not", async () => {
  const busy = new Busy({ maxQueued: 2 });
  const order: number[] = [];
  const promises = [
    busy.pool.submit(() => order.push(0)),
    busy.pool.submitWait(() => order.push(1)),
    busy.pool.submitWait(() => order.push(2)),
    busy.pool.submitWait(() => order.push(3)),
  ];
  assert.deepEqual(busy.load, [1, 2, 2]);
  await busy.end();
  await Promise.all(promises);
  assert.deepEqual([order, busy.load], [[0, 1, 2, 3], [0, 0, 0]]);
});

Deno.test("submit throws a PoolFullError, synchronously, when the queue is full", async () => {
  const busy = new Busy({ workers: 2, maxQueued: 1 });
  const queued = busy.pool.submit(() => "queued");
  const job = new Deferred();
  assert.throws(() => busy.pool.submit(job.operation), (error) => {
    assert(error instanceof PoolFullError && error instanceof SwitchgearError);
    const { name, code, message, pool, running, queued } = error;
    assert.deepEqual({ name, code, message, pool, running, queued }, {
      name: "PoolFullError",
      code: "POOL_FULL",
      message: 'Worker pool "thumbnails" refused the job: it is full (2 running, 1 waiting)',
      pool: "thumbnails",
      running: 2,
      queued: 1,
    });
    return true;
  });
  await busy.end();
  await queued;
  assert.equal(job.calls, 0);
});

Deno.test("a place that comes free goes to who waits for it, not to who submits at that moment", async () => {
  const busy = new Busy({ maxQueued: 1 });
  const caller = new CountedCaller();
  const queued = busy.pool.submit(() => "queued", { signal: caller.signal });
  const waiting = busy.pool.submitWait(() => "waited");
  caller.abort(REASON);
  assert.deepEqual(busy.load, [1, 1, 0]);
  assert.throws(() => busy.pool.submit(() => "latecomer"), PoolFullError);
  await rejectsWith(queued, REASON);
  await busy.end();
  assert.equal(await waiting, "waited");
});

Deno.test("a worker that comes free goes to who waits, not to a job that one handed in as it ended", async () => {
  const busy = new Busy();
  const order: string[] = [];
  const first = busy.promises[0]?.then(() => busy.pool.submitWait(() => order.push("latecomer")));
  const waiting = busy.pool.submitWait(() => order.push("first"));
  await busy.end();
  await Promise.all([first, waiting]);
  assert.deepEqual(order, ["first", "latecomer"]);
});

Deno.test("a caller that waits for a place and aborts leaves the line at once", async () => {
  const busy = new Busy();
  const caller = new CountedCaller();
  const promise = busy.pool.submitWait(() => "done", { signal: caller.signal });
  assert.deepEqual(busy.load, [1, 0, 1]);
  caller.abort(REASON);
  assert.deepEqual(busy.load, [1, 0, 0]);
  await rejectsWith(promise, REASON);
  assert.equal(caller.listeners, 0);
  await busy.end();
});

Deno.test("a job may hand in another as it begins: that one goes to the end of the line", async () => {
  const busy = new Busy({ maxQueued: 2 });
  const order: string[] = [];
  const inner: Promise<unknown>[] = [];
  const outer = busy.pool.submit(() => {
    order.push("outer");
    inner.push(busy.pool.submit(() => order.push("inner")));
  });
  const next = busy.pool.submit(() => order.push("next"));
  await busy.end();
  await Promise.all([outer, next, ...inner]);
  assert.deepEqual(order, ["outer", "next", "inner"]);
});

Deno.test("jobs that throw synchronously, 100,000 in line, end one after the other", async () => {
  const busy = new Busy({ maxQueued: 100_000 });
  const promises = Array.from({ length: 100_000 }, () =>
    busy.pool.submit(() => {
      throw FAILURE;
    }));
  const settling = Promise.allSettled(promises);
  await busy.end();
  const settled = await settling;
  assert(settled.every((one) => one.status === "rejected" && one.reason === FAILURE));
  assert.deepEqual(busy.load, [0, 0, 0]);
});

Deno.test("a job that hangs takes one worker and no more", async () => {
  const pool = createWorkerPool({ workers: 2, maxQueued: 10 });
  const hung = pool.submit(() => new Promise(() => {}));
  const others = Array.from({ length: 5 }, (_, i) => pool.submit(() => Promise.resolve(i)));
  assert.deepEqual(await Promise.all(others), [0, 1, 2, 3, 4]);
  assert.deepEqual([await look(hung), pool.running], ["pending", 1]);
});

Deno.test("close runs every accepted job to its end, and resolves after the last has settled", async () => {
  const busy = new Busy({ maxQueued: 1 });
  const order: string[] = [];
  busy.promises[0]?.then(() => order.push("running"));
  busy.pool.submit(() => Promise.resolve()).then(() => order.push("queued"));
  const closed = busy.pool.close().then(() => order.push("closed"));
  assert.deepEqual([await look(closed), busy.load], ["pending", [1, 1, 0]]);
  busy.jobs[0]?.resolve("done");
  await closed;
  assert.deepEqual([order, busy.load], [["running", "queued", "closed"], [0, 0, 0]]);
});

Deno.test("close resolves also where accepted jobs fail", async () => {
  const busy = new Busy();
  const closed = busy.pool.close();
  busy.jobs[0]?.reject(FAILURE);
  await rejectsWith(busy.promises[0] ?? assert.fail(), FAILURE);
  await closed;
});

Deno.test("close of an idle pool resolves and sets no timer", async () => {
  const clock = new ManualClock();
  const pool = createWorkerPool({ workers: 1, clock });
  await pool.close({ drainTimeout: "1s" });
  assert.deepEqual([pool.isClosed, clock.pendingTimers], [true, 0]);
});

Deno.test("a closed pool refuses what is new: submit synchronously, submitWait by its promise", async () => {
  const busy = new Busy({ maxQueued: 5 });
  const closed = busy.pool.close();
  assert.throws(() => busy.pool.submit(() => assert.fail("run")), (error) => {
    assert(error instanceof PoolClosedError);
    const { name, code, message, pool, reason } = error;
    assert.deepEqual({ name, code, message, pool, reason }, {
      name: "PoolClosedError",
      code: "POOL_CLOSED",
      message: 'Worker pool "thumbnails" refused the job: it is closed',
      pool: "thumbnails",
      reason: "closed",
    });
    return true;
  });
  await assert.rejects(busy.pool.submitWait(() => assert.fail("run")), isClosed("closed"));
  await busy.end();
  await closed;
});

Deno.test("close refuses at once who still waits for a place", async () => {
  const busy = new Busy();
  const caller = new CountedCaller();
  const job = new Deferred();
  const promise = busy.pool.submitWait(job.operation, { signal: caller.signal });
  const closed = busy.pool.close();
  assert.deepEqual([busy.load, caller.listeners], [[1, 0, 0], 0]);
  await assert.rejects(promise, isClosed("closed"));
  await busy.end();
  await closed;
  assert.equal(job.calls, 0);
});

Deno.test("closing twice is closing once", async () => {
  const busy = new Busy();
  const closed = [busy.pool.close(), busy.pool.close(), busy.pool[Symbol.asyncDispose]()];
  await busy.end();
  await Promise.all(closed);
  await busy.pool.close();
});

Deno.test("at the drain timeout what runs and what waits is given up, and close resolves", async () => {
  const busy = new Busy({ maxQueued: 1 });
  const job = new Deferred();
  const queued = busy.pool.submit(job.operation);
  const unhandled = await unhandledDuring(async () => {
    const closed = busy.pool.close({ drainTimeout: "5s" });
    busy.clock.advance(4_999);
    assert.equal(await look(closed), "pending");
    busy.clock.advance(1);
    await closed;
    for (const promise of [...busy.promises, queued]) {
      await assert.rejects(promise, isClosed("timeout"));
    }
    assert(isClosed("timeout")(busy.jobs[0]?.signal?.reason));
    busy.jobs[0]?.reject(FAILURE); // late, and heard by nobody
  });
  assert.deepEqual([job.calls, busy.load, unhandled], [0, [0, 0, 0], []]);
});

Deno.test("a drain timeout of 0 gives jobs up at once", async () => {
  const busy = new Busy();
  const closed = busy.pool.close({ drainTimeout: 0 });
  await assert.rejects(busy.promises[0] ?? assert.fail(), isClosed("timeout"));
  await closed;
});

Deno.test("a pool that drains in time leaves no timer", async () => {
  const busy = new Busy();
  const closed = busy.pool.close({ drainTimeout: "5s" });
  assert.equal(busy.clock.pendingTimers, 1);
  await busy.end();
  await closed;
  assert.equal(busy.clock.pendingTimers, 0);
});

for (const [first, second] of [["5s", "1s"], ["1s", "5s"], [undefined, "1s"], ["1s", undefined]]) {
  Deno.test(`of two drain timeouts, ${first} and ${second}, the earlier counts`, async () => {
    const busy = new Busy();
    const closes = [first, second].map((drainTimeout) =>
      busy.pool.close(drainTimeout === undefined ? {} : { drainTimeout })
    );
    assert.equal(busy.clock.pendingTimers, 1);
    busy.clock.advance("1s");
    await Promise.all(closes);
    await assert.rejects(busy.promises[0] ?? assert.fail(), isClosed("timeout"));
    assert.equal(busy.clock.pendingTimers, 0);
  });
}

Deno.test("a job whose caller has aborted rejects with the caller's reason, though the pool gives it up", async () => {
  const busy = new Busy({ maxQueued: 1 });
  const caller = new CountedCaller();
  await busy.end();
  const job = new Deferred();
  const promise = busy.pool.submit(job.operation, { signal: caller.signal });
  caller.abort(REASON);
  const closed = busy.pool.close({ drainTimeout: 0 });
  await rejectsWith(promise, REASON);
  await closed;
});

Deno.test("close waits for a job whose caller has left: it is still at work", async () => {
  const pool = createWorkerPool({ workers: 1 });
  const caller = new CountedCaller();
  const job = new Deferred();
  const promise = pool.submit(job.operation, { signal: caller.signal });
  caller.abort(REASON);
  await rejectsWith(promise, REASON);
  const closed = pool.close();
  assert.equal(await look(closed), "pending");
  job.resolve("done");
  await closed;
});

Deno.test("a job may close its own pool", async () => {
  const pool = createWorkerPool({ workers: 1 });
  const closes: Promise<void>[] = [];
  const promise = pool.submit(() => {
    closes.push(pool.close());
    return "done";
  });
  assert.equal(await promise, "done");
  await Promise.all(closes);
});

Deno.test("wrong options of close are refused, and the pool stays open", async () => {
  const pool = createWorkerPool({ workers: 1 });
  await assert.rejects(pool.close({ drainTimeout: -1 }), /"drainTimeout".*received -1/);
  await assert.rejects(pool.close(JSON.parse('{"timeout": 1}')), /unknown option "timeout"/);
  assert.equal(pool.isClosed, false);
});

Deno.test("`await using` drains the pool", async () => {
  const job = new Deferred();
  const ends: string[] = [];
  {
    await using pool = createWorkerPool({ workers: 1 });
    pool.submit(job.operation).then((end) => ends.push(end));
    job.resolve("done");
  }
  assert.deepEqual(ends, ["done"]);
});

Deno.test("what is no function is refused and takes no worker", async () => {
  const pool = createWorkerPool({ workers: 1 });
  assert.throws(() => Reflect.apply(pool.submit, pool, [1]), /"job" must be a function/);
  await assert.rejects(Reflect.apply(pool.submitWait, pool, [1]), /"job" must be a function/);
  assert.equal(pool.running, 0);
});

testOptionFaults(createWorkerPool, [
  { options: undefined, error: TypeError, message: /options must be an object/ },
  { options: {}, error: TypeError, message: /"workers" must be an integer of at least 1/ },
  { options: { workers: 0 }, error: RangeError, message: /"workers".*received 0/ },
  { options: { workers: NaN }, error: RangeError, message: /"workers"/ },
  { options: { workers: Infinity }, error: RangeError, message: /"workers"/ },
  { options: { workers: 1, maxQueued: -1 }, error: RangeError, message: /"maxQueued"/ },
  { options: { workers: 1, maxQueued: 0.5 }, error: RangeError, message: /"maxQueued"/ },
  { options: { workers: 1, name: null, x: 1 }, error: TypeError, message: /unknown option "x"/ },
  { options: { workers: 1, worker: 1 }, error: TypeError, message: /did you mean "workers"/ },
]);

Deno.test("100,000 aborted waits for a place leave no listener, timer or queue entry behind", async () => {
  const busy = new Busy({ maxQueued: 50_000 });
  const callers = Array.from({ length: 100_000 }, () => new CountedCaller());
  const promises = callers.map(({ signal }) => busy.pool.submitWait(() => "done", { signal }));
  assert.deepEqual(busy.load, [1, 50_000, 50_000]);
  for (const caller of callers) caller.abort(REASON);
  assert.deepEqual([...busy.load, busy.clock.pendingTimers], [1, 0, 0, 0]);
  const settled = await Promise.allSettled(promises);
  assert(settled.every((one) => one.status === "rejected" && one.reason === REASON));
  assert.equal(callers.reduce((sum, caller) => sum + caller.listeners, 0), 0);
});
