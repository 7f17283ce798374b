import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { type Bulkhead, createBulkhead } from "../../src/patterns/bulkhead/bulkhead.ts";
import { BulkheadFullError } from "../../src/patterns/bulkhead/bulkhead_full_error.ts";
import type { BulkheadSlot } from "../../src/patterns/bulkhead/bulkhead_slot.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { Deferred } from "../support/deferred_operation.ts";
import { microtasks } from "../support/microtasks.ts";
import { CountedCaller } from "./caller_support.ts";

const FAILURE = new Error("the dependency failed");
const REASON = new Error("the caller left");
const MAX_WAIT_MS = 20;

/** One call through the bulkhead under test, and what became of it. */
class Call {
  readonly caller: CountedCaller | undefined;
  readonly deferred = new Deferred<number>();
  isAborted = false;
  /** Whether it had to wait in line. */
  hasWaited = false;
  /** How it ended, as often as it did. */
  readonly ends: unknown[] = [];

  constructor(readonly id: number, readonly way: "do" | "acquire", hasCaller: boolean) {
    this.caller = hasCaller ? new CountedCaller() : undefined;
  }

  get options(): { signal: AbortSignal } | undefined {
    return this.caller && { signal: this.caller.signal };
  }

  follow(promise: Promise<unknown>): void {
    promise.then((value) => this.ends.push(value), (error) => this.ends.push(error));
  }
}

/** A bulkhead under random use, and what must hold of it at any time. */
class Scene {
  readonly clock = new ManualClock();
  readonly bulkhead: Bulkhead;
  readonly calls: Call[] = [];
  /** Who is seen to have got a slot, in order. */
  readonly #served: Call[] = [];
  readonly #slots = new Map<number, BulkheadSlot>();
  /** What went wrong inside an operation, where an assertion would count as the operation's failure. */
  readonly #faults: string[] = [];
  #working = 0;
  /** What may be at work: more than the limit only for what had its slot when the limit shrank. */
  #ceiling: number;

  constructor(maxConcurrent: number, maxQueued: number) {
    const { clock } = this;
    this.#ceiling = maxConcurrent;
    this.bulkhead = createBulkhead({ maxConcurrent, maxQueued, maxWait: MAX_WAIT_MS, clock });
  }

  do(hasCaller: boolean, throwsAtOnce: boolean): void {
    const call = this.#add("do", hasCaller);
    const { queued } = this.bulkhead;
    const leave = (): void => {
      this.#working--;
    };
    call.follow(this.bulkhead.do((signal) => {
      this.#serve(call);
      if (throwsAtOnce) {
        leave();
        throw FAILURE;
      }
      const work = call.deferred.operation(signal);
      work.then(leave, leave);
      return work;
    }, call.options));
    call.hasWaited = this.bulkhead.queued > queued;
  }

  acquire(hasCaller: boolean): void {
    const call = this.#add("acquire", hasCaller);
    const { queued } = this.bulkhead;
    call.follow(
      this.bulkhead.acquire(call.options).then((slot) => {
        this.#serve(call);
        this.#slots.set(call.id, slot);
        return call.id;
      }),
    );
    call.hasWaited = this.bulkhead.queued > queued;
  }

  settle(id: number, fails: boolean): void {
    const call = this.calls[id];
    if (fails) call?.deferred.reject(FAILURE);
    else call?.deferred.resolve(id);
    call?.deferred.operation(undefined).catch(() => {});
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#slots.delete(id);
    this.#working--;
    slot.release();
    slot.release();
  }

  abort(id: number): void {
    const call = this.calls[id];
    if (call?.caller === undefined) return;
    call.isAborted = true;
    call.caller.abort(REASON);
  }

  setMaxConcurrent(maxConcurrent: number): void {
    this.#ceiling = Math.max(maxConcurrent, this.bulkhead.active);
    this.bulkhead.setLimits({ maxConcurrent });
  }

