import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { RateLimitedError } from "../../src/patterns/rate_limit/rate_limited_error.ts";
import {
  createSlidingWindow,
  type SlidingWindow,
} from "../../src/patterns/rate_limit/sliding_window.ts";
import {
  createSlidingWindowCounter,
  type SlidingWindowCounter,
} from "../../src/patterns/rate_limit/sliding_window_counter.ts";
import type { SlidingWindowOptions } from "../../src/patterns/rate_limit/window_limit.ts";
import { ManualClock } from "../../src/testing/mod.ts";

type Create = (options: SlidingWindowOptions) => SlidingWindow | SlidingWindowCounter;

const KINDS: readonly { kind: string; create: Create }[] = [
  { kind: "exact", create: createSlidingWindow },
  { kind: "approximate", create: createSlidingWindowCounter },
];

for (const { kind, create } of KINDS) {
  const bench = (limit: number): { limiter: ReturnType<Create>; clock: ManualClock } => {
    const clock = new ManualClock(5_000);
    return { limiter: create({ limit, window: "1s", clock }), clock };
  };

  Deno.test(`${kind} window: the limit is let through at once, and no more`, () => {
    const { limiter } = bench(3);
    assert.deepEqual([limiter.allow(2), limiter.allow(2), limiter.allow()], [true, false, true]);
    assert.deepEqual([limiter.allow(), limiter.allow(0)], [false, true]);
  });

  Deno.test(`${kind} window: after two windows without events all is there again`, async () => {
    const { limiter, clock } = bench(3);
    assert.equal(limiter.isIdle, true);
    limiter.allow(3);
    assert.equal(limiter.isIdle, false);
    await clock.tick("2s");
    assert.equal(limiter.isIdle, true);
    assert.equal(limiter.allow(3), true);
  });

  Deno.test(`${kind} window: retryAfterMs is when allow succeeds, not sooner`, async () => {
    const { limiter, clock } = bench(4);
    limiter.allow(2);
    await clock.tick("300ms");
    limiter.allow(2);
    const retryAfterMs = limiter.retryAfterMs(3);
    await clock.tick(retryAfterMs - 1);
    assert.equal(limiter.allow(3), false);
    await clock.tick(1);
    assert.equal(limiter.allow(3), true);
  });

  Deno.test(`${kind} window: more than the limit is refused for good`, async () => {
    const { limiter } = bench(4);
    assert.equal(limiter.allow(Number.MAX_SAFE_INTEGER), false);
    assert.equal(limiter.retryAfterMs(5), Infinity);
    await assert.rejects(limiter.wait(5), { name: "RateLimitedError", retryAfterMs: Infinity });
  });

  Deno.test(`${kind} window: who waits is served in order, each as soon as it may be`, async () => {
    const { limiter, clock } = bench(2);
    limiter.allow(2);
    const served: number[] = [];
    const waits = [0, 1, 2, 3, 4].map((i) => limiter.wait().then(() => served.push(i)));
    assert.equal(limiter.allow(), false);
    await clock.tick("10s");
    await Promise.all(waits);
    assert.deepEqual(served, [0, 1, 2, 3, 4]);
    assert.equal(clock.pendingTimers, 0);
  });

  Deno.test(`${kind} window: a wait that cannot end in time is refused at once`, async () => {
    const { limiter, clock } = bench(1);
    limiter.allow();
    await assert.rejects(limiter.wait(1, { maxWait: 999 }), RateLimitedError);
    assert.equal(clock.pendingTimers, 0);
  });

  Deno.test(`${kind} window: a higher limit counts at once, for those who wait too`, async () => {
    const { limiter, clock } = bench(1);
    limiter.allow();
    const waiting = limiter.wait();
    limiter.setLimit(3);
    await waiting;
    assert.deepEqual([limiter.allow(), limiter.allow(), limiter.limit], [true, false, 3]);
    assert.equal(clock.pendingTimers, 0);
  });

  Deno.test(`${kind} window: a lower limit counts what is there, and refuses who waits for more`, async () => {
    const { limiter, clock } = bench(4);
    limiter.allow(4);
    const tooMuch = assert.rejects(limiter.wait(3), RateLimitedError);
    limiter.setLimit(2);
    await tooMuch;
    await clock.tick("999ms");
    assert.equal(limiter.allow(), false);
    await clock.tick("2s");
    assert.deepEqual([limiter.allow(2), limiter.allow()], [true, false]);
  });

  Deno.test(`${kind} window: a clock that goes back, or reads NaN, lets through no more`, () => {
    const readings = [0, -1e6, NaN, Infinity, -2e6];
    const now = (): number => readings.shift() ?? NaN;
    const clock = { now, setTimeout: () => 0, clearTimeout: () => {} };
    const limiter = create({ limit: 1, window: 1, clock });
    assert.equal(limiter.allow(), true);
    for (let i = 0; i < 10; i++) assert.equal(limiter.allow(), false);
  });

  for (
    const { options, error } of [
      { options: { limit: 0, window: "1s" }, error: /RangeError: .*"limit".*0/ },
      { options: { limit: NaN, window: "1s" }, error: /RangeError: .*"limit".*NaN/ },
      { options: { limit: 1, window: 0 }, error: /RangeError: .*"window".*0/ },
      { options: { limit: 1, window: "1 s" }, error: /RangeError: .*"window".*"1 s"/ },
      { options: { limit: 1 }, error: /TypeError: .*"window"/ },
      { options: { limit: 1, window: "1s", size: 2 }, error: /TypeError: .*"size"/ },
    ]
  ) {
    Deno.test(`${kind} window: ${JSON.stringify(options)} is refused with ${error}`, () => {
      // @ts-expect-error: wrong on purpose
      assert.throws(() => create(options), (thrown) => error.test(String(thrown)));
    });
  }
}

