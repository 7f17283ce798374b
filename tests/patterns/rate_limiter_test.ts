import assert from "node:assert/strict";
import { SwitchgearError } from "../../src/errors.ts";
import { RateLimitedError } from "../../src/patterns/rate_limit/rate_limited_error.ts";
import type {
  RateLimiter,
  RateLimiterOptions,
} from "../../src/patterns/rate_limit/rate_limiter.ts";
import { createSlidingWindow } from "../../src/patterns/rate_limit/sliding_window.ts";
import { createSlidingWindowCounter } from "../../src/patterns/rate_limit/sliding_window_counter.ts";
import { createTokenBucket } from "../../src/patterns/rate_limit/token_bucket.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";

/** Each kind lets through 2 at once, and then makes one wait for a second at most. */
const KINDS: Record<string, (options: RateLimiterOptions) => RateLimiter> = {
  "token bucket": (options) => createTokenBucket({ rate: 1, burst: 2, ...options }),
  "sliding window": (options) => createSlidingWindow({ limit: 2, window: "1s", ...options }),
  "sliding window counter": (options) =>
    createSlidingWindowCounter({ limit: 2, window: "500ms", ...options }),
};

interface Bench {
  readonly limiter: RateLimiter;
  readonly clock: ManualClock;
}

for (const [kind, create] of Object.entries(KINDS)) {
  const bench = (options: RateLimiterOptions = {}): Bench => {
    const clock = new ManualClock();
    return { limiter: create({ name: "search", clock, ...options }), clock };
  };

  /** One with nothing left. */
  const exhausted = (options: RateLimiterOptions = {}): Bench => {
    const made = bench(options);
    assert.equal(made.limiter.allow(2), true);
    return made;
  };

  Deno.test(`${kind}: do hands back the operation's own promise`, async () => {
    const { limiter } = bench();
    const promise = Promise.resolve("found");
    assert.equal(limiter.do(() => promise), promise);
    assert.equal(await limiter.do(() => "found"), "found");
  });

  Deno.test(`${kind}: do refuses at once, says when to try again, and does not run the operation`, async () => {
    const { limiter } = exhausted();
    let runs = 0;
    const error = await limiter.do(() => runs++).catch((thrown) => thrown);
    assert(error instanceof RateLimitedError && error instanceof SwitchgearError);
    assert.deepEqual([error.name, error.code, error.limiter], [
      "RateLimitedError",
      "RATE_LIMITED",
      "search",
    ]);
    assert.equal(error.retryAfterMs, limiter.retryAfterMs());
    assert.match(error.message, /^Rate limiter "search" refused the call: try again in \d+ ms$/);
    assert.equal(runs, 0);
  });

  Deno.test(`${kind}: do with maxWait waits for its turn`, async () => {
    const { limiter, clock } = exhausted({ maxWait: "1s" });
    const call = limiter.do(() => clock.now());
    await clock.tick("1s");
    assert((await call) > 0);
    assert.equal(clock.pendingTimers, 0);
  });

  Deno.test(`${kind}: do with maxWait refuses at once a wait that would be longer`, async () => {
    const { limiter, clock } = exhausted({ maxWait: "100ms" });
    await assert.rejects(limiter.do(() => "found"), RateLimitedError);
    assert.equal(clock.pendingTimers, 0);
  });

  Deno.test(`${kind}: an aborted signal runs nothing and takes nothing`, async () => {
    const { limiter } = bench({ maxWait: "1s" });
    const reason = new Error("gone");
    const signal = AbortSignal.abort(reason);
    const run = (): never => assert.fail("the operation ran");
    await assert.rejects(limiter.do(run, { signal }), reason);
    await assert.rejects(limiter.wait(1, { signal }), reason);
    assert.equal(limiter.allow(2), true);
  });

  Deno.test(`${kind}: an abort ends do's wait at once, and the operation is not run`, async () => {
    const { limiter, clock } = exhausted({ maxWait: "1s" });
    const caller = new AbortController();
    const call = limiter.do(() => assert.fail("the operation ran"), { signal: caller.signal });
    const reason = new Error("gone");
    caller.abort(reason);
    await assert.rejects(call, reason);
    assert.equal(clock.pendingTimers, 0);
    await clock.tick("10s");
  });

  Deno.test(`${kind}: an abort between the turn and the operation keeps it from running`, async () => {
    const { limiter, clock } = exhausted({ maxWait: "1s" });
    const caller = new AbortController();
    const call = limiter.do(() => assert.fail("the operation ran"), { signal: caller.signal });
    clock.advance("1s");
    caller.abort("gone");
    await assert.rejects(call, (thrown) => thrown === "gone");
  });

  Deno.test(`${kind}: the operation gets the caller's signal`, async () => {
    const { limiter } = bench();
    const { signal } = new AbortController();
    assert.equal(await limiter.do((given) => given, { signal }), signal);
    assert.equal(await limiter.do((given) => given), undefined);
  });

  Deno.test(`${kind}: what the operation throws comes back, raised once if nobody awaits it`, async () => {
    const failure = new Error("down");
    const unhandled = await unhandledDuring(() => {
      const { limiter } = bench();
      limiter.do(() => {
        throw failure;
      });
      limiter.do(() => Promise.reject(failure));
      limiter.do(() => "refused");
    });
    assert.deepEqual(unhandled.slice(0, 2), [failure, failure]);
    assert(unhandled[2] instanceof RateLimitedError && unhandled.length === 3);
  });

  Deno.test(`${kind}: a call that waits and fails unawaited is raised once`, async () => {
    const failure = new Error("down");
    const { limiter, clock } = exhausted({ maxWait: "1s" });
    const unhandled = await unhandledDuring(async () => {
      limiter.do(() => Promise.reject(failure));
      await clock.tick("1s");
    });
    assert.deepEqual(unhandled, [failure]);
  });

  Deno.test(`${kind}: an operation may call its own limiter`, async () => {
    const { limiter } = bench();
    const inner = await limiter.do(() => limiter.do(() => limiter.allow()));
    assert.equal(inner, false);
  });

  Deno.test(`${kind}: 100,000 aborted waits leave no timer, listener or queue entry`, async () => {
    const { limiter, clock } = exhausted();
    const callers = Array.from({ length: 100_000 }, () => new AbortController());
    let listeners = 0;
    const waits = callers.map(({ signal }) => {
      const add = signal.addEventListener.bind(signal);
      const remove = signal.removeEventListener.bind(signal);
      signal.addEventListener = (...given: Parameters<typeof add>): void => {
        listeners++;
        add(...given);
      };
      signal.removeEventListener = (...given: Parameters<typeof remove>): void => {
        listeners--;
        remove(...given);
      };
      return limiter.wait(1, { signal, maxWait: "8760h" });
    });
    const settled = Promise.allSettled(waits);
    assert.equal(listeners, 100_000);
    for (const caller of callers) caller.abort("gone");
    assert((await settled).every(({ status }) => status === "rejected"));
    assert.deepEqual([clock.pendingTimers, listeners], [0, 0]);
    await clock.tick("2s");
    assert.equal(limiter.isIdle, true);
    assert.equal(limiter.allow(2), true);
  });

  Deno.test(`${kind}: a wait for a signal that is none, or on a clock without timers, leaves nothing behind`, async () => {
    const { limiter, clock } = exhausted();
    // @ts-expect-error: wrong on purpose
    await assert.rejects(limiter.wait(1, { signal: {} }), TypeError);
    await clock.tick("2s");
    assert.equal(limiter.isIdle, true);
    const broken = new Error("no timers");
    const noTimers = {
      now: () => 0,
      setTimeout: () => {
        throw broken;
      },
      clearTimeout: () => {},
    };
    const other = create({ clock: noTimers });
    other.allow(2);
    await assert.rejects(other.wait(), broken);
    await assert.rejects(other.wait(), broken);
  });

  for (const n of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    Deno.test(`${kind}: ${n} events are refused with a RangeError that names n`, async () => {
      const { limiter } = bench();
      const named = { name: "RangeError", message: /rate limiter "search": "n" must be/ };
      assert.throws(() => limiter.allow(n), named);
      assert.throws(() => limiter.retryAfterMs(n), named);
      await assert.rejects(limiter.wait(n), named);
    });
  }

  Deno.test(`${kind}: allow reads the clock once`, () => {
    let readings = 0;
    const now = (): number => ++readings;
    const limiter = create({ clock: { now, setTimeout: () => 0, clearTimeout: () => {} } });
    readings = 0;
    limiter.allow();
    assert.equal(readings, 1);
  });
}

const DESCRIPTIONS: readonly { limiter: RateLimiter; text: string; longestMs: number }[] = [
  {
    limiter: createTokenBucket({ rate: 10, burst: 5 }),
    text: "lets through 10 a second in bursts of up to 5 and refuses the others",
    longestMs: 100,
  },
  {
    limiter: createTokenBucket({ rate: Infinity, burst: 5 }),
    text: "lets through any number of calls and refuses the others",
    longestMs: 100,
  },
  {
    limiter: createSlidingWindow({ limit: 100, window: "1m", maxWait: "2s" }),
    text: "lets through 100 in any 1m0s and lets the others wait for up to 2s",
    longestMs: 2_100,
  },
  {
    limiter: createSlidingWindowCounter({ limit: 100, window: "1m" }),
    text: "lets through about 100 in any 1m0s and refuses the others",
    longestMs: 100,
  },
];

for (const { limiter, text, longestMs } of DESCRIPTIONS) {
  Deno.test(`a limiter that ${text} says so`, () => {
    const described = limiter.describe?.({ longestMs: 100, attempts: 3 });
    assert.deepEqual(described, { text, longestMs, attempts: 3 });
  });
}