  check(): void {
    assert.deepEqual(this.#faults, []);
    const { active, queued, limits } = this.bulkhead;
    assert(active >= this.#working, "a slot was freed while its operation was at work");
    assert(active <= this.#ceiling, "more slots than the limit allows");
    assert(
      queued === 0 || active >= limits.maxConcurrent,
      "somebody waits although a slot is free",
    );
    assert(queued <= limits.maxQueued);
    assert.equal(this.clock.pendingTimers, Math.min(queued, 1), "a timer although nobody waits");
    this.#ceiling = Math.max(limits.maxConcurrent, Math.min(this.#ceiling, active));
  }

  /** Lets everything end, and shows that nothing is left and nothing was lost or doubled. */
  async finish(): Promise<void> {
    for (let id = 0; id < this.calls.length; id++) {
      this.settle(id, false);
      await this.clock.tick();
      for (const held of [...this.#slots.keys()]) this.settle(held, false);
    }
    await this.clock.tick(MAX_WAIT_MS);
    for (const held of [...this.#slots.keys()]) this.settle(held, false);
    await this.clock.tick();
    this.check();
    const { active, queued } = this.bulkhead;
    const listeners = this.calls.reduce((sum, { caller }) => sum + (caller?.listeners ?? 0), 0);
    assert.deepEqual([active, queued, this.clock.pendingTimers, listeners], [0, 0, 0, 0]);
    const served = new Set(this.#served);
    assert.equal(served.size, this.#served.length, "a call was made twice");
    // One by one: a slot that is acquired is seen a microtask later than an operation that runs.
    for (const way of ["do", "acquire"]) {
      const ids = this.#served.filter((call) => call.hasWaited && call.way === way)
        .map((call) => call.id);
      assert.deepEqual(ids, ids.toSorted((a, b) => a - b), "somebody overtook another in the line");
    }
    for (const call of this.calls) assertEnd(call, served.has(call));
  }

  #add(way: Call["way"], hasCaller: boolean): Call {
    const call = new Call(this.calls.length, way, hasCaller);
    this.calls.push(call);
    return call;
  }

  #serve(call: Call): void {
    this.#served.push(call);
    this.#working++;
    if (this.#working > this.#ceiling) this.#faults.push("more at work than the limit allows");
    if (call.way === "do" && call.isAborted) this.#faults.push("run after its caller's abort");
  }
}

/** A call ends once: as its operation did, if that was run; else as refused, and that with a reason. */
function assertEnd(call: Call, wasServed: boolean): void {
  assert.equal(call.ends.length, 1);
  const [end] = call.ends;
  if (end === REASON) assert(call.isAborted);
  else if (wasServed) assert(end === call.id || end === FAILURE);
  else assert(end instanceof BulkheadFullError);
}

const id = fc.nat({ max: 24 });
const move = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("do" as const),
      hasCaller: fc.boolean(),
      throwsAtOnce: fc.nat({ max: 5 }).map((n) => n === 0),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("acquire" as const), hasCaller: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("settle" as const), id, fails: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("abort" as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("advance" as const), ms: fc.nat({ max: 15 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("limit" as const),
      maxConcurrent: fc.integer({ min: 1, max: 4 }),
    }),
  },
  // Without it the next move comes in the same microtask.
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("microtasks" as const), n: fc.nat(6) }) },
);

type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

function make(scene: Scene, one: Exclude<Move, { kind: "microtasks" }>): void {
  switch (one.kind) {
    case "do":
      return scene.do(one.hasCaller, one.throwsAtOnce);
    case "acquire":
      return scene.acquire(one.hasCaller);
    case "settle":
      return scene.settle(one.id, one.fails);
    case "abort":
      return scene.abort(one.id);
    case "advance":
      return scene.clock.advance(one.ms);
    case "limit":
      return scene.setMaxConcurrent(one.maxConcurrent);
  }
}

Deno.test("a bulkhead never exceeds its concurrency, serves the line in order, and loses or doubles no call, whatever happens when", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 6 }),
      fc.array(move, { maxLength: 60, size: "max" }),
      async (maxConcurrent, maxQueued, moves) => {
        const scene = new Scene(maxConcurrent, maxQueued);
        for (const one of moves) {
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
