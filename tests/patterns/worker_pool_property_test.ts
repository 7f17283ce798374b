import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { PoolClosedError, PoolFullError } from "../../src/patterns/pool/pool_full_error.ts";
import { createWorkerPool, type WorkerPool } from "../../src/patterns/pool/worker_pool.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { Deferred } from "../support/deferred_operation.ts";
import { microtasks } from "../support/microtasks.ts";
import { CountedCaller } from "./caller_support.ts";

const FAILURE = new Error("the job failed");
const REASON = new Error("the caller left");
const DRAIN_MS = 10;

/** One job, and what became of it. */
class Job {
  readonly caller: CountedCaller | undefined;
  readonly deferred = new Deferred<number>();
  isAborted = false;
  runs = 0;
  /** How its promise ended, as often as it did. */
  readonly ends: unknown[] = [];

  constructor(readonly id: number, hasCaller: boolean) {
    this.caller = hasCaller ? new CountedCaller() : undefined;
  }
}

/** A pool under random use, and what must hold of it at any time. */
class Scene {
  readonly clock = new ManualClock();
  readonly pool: WorkerPool;
  readonly #workers: number;
  readonly #maxQueued: number;
  readonly #jobs: Job[] = [];
  /** Which jobs began, in order. */
  readonly #begun: number[] = [];
  /** What went wrong inside a job, where an assertion would count as the job's failure. */
  readonly #faults: string[] = [];
  #working = 0;
  #closes = 0;
  #closed = 0;

  constructor(workers: number, maxQueued: number) {
    this.#workers = workers;
    this.#maxQueued = maxQueued;
    this.pool = createWorkerPool({ workers, maxQueued, clock: this.clock });
  }

  submit(waits: boolean, hasCaller: boolean, throwsAtOnce: boolean): void {
    const job = new Job(this.#jobs.length, hasCaller);
    const options = job.caller && { signal: job.caller.signal };
    const run = (signal: AbortSignal) => this.#run(job, signal, throwsAtOnce);
    const mayRefuse = this.pool.isClosed ||
      this.pool.running + this.pool.queued >= this.#workers + this.#maxQueued;
    let promise: Promise<number>;
    try {
      promise = waits ? this.pool.submitWait(run, options) : this.pool.submit(run, options);
    } catch (error) {
      assert(error instanceof (this.pool.isClosed ? PoolClosedError : PoolFullError));
      assert(!waits && mayRefuse, "refused although there was room");
      return;
    }
    this.#jobs.push(job);
    promise.then((value) => job.ends.push(value), (error) => job.ends.push(error));
  }

  settle(id: number, fails: boolean): void {
    if (fails) this.#jobs[id]?.deferred.reject(FAILURE);
    else this.#jobs[id]?.deferred.resolve(id);
    this.#jobs[id]?.deferred.operation(undefined).catch(() => {});
  }

  abort(id: number): void {
    const job = this.#jobs[id];
    if (job?.caller === undefined) return;
    job.isAborted = true;
    job.caller.abort(REASON);
  }

  close(drains: boolean): void {
    this.#closes++;
    this.pool.close(drains ? {} : { drainTimeout: DRAIN_MS }).then(() => {
      this.#closed++;
      if (this.pool.queued > 0) this.#faults.push("closed with jobs in the queue");
    });
  }

  check(): void {
    assert.deepEqual(this.#faults, []);
    const { running, queued, waiting } = this.pool;
    assert(running >= this.#working, "a worker was free while its job was at work");
    assert(running <= this.#workers && queued <= this.#maxQueued);
    assert(queued === 0 || running === this.#workers, "a job waits although a worker is free");
    assert(waiting === 0 || queued === this.#maxQueued, "one waits although there is a place");
  }

  /** Lets everything end, and shows that nothing is left and that each job settled once. */
  async finish(): Promise<void> {
    for (let id = 0; id < this.#jobs.length; id++) this.settle(id, false);
    await this.clock.tick();
    this.close(true);
    await this.clock.tick(DRAIN_MS);
    this.check();
    const { running, queued, waiting } = this.pool;
    const listeners = this.#jobs.reduce((sum, { caller }) => sum + (caller?.listeners ?? 0), 0);
    assert.deepEqual([running, queued, waiting, this.clock.pendingTimers, listeners], [
      0,
      0,
      0,
      0,
      0,
    ]);
    assert.equal(this.#closed, this.#closes);
    assert.deepEqual(this.#begun, this.#begun.toSorted((a, b) => a - b));
    for (const job of this.#jobs) assertEnd(job);
  }

  #run(job: Job, signal: AbortSignal, throwsAtOnce: boolean): Promise<number> {
    job.runs++;
    this.#begun.push(job.id);
    if (job.isAborted) this.#faults.push("run after its caller's abort");
    if (this.#working >= this.#workers) this.#faults.push("more jobs at work than workers");
    if (throwsAtOnce) throw FAILURE;
    const leave = (): void => {
      this.#working--;
    };
    this.#working++;
    const work = job.deferred.operation(signal);
    work.then(leave, leave);
    return work;
  }
}

/** A job settles once: as it ended itself, if it was run; else with what kept it from that. */
function assertEnd(job: Job): void {
  assert.equal(job.ends.length, 1);
  const [end] = job.ends;
  if (end === REASON) assert(job.isAborted);
  else if (end instanceof PoolClosedError) assert(end.reason === "timeout" || job.runs === 0);
  else assert(job.runs === 1 && (end === job.id || end === FAILURE));
  assert(job.runs <= 1);
}

const id = fc.nat({ max: 24 });
const move = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("submit" as const),
      waits: fc.boolean(),
      hasCaller: fc.boolean(),
      throwsAtOnce: fc.nat({ max: 5 }).map((n) => n === 0),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("settle" as const), id, fails: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("abort" as const), id }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("microtasks" as const), n: fc.nat(6) }) },
);
const lateMove = fc.oneof(
  { weight: 4, arbitrary: move },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("close" as const), drains: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("advance" as const), ms: fc.nat({ max: 8 }) }),
  },
);

type Move = typeof lateMove extends fc.Arbitrary<infer M> ? M : never;

function make(scene: Scene, one: Exclude<Move, { kind: "microtasks" }>): void {
  switch (one.kind) {
    case "submit":
      return scene.submit(one.waits, one.hasCaller, one.throwsAtOnce);
    case "settle":
      return scene.settle(one.id, one.fails);
    case "abort":
      return scene.abort(one.id);
    case "close":
      return scene.close(one.drains);
    case "advance":
      return scene.clock.advance(one.ms);
  }
}

Deno.test("a pool never runs more jobs than it has workers, begins them in order, and settles each accepted one once, whatever happens when", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 5 }),
      fc.array(move, { maxLength: 40, size: "max" }),
      fc.array(lateMove, { maxLength: 20, size: "max" }),
      async (workers, maxQueued, moves, lateMoves) => {
        const scene = new Scene(workers, maxQueued);
        for (const one of [...moves, ...lateMoves]) {
          if (one.kind === "microtasks") await microtasks(one.n);
          else make(scene, one);
          scene.check();
        }
        await scene.finish();
      },
    ),
    { numRuns: 1_000 },
  );
});
