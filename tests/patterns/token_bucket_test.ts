import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import { RateLimitedError } from "../../src/patterns/rate_limit/rate_limited_error.ts";
import { Refill } from "../../src/patterns/rate_limit/refill.ts";
import type { Reservation } from "../../src/patterns/rate_limit/reservation.ts";
import {
  createTokenBucket,
  type TokenBucket,
  type TokenBucketOptions,
} from "../../src/patterns/rate_limit/token_bucket.ts";
import { ManualClock } from "../../src/testing/mod.ts";

interface Bench {
  readonly bucket: TokenBucket;
  readonly clock: ManualClock;
}

function bench(options: TokenBucketOptions): Bench {
  const clock = new ManualClock();
  return { bucket: createTokenBucket({ clock, ...options }), clock };
}

/** Takes single tokens until there are none. */
function drain(bucket: TokenBucket): number {
  let taken = 0;
  while (bucket.allow()) taken++;
  return taken;
}

Deno.test("a token bucket is full at first and refills at its rate up to its burst", async () => {
  const { bucket, clock } = bench({ rate: 10, burst: 3 });
  assert.equal(drain(bucket), 3);
  await clock.tick("99ms");
  assert.equal(drain(bucket), 0);
  await clock.tick("1ms");
  assert.equal(drain(bucket), 1);
  await clock.tick("1h");
  assert.equal(drain(bucket), 3);
});

Deno.test("allow takes all that is asked for or nothing", () => {
  const { bucket } = bench({ rate: 1, burst: 5 });
  assert.deepEqual([bucket.allow(4), bucket.allow(2), bucket.allow(1)], [true, false, true]);
});

const FRACTIONS: readonly { rate: number; everyMs: number }[] = [
  { rate: 0.1, everyMs: 10_000 },
  { rate: 1 / 3, everyMs: 3_000 },
  { rate: 1 / 3_600, everyMs: 3_600_000 },
  { rate: 1 / 86_400, everyMs: 86_400_000 },
  { rate: 8, everyMs: 125 },
  { rate: 1_000_000, everyMs: 0.001 },
];

for (const { rate, everyMs } of FRACTIONS) {
  Deno.test(`a rate of ${rate} gives a token exactly every ${everyMs} ms`, async () => {
    const { bucket, clock } = bench({ rate, burst: 1 });
    assert.equal(drain(bucket), 1);
    for (let i = 0; i < 3; i++) {
      await clock.tick(everyMs - 1e-6);
      assert.equal(drain(bucket), 0);
      await clock.tick(1e-6);
      assert.equal(drain(bucket), 1);
    }
  });
}

for (const rate of [0.1, 1 / 3, 7 / 9, 3.7]) {
  Deno.test(`a rate of ${rate} drifts by no token in a year of odd steps`, () => {
    const { bucket, clock } = bench({ rate, burst: 100_000 });
    let taken = -drain(bucket) + 100_000;
    const year = 365 * 86_400_000;
    const stepMs = 1_234_567.891;
    let elapsed = 0;
    while (elapsed + stepMs <= year) {
      clock.advance(stepMs);
      elapsed += stepMs;
      taken += drain(bucket);
    }
    assert.equal(taken, Math.floor(clock.now() / 1_000 * rate));
  });
}

Deno.test("a rate is counted as a fraction that is never above it by more than its rounding", () => {
  fc.assert(fc.property(fc.double({ min: 1e-9, max: 1e15, noNaN: true }), (rate) => {
    const { tokens, nanos } = Refill.of(rate);
    const counted = tokens / nanos * 1e9;
    assert(counted <= rate * (1 + 1e-15) && counted >= rate * (1 - 1e-9), `${counted}`);
    if (nanos < 2 ** 45) assert(tokens * nanos <= 2 ** 52);
  }));
});

Deno.test("a rate of 0 gives only the burst", async () => {
  const { bucket, clock } = bench({ rate: 0, burst: 2 });
  assert.equal(drain(bucket), 2);
  await clock.tick("8760h");
  assert.equal(drain(bucket), 0);
  assert.equal(bucket.retryAfterMs(), Infinity);
  assert.equal(bucket.reserve().ok, false);
  await assert.rejects(bucket.wait(), RateLimitedError);
});

