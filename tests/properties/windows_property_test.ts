import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { CountWindow } from "../../src/breaker/window/count_window.ts";
import {
  FAILURE,
  type OutcomeBits,
  SLOW,
  SUCCESS,
  TIMEOUT,
} from "../../src/breaker/window/outcome.ts";
import { NOTHING_EVICTED, OutcomeRing } from "../../src/breaker/window/outcome_ring.ts";
import { TimeWindow } from "../../src/breaker/window/time_window.ts";
import type { WindowTotals } from "../../src/breaker/window/window.ts";
import {
  createWindow,
  reshapeWindow,
  type WindowShape,
} from "../../src/breaker/window/window_shape.ts";
import { NaiveCountWindow, NaiveTimeWindow, type Totals, totalsOf } from "./naive_window.ts";
import { holds } from "./settings.ts";

const anyOutcome = fc.constantFrom<OutcomeBits>(
  SUCCESS,
  FAILURE,
  SLOW,
  FAILURE | SLOW,
  FAILURE | TIMEOUT,
  FAILURE | TIMEOUT | SLOW,
);
/** Sizes around those at which a ring's words and its way of growing change. */
const anySize = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.constantFrom(99, 100, 101, 999, 1_000, 1_001, 1_010, 2_000),
);
const anyShape = fc.record({
  duration: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(1_000, 1_001, 10_000_000)),
  buckets: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(100, 3_600)),
});
/** How long until the next step: mostly within a bucket or two, at times far beyond the window. */
const anyWait = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1e11 }) },
);

function shown({ calls, failures, slow, timeouts }: WindowTotals): Totals {
  return [calls, failures, slow, timeouts];
}

type Step<Size> =
  | { readonly kind: "record"; readonly bits: OutcomeBits; readonly times: number }
  | { readonly kind: "look" }
  | { readonly kind: "become"; readonly size: Size };

function steps<Size>(anyBecoming: fc.Arbitrary<Size>): fc.Arbitrary<Step<Size>[]> {
  const record = fc.record({
    kind: fc.constant("record" as const),
    bits: anyOutcome,
    times: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300 })),
  });
  const look = fc.record({ kind: fc.constant("look" as const) });
  const become = fc.record({ kind: fc.constant("become" as const), size: anyBecoming });
  return fc.array(
    fc.oneof(
      { weight: 6, arbitrary: record },
      { weight: 2, arbitrary: look },
      { weight: 2, arbitrary: become },
    ),
    { maxLength: 40 },
  );
}

Deno.test("a ring holds the newest outcomes after any mixture of single pushes and runs", () => {
  const push = fc.record({ bits: anyOutcome, run: fc.nat({ max: 2_500 }) });
  holds(
    fc.property(anySize, fc.nat({ max: 2_500 }), fc.array(push), (size, firstRun, pushes) => {
      const ring = new OutcomeRing(size);
      const naive = new NaiveCountWindow(size);
      if (firstRun > 0) ring.pushToClean(firstRun);
      for (let i = 0; i < firstRun; i++) naive.record(SUCCESS);
      for (const { bits } of pushes) {
        const oldest = naive.held.length === size ? naive.held[0] : NOTHING_EVICTED;
        assert.equal(ring.push(bits), oldest);
        naive.record(bits);
        assert.deepEqual([...ring], naive.held);
        assert.equal(ring.length, naive.held.length);
      }
    }),
    { runs: 150 },
  );
});

Deno.test("R3, R14: a count window holds the newest outcomes, whenever it changes its size", () => {
  holds(
    fc.property(anySize, steps(anySize), (size, history) => {
      let window = new CountWindow(size);
      const naive = new NaiveCountWindow(size);
      for (const step of history) {
        if (step.kind === "record") {
          for (let i = 0; i < step.times; i++) {
            if (step.bits === SUCCESS && i % 2 === 1) window.succeed(1);
            else window.record(step.bits);
            naive.record(step.bits);
          }
        } else if (step.kind === "become") {
          window = window.resized(step.size);
          naive.resize(step.size);
          assert.equal(window.size, step.size);
        } else {
          assert.deepEqual(shown(window), totalsOf(naive.held));
          assert.deepEqual([...window], naive.held);
        }
      }
      assert.deepEqual([...window], naive.held);
      assert.deepEqual(shown(window), totalsOf(naive.held));
    }),
    { runs: 400 },
  );
});

Deno.test("R3, R14: a time window holds what is young enough, whenever it changes its shape", () => {
  const timed = fc.array(fc.tuple(anyWait, steps(anyShape)), { maxLength: 8 });
  holds(
    fc.property(anyShape, fc.nat({ max: 1_000_000 }), timed, (shape, start, history) => {
      let window = new TimeWindow(shape, start);
      const naive = new NaiveTimeWindow(shape);
      let at = start;
      for (const [wait, inner] of history) {
        at += wait;
        for (const step of inner) {
          if (step.kind === "record") {
            // Not all at once: a slice begins within most of these.
            for (let i = 0; i < Math.min(step.times, 12); i++) {
              if (step.bits === SUCCESS && i % 2 === 1) window.succeed(1, at);
              else window.record(step.bits, at);
              naive.record(step.bits, at++);
            }
          } else if (step.kind === "become") {
            window.advance(at);
            const next = reshapeWindow(window, step.size, at);
            assert(next instanceof TimeWindow);
            window = next;
            naive.reshape(step.size, at);
          }
          window.advance(at);
          assertBetween(shown(window), naive, at);
          const slices = [...window.contents()];
          const sum = slices.reduce((calls, slice) => calls + slice.calls, 0);
          assert.equal(sum, window.calls);
        }
      }
    }),
    { runs: 600 },
  );
});

function assertBetween(seen: Totals, naive: NaiveTimeWindow, at: number): void {
  const least = naive.least(at);
  const most = naive.most(at);
  seen.forEach((total, i) => {
    assert(
      total >= (least[i] ?? 0) && total <= (most[i] ?? 0),
      `${seen} at ${at} is not between ${least} and ${most}`,
    );
  });
}

Deno.test("R14: only a change of the window's kind starts it empty", () => {
  const anyKind: fc.Arbitrary<WindowShape> = fc.oneof(
    anySize.map((size) => ({ size })),
    anyShape,
  );
  holds(
    fc.property(anyKind, fc.array(fc.tuple(anyKind, anyOutcome)), (first, changes) => {
      let shape = first;
      let window = createWindow(first, 0);
      let recorded: OutcomeBits[] = [];
      for (const [next, bits] of changes) {
        window.record(bits, 0);
        recorded.push(bits);
        if (window instanceof CountWindow) recorded = recorded.slice(-window.size);
        assert.deepEqual(shown(window), totalsOf(recorded));
        const isOfKind = "size" in next === "size" in shape;
        const reshaped = reshapeWindow(window, next, 0);
        assert.equal(reshaped === undefined, !isOfKind);
        if (!isOfKind) recorded = [];
        else if ("size" in next) recorded = recorded.slice(-next.size);
        window = reshaped ?? createWindow(next, 0);
        shape = next;
        assert.deepEqual(shown(window), totalsOf(recorded));
      }
    }),
    { runs: 300 },
  );
});