Deno.test("exact window: an event as old as the window is out of it", async () => {
  const clock = new ManualClock();
  const limiter = createSlidingWindow({ limit: 1, window: "1s", clock });
  limiter.allow();
  await clock.tick(999.999999);
  assert.equal(limiter.allow(), false);
  await clock.tick(0.000001);
  assert.equal(limiter.allow(), true);
});

Deno.test("exact window: a limit of 10,000,001 is refused, its instants would not fit", () => {
  assert.throws(() => createSlidingWindow({ limit: 10_000_001, window: "1s" }), RangeError);
});

Deno.test("exact window: who waits behind others is told when its turn is", async () => {
  const clock = new ManualClock();
  const limiter = createSlidingWindow({ limit: 2, window: "1s", clock });
  limiter.allow();
  await clock.tick("400ms");
  limiter.allow();
  const delays = [0, 1, 2, 3].map(() => {
    const retryAfterMs = limiter.retryAfterMs();
    limiter.wait();
    return retryAfterMs;
  });
  assert.deepEqual(delays, [600, 1_000, 1_600, 2_000]);
  await clock.tick("10s");
});

type Move =
  | { readonly do: "allow"; readonly n: number }
  | { readonly do: "limit"; readonly limit: number }
  | { readonly do: "advance"; readonly ms: number };

const MOVES: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("allow" as const), n: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 60 }) }),
  ),
  { maxLength: 80, size: "max" },
);

const LIVE_MOVES: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { arbitrary: MOVES, weight: 3 },
    fc.record({ do: fc.constant("limit" as const), limit: fc.integer({ min: 1, max: 40 }) }).map(
      (move): Move[] => [move],
    ),
  ),
  { maxLength: 4 },
).map((moves) => moves.flat());

Deno.test("exact window: it equals an oracle that keeps every instant, limits changed live", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), LIVE_MOVES, (limit, moves) => {
      const clock = new ManualClock();
      const limiter = createSlidingWindow({ limit, window: 100, clock });
      const events: number[] = [];
      let allowed = limit;
      for (const move of moves) {
        if (move.do === "advance") clock.advance(move.ms);
        else if (move.do === "limit") {
          allowed = move.limit;
          limiter.setLimit(allowed);
        } else {
          const inWindow = events.filter((at) => at > clock.now() - 100).length;
          const fits = inWindow + move.n <= allowed;
          assert.equal(limiter.allow(move.n), fits);
          if (fits) events.push(...Array<number>(move.n).fill(clock.now()));
        }
      }
    }),
    { numRuns: 500 },
  );
});

/** The most events in any stretch as long as the window. */
function mostInAnyWindow(events: readonly number[]): number {
  return Math.max(
    0,
    ...events.map((to) => events.filter((at) => at > to - 100 && at <= to).length),
  );
}

Deno.test("approximate window: no window on the grid exceeds the limit, no other twice the limit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), MOVES, (limit, moves) => {
      const clock = new ManualClock();
      const limiter = createSlidingWindowCounter({ limit, window: 100, clock });
      const events: number[] = [];
      for (const move of moves) {
        if (move.do === "advance") clock.advance(move.ms);
        else if (move.do === "allow" && limiter.allow(move.n)) {
          events.push(...Array<number>(move.n).fill(clock.now()));
        }
      }
      const perWindow = Map.groupBy(events, (at) => Math.floor(at / 100));
      for (const inWindow of perWindow.values()) assert(inWindow.length <= limit);
      assert(mostInAnyWindow(events) < 2 * limit || limit === 0);
    }),
    { numRuns: 500 },
  );
});

Deno.test("approximate window: its bound is reached, where the last window's events came late", () => {
  const clock = new ManualClock();
  const limiter = createSlidingWindowCounter({ limit: 100, window: 100, clock });
  clock.advance(99.999);
  const events = limiter.allow(100) ? Array<number>(100).fill(clock.now()) : [];
  for (let ms = 100; ms < 199; ms++) {
    clock.advance(ms + 0.5 - clock.now());
    while (limiter.allow()) events.push(clock.now());
  }
  assert.equal(mostInAnyWindow(events), 198);
});

Deno.test("approximate window: the last window counts for what is left of it", async () => {
  const clock = new ManualClock();
  const limiter = createSlidingWindowCounter({ limit: 100, window: "1m", clock });
  limiter.allow(80);
  await clock.tick("75s"); // 60 of the 80 still count
  assert.deepEqual([limiter.allow(41), limiter.allow(40), limiter.allow()], [false, true, false]);
});

Deno.test("approximate window: delays are exact for every count, so that no wait ends too soon or spins", () => {
  fc.assert(
    fc.property(MOVES, fc.integer({ min: 1, max: 4 }), (moves, n) => {
      const clock = new ManualClock();
      const limiter = createSlidingWindowCounter({ limit: 5, window: 0.0001, clock });
      for (const move of moves) {
        if (move.do === "advance") clock.advance(move.ms * 1e-6);
        else if (move.do === "allow") limiter.allow(move.n);
      }
      let nanos = 0;
      let done = false;
      limiter.wait(n).then(() => done = true);
      while (clock.pendingTimers > 0 && nanos++ < 1_000) clock.advance(1e-6);
      assert(nanos <= 200 && !done);
    }),
  );
});