Deno.test("an infinite rate lets everything through, more than the burst too", async () => {
  const { bucket, clock } = bench({ rate: Infinity, burst: 1 });
  assert.equal(bucket.allow(Number.MAX_SAFE_INTEGER), true);
  assert.equal(bucket.reserve(1_000).delayMs, 0);
  await bucket.wait(1_000);
  assert.equal(bucket.tokens, Infinity);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("without a burst the bucket holds what one second brings, at least 1", () => {
  const bursts = [100, 2.5, 0.1, 0, Infinity].map((rate) => bench({ rate }).bucket.burst);
  assert.deepEqual(bursts, [100, 3, 1, 1, Number.MAX_SAFE_INTEGER]);
});

Deno.test("nothing at all is there, unless the bucket is in debt", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 1 });
  bucket.allow();
  assert.equal(bucket.allow(0), true);
  bucket.reserve();
  assert.equal(bucket.allow(0), false);
  assert.equal(bucket.reserve(0).delayMs, 1_000);
  await clock.tick("1s");
  assert.equal(bucket.allow(0), true);
});

Deno.test("reserve puts the bucket in debt, and says when each may act", () => {
  const { bucket } = bench({ rate: 10, burst: 2 });
  const delays = [2, 1, 2, 1].map((n) => bucket.reserve(n).delayMs);
  assert.deepEqual(delays, [0, 100, 300, 400]);
  assert.equal(bucket.tokens, -4);
  assert.equal(bucket.allow(), false);
});

Deno.test("a reservation's delay is that from now", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 1 });
  bucket.allow();
  const reservation = bucket.reserve();
  await clock.tick("400ms");
  assert.equal(reservation.delayMs, 600);
  await clock.tick("1h");
  assert.equal(reservation.delayMs, 0);
});

Deno.test("a reservation of more than the burst is not ok and takes nothing", () => {
  const { bucket } = bench({ rate: 1, burst: 2 });
  const reservation = bucket.reserve(3);
  assert.deepEqual([reservation.ok, reservation.delayMs], [false, Infinity]);
  reservation.cancel();
  assert.equal(drain(bucket), 2);
});

/** Reservations of so many tokens each on an empty bucket of 10 at 1 a second, and what cancelling gives back. */
const CANCELS: readonly {
  what: string;
  reserved: readonly number[];
  cancel: readonly number[];
  tokens: number;
}[] = [
  { what: "the only one gives back all", reserved: [5], cancel: [0], tokens: 0 },
  { what: "the newest gives back all", reserved: [5, 3], cancel: [1], tokens: -5 },
  { what: "newest first, all give back all", reserved: [5, 3, 2], cancel: [2, 1, 0], tokens: 0 },
  { what: "an older one keeps what came after", reserved: [5, 3], cancel: [0], tokens: -6 },
  { what: "an older one may give back nothing", reserved: [2, 3], cancel: [0], tokens: -5 },
  { what: "cancelling twice gives back once", reserved: [5], cancel: [0, 0], tokens: 0 },
];

for (const { what, reserved, cancel, tokens } of CANCELS) {
  Deno.test(`of cancelled reservations ${what}`, () => {
    const { bucket } = bench({ rate: 1, burst: 10 });
    bucket.allow(10);
    const reservations = reserved.map((n) => bucket.reserve(n));
    for (const index of cancel) reservations[index]?.cancel();
    assert.equal(bucket.tokens, tokens);
  });
}

Deno.test("a reservation gives back nothing once its instant is past", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 5 });
  bucket.allow(5);
  const reservation = bucket.reserve(2);
  await clock.tick("2001ms");
  reservation.cancel();
  assert.equal(bucket.tokens, 0.001);
});

