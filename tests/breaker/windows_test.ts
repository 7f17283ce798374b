import assert from "node:assert/strict";
import { CountWindow } from "../../src/breaker/window/count_window.ts";
import { FAILURE, SLOW, SUCCESS, TIMEOUT } from "../../src/breaker/window/outcome.ts";
import { NOTHING_EVICTED, OutcomeRing } from "../../src/breaker/window/outcome_ring.ts";
import { TimeWindow } from "../../src/breaker/window/time_window.ts";
import { reshapeWindow } from "../../src/breaker/window/window_shape.ts";

const BITS = [SUCCESS, FAILURE, SLOW, FAILURE | SLOW, FAILURE | TIMEOUT, FAILURE | TIMEOUT | SLOW];

const MS = 1e6;

/** A small generator, so that a run can be repeated from its seed. */
function* seeded(seed: number): Generator<number> {
  for (let state = seed;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

function outcomes(seed: number, count: number): number[] {
  const random = seeded(seed);
  return Array.from(
    { length: count },
    () => BITS[Math.floor((random.next().value ?? 0) * BITS.length)] ?? 0,
  );
}

for (const size of [1, 2, 9, 10, 11, 100, 101]) {
  Deno.test(`a ring of ${size} holds the newest ${size} outcomes and gives back what it evicts`, () => {
    const ring = new OutcomeRing(size);
    const pushed = outcomes(size, 3 * size + 7);
    for (const [i, bits] of pushed.entries()) {
      assert.equal(ring.push(bits), i < size ? NOTHING_EVICTED : pushed[i - size]);
      assert.equal(ring.length, Math.min(i + 1, size));
      assert.deepEqual([...ring], pushed.slice(Math.max(0, i + 1 - size), i + 1));
    }
  });
}

function naive(held: readonly number[]): number[] {
  const having = (bit: number): number => held.filter((bits) => (bits & bit) !== 0).length;
  return [held.length, having(FAILURE), having(SLOW), having(TIMEOUT)];
}

function totals({ calls, failures, slow, timeouts }: CountWindow | TimeWindow): number[] {
  return [calls, failures, slow, timeouts];
}

Deno.test("R3: a count window's totals are those of its newest outcomes", () => {
  const window = new CountWindow(17);
  const recorded = outcomes(5, 200);
  for (const [i, bits] of recorded.entries()) {
    window.record(bits);
    assert.deepEqual(totals(window), naive(recorded.slice(Math.max(0, i - 16), i + 1)));
  }
});

for (const size of [1, 2, 9, 10, 11, 100, 1_001, 2_000]) {
  Deno.test(`R3: a count window of ${size} holds the same whenever somebody looks`, () => {
    const random = seeded(size);
    for (let history = 0; history < 30; history++) {
      const window = new CountWindow(size);
      const recorded: number[] = [];
      const failing = (random.next().value ?? 0) ** 4; // mostly long runs of successes
      const steps = 30 + Math.floor((random.next().value ?? 0) * 3 * size);
      for (let i = 0; i < steps; i++) {
        const bits = (random.next().value ?? 0) < failing ? BITS[i % BITS.length] ?? 0 : SUCCESS;
        recorded.push(bits);
        if (bits === SUCCESS && i % 2 === 0) window.succeed(1);
        else window.record(bits);
        if ((random.next().value ?? 0) > 0.02) continue;
        assert.deepEqual(totals(window), naive(recorded.slice(-size)));
      }
      assert.deepEqual([...window], recorded.slice(-size));
      assert.deepEqual(totals(window), naive(recorded.slice(-size)));
    }
  });
}

Deno.test("a run of successes goes into a window that holds nothing else in one step", () => {
  const window = new CountWindow(10_000_000);
  window.succeed(25_000_000);
  assert.deepEqual(totals(window), [10_000_000, 0, 0, 0]);
  window.record(FAILURE);
  assert.deepEqual(totals(window), [10_000_000, 1, 0, 0]);
});

Deno.test("R3: a time window's slice holds its calls, whenever somebody looks", () => {
  const shape = { duration: 1_000 * MS, buckets: 10 };
  const watched = new TimeWindow(shape, 0);
  const unwatched = new TimeWindow(shape, 0);
  const random = seeded(11);
  let at = 0;
  for (const bits of outcomes(12, 500)) {
    at += Math.floor((random.next().value ?? 0) * 40 * MS);
    watched.record(bits, at);
    unwatched.record(bits, at);
    assert([...watched.contents()].every(({ calls }) => calls > 0));
  }
  assert.deepEqual([...unwatched.contents()], [...watched.contents()]);
  assert.equal(unwatched.calls, [...watched.contents()].reduce((sum, { calls }) => sum + calls, 0));
});

Deno.test("R14: a count window that changes size keeps its newest outcomes", () => {
  const recorded = outcomes(6, 50);
  for (const [from, to] of [[20, 8], [8, 20], [60, 20], [20, 1]] as const) {
    const window = new CountWindow(from);
    for (const bits of recorded) window.record(bits);
    const resized = window.resized(to);
    assert.deepEqual([...resized], recorded.slice(-Math.min(from, to)));
    assert.deepEqual(totals(resized), naive(recorded.slice(-Math.min(from, to))));
    assert.equal(resized.size, to);
  }
});

Deno.test("R3: a time window lets go of what is as old as it is long, and keeps what is one bucket younger", () => {
  for (
    const [durationMs, buckets] of [[1_000, 10], [1_000, 1], [1_000, 3], [10_000, 7], [
      60_000,
      3_600,
    ]] as const
  ) {
    const duration = durationMs * MS;
    for (const at of [0, 1, 333 * MS, 999 * MS, 123_456_789_012]) {
      const window = new TimeWindow({ duration, buckets }, at);
      window.record(FAILURE, at);
      window.advance(at + Math.floor(duration - duration / buckets));
      assert.equal(window.calls, 1, `${durationMs} ms in ${buckets}: lost too early`);
      window.advance(at + duration);
      assert.equal(window.calls, 0, `${durationMs} ms in ${buckets}: kept too long`);
    }
  }
});

Deno.test("R3: a time window's totals stay between what must be held and what may be", () => {
  const duration = 1_000 * MS;
  const buckets = 10;
  const window = new TimeWindow({ duration, buckets }, 0);
  const random = seeded(7);
  const history: { at: number; bits: number }[] = [];
  let at = 0;
  for (const bits of outcomes(8, 2_000)) {
    const draw = random.next().value ?? 0;
    at += Math.floor(draw < 0.01 ? draw * 500_000 * MS : draw * 60 * MS);
    window.record(bits, at);
    history.push({ at, bits });
    const within = (age: number) =>
      naive(history.filter((h) => at - h.at <= age).map((h) => h.bits));
    const must = within(duration - duration / buckets);
    const may = within(duration - 1);
    totals(window).forEach((total, i) => {
      assert(
        total >= (must[i] ?? 0) && total <= (may[i] ?? 0),
        `${total} outside ${must} to ${may}`,
      );
    });
  }
});

Deno.test("a time window that was idle for an hour is empty, whatever it holds, in one step", () => {
  const window = new TimeWindow({ duration: 3_600_000 * MS, buckets: 3_600 }, 0);
  for (let i = 0; i < 3_600; i++) window.record(FAILURE, i * 1_000 * MS);
  assert.equal(window.calls, 3_600);
  window.advance(8_000_000 * MS);
  assert.deepEqual(totals(window), [0, 0, 0, 0]);
  window.record(SUCCESS, 8_000_001 * MS);
  assert.deepEqual(totals(window), [1, 0, 0, 0]);
});

Deno.test("R14: a time window that changes length keeps what is young enough, and resurrects nothing", () => {
  const second = 1_000 * MS;
  const window = new TimeWindow({ duration: 10 * second, buckets: 10 }, 0);
  for (let i = 0; i < 10; i++) window.record(i % 2 === 0 ? FAILURE : SUCCESS, i * second);
  const at = 9 * second;
  const shorter = window.reshaped({ duration: 4 * second, buckets: 4 }, at);
  assert.deepEqual(totals(shorter), [4, 2, 0, 0]);
  const longer = shorter.reshaped({ duration: 60 * second, buckets: 6 }, at);
  assert.deepEqual(totals(longer), [4, 2, 0, 0]);
  longer.advance(69 * second);
  assert.equal(longer.calls, 0);
});

Deno.test("R14: only a change of kind starts a window empty", () => {
  const count = new CountWindow(5);
  const time = new TimeWindow({ duration: 1_000 * MS, buckets: 10 }, 0);
  assert.equal(reshapeWindow(count, { size: 5 }, 0), count);
  assert.equal(reshapeWindow(time, { duration: 1_000 * MS, buckets: 10 }, 0), time);
  assert.equal(reshapeWindow(count, { duration: 1, buckets: 1 }, 0), undefined);
  assert.equal(reshapeWindow(time, { size: 5 }, 0), undefined);
});