Deno.test("wait resolves when the tokens are there, first come first served", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 3 });
  bucket.allow(3);
  const served: string[] = [];
  for (const [name, n] of [["a", 1], ["b", 3], ["c", 1]] as const) {
    bucket.wait(n).then(() => served.push(`${name}@${clock.now()}`));
  }
  await clock.tick("10s");
  assert.deepEqual(served, ["a@1000", "b@4000", "c@5000"]);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("allow does not overtake one who waits, not even for less", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 3 });
  bucket.allow(3);
  const waiting = bucket.wait(3);
  await clock.tick("2s");
  assert.equal(bucket.allow(), false);
  await clock.tick("1s");
  await waiting;
  assert.equal(bucket.allow(), false);
  await clock.tick("1s");
  assert.equal(bucket.allow(), true);
});

Deno.test("wait refuses at once what cannot end in time, and takes nothing", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 2, name: "mail" });
  bucket.allow(2);
  await assert.rejects(bucket.wait(2, { maxWait: 1_999 }), {
    name: "RateLimitedError",
    code: "RATE_LIMITED",
    limiter: "mail",
    retryAfterMs: 2_000,
  });
  assert.equal(bucket.tokens, 0);
  const inTime = bucket.wait(2, { maxWait: "2s" });
  await clock.tick("2s");
  await inTime;
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("wait for more than the burst is refused for good", async () => {
  const { bucket } = bench({ rate: 1, burst: 2 });
  await assert.rejects(bucket.wait(3), { name: "RateLimitedError", retryAfterMs: Infinity });
});

Deno.test("an aborted wait rejects at once, gives back all, and those behind move up", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 2 });
  bucket.allow(2);
  const caller = new AbortController();
  const first = bucket.wait(2, { signal: caller.signal });
  let servedAt = -1;
  const second = bucket.wait(1).then(() => servedAt = clock.now());
  await clock.tick("500ms");
  const reason = new Error("gone");
  caller.abort(reason);
  await assert.rejects(first, reason);
  await clock.tick("10s");
  await second;
  assert.equal(servedAt, 1_000);
});

Deno.test("waiters that one signal aborts take no token from each other", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 3 });
  bucket.allow(3);
  const caller = new AbortController();
  const { signal } = caller;
  const waits = [3, 1, 1].map((n) => bucket.wait(n, { signal }));
  await clock.tick("2s");
  caller.abort("gone");
  const settled = await Promise.allSettled(waits);
  assert.deepEqual(settled.map(({ status }) => status), ["rejected", "rejected", "rejected"]);
  assert.equal(bucket.tokens, 2);
});

Deno.test("who waits when somebody reserves is served before, at the instant foreseen", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 2 });
  bucket.allow(2);
  let servedAt = -1;
  const waiting = bucket.wait(2).then(() => servedAt = clock.now());
  assert.equal(bucket.reserve().delayMs, 3_000);
  await clock.tick("5s");
  await waiting;
  assert.equal(servedAt, 2_000);
  assert.equal(bucket.tokens, 2);
});

Deno.test("who comes after a reservation waits behind it, and moves up if it is cancelled", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 2 });
  bucket.allow(2);
  const reservation = bucket.reserve(2);
  assert.equal(bucket.retryAfterMs(), 3_000);
  let servedAt = -1;
  const waiting = bucket.wait().then(() => servedAt = clock.now());
  reservation.cancel();
  await clock.tick("5s");
  await waiting;
  assert.equal(servedAt, 1_000);
});

Deno.test("a new rate counts from now on: the tokens stay, fractions included", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 10 });
  bucket.allow(10);
  await clock.tick("2500ms");
  bucket.setLimit(100);
  assert.equal(bucket.tokens, 2.5);
  await clock.tick("5ms");
  assert.equal(bucket.tokens, 3);
  assert.equal(bucket.rate, 100);
});

Deno.test("who waits moves with a new rate", async () => {
  const { bucket, clock } = bench({ rate: 0.001, burst: 1 });
  bucket.allow();
  let servedAt = -1;
  const waiting = bucket.wait().then(() => servedAt = clock.now());
  await clock.tick("10s");
  bucket.setLimit(1);
  await clock.tick("10s");
  await waiting;
  assert.equal(servedAt, 10_990);
});

Deno.test("who waits is let through once the limit is lifted, and refused once nothing comes any more", async () => {
  for (const { rate, served } of [{ rate: Infinity, served: true }, { rate: 0, served: false }]) {
    const { bucket, clock } = bench({ rate: 1, burst: 1 });
    bucket.allow();
    const outcome = bucket.wait().then(() => true, (error) => !(error instanceof RateLimitedError));
    bucket.setLimit(rate);
    assert.equal(await outcome, served);
    assert.equal(clock.pendingTimers, 0);
  }
});

Deno.test("a limit that returns after none starts with a full bucket", () => {
  const { bucket } = bench({ rate: 1, burst: 3 });
  bucket.allow(3);
  bucket.setLimit(Infinity);
  bucket.setLimit(1);
  assert.equal(drain(bucket), 3);
});

Deno.test("a smaller burst spills what is above it, a larger one is filled by and by", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 5 });
  bucket.setBurst(2);
  assert.equal(bucket.tokens, 2);
  bucket.setBurst(5);
  assert.equal(bucket.tokens, 2);
  await clock.tick("1s");
  assert.deepEqual([bucket.tokens, bucket.burst], [3, 5]);
});

Deno.test("who waits for more than a smaller burst is refused, who is behind is served", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 5 });
  bucket.allow(5);
  const tooMuch = assert.rejects(bucket.wait(4), RateLimitedError);
  const fitting = bucket.wait(1);
  bucket.setBurst(2);
  await tooMuch;
  await clock.tick("1s");
  await fitting;
});

Deno.test("who waits past its deadline because the rate was lowered is refused then", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 1 });
  bucket.allow();
  const waiting = bucket.wait(1, { maxWait: "2s" });
  bucket.setLimit(0.1);
  const refused = assert.rejects(waiting, { name: "RateLimitedError", retryAfterMs: 8_000 });
  await clock.tick("2s");
  await refused;
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("a clock that goes back stands still, and gives no token twice", async () => {
  const { bucket, clock } = bench({ rate: 1, burst: 2 });
  bucket.allow(2);
  await clock.tick("1s");
  assert.equal(drain(bucket), 1);
  await clock.tick(-500_000);
  assert.equal(drain(bucket), 0);
  await clock.tick("1s");
  assert.equal(drain(bucket), 1);
});

Deno.test("a clock that reads NaN gives the burst and no more", () => {
  const clock = { now: () => NaN, setTimeout: () => 0, clearTimeout: () => {} };
  const bucket = createTokenBucket({ rate: 1_000, burst: 2, clock });
  assert.equal(drain(bucket), 2);
});

Deno.test("a huge bucket counts every token", () => {
  const { bucket } = bench({ rate: 1, burst: Number.MAX_SAFE_INTEGER });
  assert.equal(bucket.allow(Number.MAX_SAFE_INTEGER - 1), true);
  assert.equal(drain(bucket), 1);
  const reservation = bucket.reserve(Number.MAX_SAFE_INTEGER);
  assert.equal(reservation.ok, true);
  assert.equal(bucket.reserve(1).ok, false);
});

const WRONG: readonly { options: object; error: RegExp }[] = [
  { options: { rate: -1 }, error: /RangeError: .*"rate".*-1/ },
  { options: { rate: NaN }, error: /RangeError: .*"rate".*NaN/ },
  { options: {}, error: /TypeError: .*"rate".*undefined/ },
  { options: { rate: "5" }, error: /TypeError: .*"rate"/ },
  { options: { rate: 1, burst: 0 }, error: /RangeError: .*"burst".*0/ },
  { options: { rate: 1, burst: 1.5 }, error: /RangeError: .*"burst".*1\.5/ },
  { options: { rate: 1, maxWait: -1 }, error: /RangeError: .*"maxWait"/ },
  { options: { rate: 1, name: 5 }, error: /TypeError: .*"name"/ },
  { options: { rate: 1, bursts: 2 }, error: /TypeError: .*"bursts".*"burst"/ },
];

for (const { options, error } of WRONG) {
  Deno.test(`createTokenBucket refuses ${JSON.stringify(options)} with ${error}`, () => {
    // @ts-expect-error: wrong on purpose
    assert.throws(() => createTokenBucket(options), (thrown) => error.test(String(thrown)));
  });
}

Deno.test("a wrong live limit is refused, and the old one stands", () => {
  const { bucket } = bench({ rate: 1, burst: 2 });
  assert.throws(() => bucket.setLimit(-1), /"rate"/);
  assert.throws(() => bucket.setBurst(0), /"burst"/);
  assert.deepEqual([bucket.rate, bucket.burst], [1, 2]);
});

type Move =
  | { readonly do: "allow" | "reserve" | "wait"; readonly n: number }
  | { readonly do: "cancel" | "abort"; readonly pick: number }
  | { readonly do: "advance"; readonly nanos: number };

const MOVE: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    do: fc.constantFrom("allow" as const, "reserve" as const, "wait" as const),
    n: fc.integer({ min: 0, max: 6 }),
  }),
  fc.record({ do: fc.constantFrom("cancel" as const, "abort" as const), pick: fc.nat(9) }),
  fc.record({ do: fc.constant("advance" as const), nanos: fc.integer({ min: 1, max: 3e9 }) }),
);

/** Plays `moves`, and returns when how many events happened. */
async function play(
  { bucket, clock }: Bench,
  moves: readonly Move[],
): Promise<{ at: bigint; n: number }[]> {
  const nanos = (): bigint => BigInt(Math.round(clock.now() * 1e6));
  const events: { at: bigint; n: number }[] = [];
  const reserved: { reservation: Reservation; n: number; at: bigint }[] = [];
  const callers: AbortController[] = [];
  const actUntilNow = (): void => {
    for (const [index, { n, at }] of [...reserved.entries()].reverse()) {
      if (at >= nanos()) continue;
      reserved.splice(index, 1);
      events.push({ at, n });
    }
  };
  for (const move of moves) {
    if (move.do === "allow") {
      if (bucket.allow(move.n)) events.push({ at: nanos(), n: move.n });
    } else if (move.do === "reserve") {
      const reservation = bucket.reserve(move.n);
      const at = nanos() + BigInt(Math.round(reservation.ok ? reservation.delayMs * 1e6 : 0));
      if (reservation.ok) reserved.push({ reservation, n: move.n, at });
    } else if (move.do === "wait") {
      const caller = new AbortController();
      callers.push(caller);
      bucket.wait(move.n, { signal: caller.signal })
        .then(() => events.push({ at: nanos(), n: move.n }), () => {});
    } else if (move.do === "cancel") {
      reserved.splice(move.pick % 10, 1)[0]?.reservation.cancel();
    } else if (move.do === "abort") {
      callers[move.pick]?.abort("gone");
    } else if (move.do === "advance") {
      await clock.tick(move.nanos / 1e6);
    }
    actUntilNow();
  }
  await clock.tick("1h");
  actUntilNow();
  return events;
}

Deno.test("over any interval no more than rate x t + burst happen, whatever is reserved, cancelled, awaited or aborted", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 6 }),
      fc.array(MOVE, { maxLength: 40, size: "max" }),
      async (tokens, seconds, burst, moves) => {
        const events = await play(bench({ rate: tokens / seconds, burst }), moves);
        events.sort((a, b) => Number(a.at - b.at));
        for (const [index, { at: from }] of events.entries()) {
          let happened = 0n;
          for (const { at, n } of events.slice(index)) {
            happened += BigInt(n);
            const unit = BigInt(seconds) * 1_000_000_000n;
            // Instants are whole nanoseconds, rounded up: two may be one less apart than their tokens.
            const most = BigInt(tokens) * (at - from + 1n) + BigInt(burst) * unit;
            assert(happened * unit <= most, `${happened} from ${from} to ${at}`);
          }
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

Deno.test("whatever was reserved, cancelled, awaited or aborted, in the end all is there again", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(MOVE, { maxLength: 40, size: "max" }), async (moves) => {
      const made = bench({ rate: 1, burst: 6 });
      await play(made, moves);
      assert.equal(made.bucket.tokens, 6);
      assert.equal(made.bucket.isIdle, true);
      assert.equal(made.clock.pendingTimers, 0);
    }),
    { numRuns: 300 },
  );
});
