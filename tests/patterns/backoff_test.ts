import assert from "node:assert/strict";
import fc from "npm:fast-check@4.9.0";
import {
  decorrelatedJitter,
  equalJitter,
  exponentialBackoff,
  fixedDelay,
  fullJitter,
} from "../../src/patterns/retry/backoff.ts";
import type { RetryPolicy } from "../../src/patterns/retry/retry_policy.ts";

const ATTEMPTS = [1, 2, 3, 4, 5, 6];
const HIGHEST = 1 - Number.EPSILON;

/** The delays of one call, each handed to the next. */
function delaysOf(policy: RetryPolicy, attempts: readonly number[] = ATTEMPTS): number[] {
  let previousMs: number | undefined;
  return attempts.map((attempt) => previousMs = policy.delay(attempt, previousMs));
}

const range = { initialDelay: 100, maxDelay: 1_000 };

const TABLE: readonly { what: string; policy: RetryPolicy; delays: number[] }[] = [
  {
    what: "exponential backoff doubles from 100ms by default, up to 30s",
    policy: exponentialBackoff(),
    delays: [100, 200, 400, 800, 1_600, 3_200],
  },
  {
    what: "exponential backoff grows by its multiplier and stays at its longest delay",
    policy: exponentialBackoff({ initialDelay: "10ms", maxDelay: "1s", multiplier: 3 }),
    delays: [10, 30, 90, 270, 810, 1_000],
  },
  {
    what: "exponential backoff with jitter goes down to 1 - jitter of the delay",
    policy: exponentialBackoff({ ...range, jitter: 0.25, random: () => 0 }),
    delays: [75, 150, 300, 600, 750, 750],
  },
  {
    what: "exponential backoff with jitter keeps the delay at the middle draw",
    policy: exponentialBackoff({ ...range, jitter: 0.25, random: () => 0.5 }),
    delays: [100, 200, 400, 800, 1_000, 1_000],
  },
  {
    what: "exponential backoff with jitter goes up to 1 + jitter, and never over its longest delay",
    policy: exponentialBackoff({ ...range, jitter: 0.5, random: () => 0.75 }),
    delays: [125, 250, 500, 1_000, 1_000, 1_000],
  },
  {
    what: "exponential backoff with a jitter of 1 goes down to 0",
    policy: exponentialBackoff({ ...range, jitter: 1, random: () => 0 }),
    delays: [0, 0, 0, 0, 0, 0],
  },
  {
    what: "a first delay longer than 30s is its own limit",
    policy: exponentialBackoff({ initialDelay: "1m" }),
    delays: [60_000, 60_000, 60_000, 60_000, 60_000, 60_000],
  },
  {
    what: "a fixed delay is the same each time",
    policy: fixedDelay("1.5s"),
    delays: [1_500, 1_500, 1_500, 1_500, 1_500, 1_500],
  },
  {
    what: "a fixed delay spreads by its jitter",
    policy: fixedDelay(100, { jitter: 0.1, random: () => 0 }),
    delays: [90, 90, 90, 90, 90, 90],
  },
  {
    what: "full jitter goes down to 0",
    policy: fullJitter({ ...range, random: () => 0 }),
    delays: [0, 0, 0, 0, 0, 0],
  },
  {
    what: "full jitter draws from 0 to the exponential delay",
    policy: fullJitter({ ...range, random: () => 0.5 }),
    delays: [50, 100, 200, 400, 500, 500],
  },
  {
    what: "equal jitter goes down to half of the exponential delay",
    policy: equalJitter({ ...range, random: () => 0 }),
    delays: [50, 100, 200, 400, 500, 500],
  },
  {
    what: "equal jitter draws from half of the exponential delay to all of it",
    policy: equalJitter({ ...range, random: () => 0.5 }),
    delays: [75, 150, 300, 600, 750, 750],
  },
  {
    what: "decorrelated jitter goes down to the first delay",
    policy: decorrelatedJitter({ ...range, random: () => 0 }),
    delays: [100, 100, 100, 100, 100, 100],
  },
  {
    what: "decorrelated jitter draws from the first delay to three times the one before",
    policy: decorrelatedJitter({ ...range, random: () => 0.5 }),
    delays: [200, 350, 575, 912.5, 1_000, 1_000],
  },
];

for (const { what, policy, delays } of TABLE) {
  Deno.test(what, () => {
    assert.deepEqual(delaysOf(policy), delays);
  });
}

Deno.test("decorrelated jitter keeps nothing between calls", () => {
  const policy = decorrelatedJitter({ ...range, random: () => 0.5 });
  delaysOf(policy);
  assert.equal(policy.delay(1), 200);
});

const KINDS: Record<string, (options: { random?: () => number }) => RetryPolicy> = {
  "exponential backoff": (options) =>
    exponentialBackoff({ ...options, maxDelay: "1m", jitter: 0.5 }),
  "fixed delay": (options) => fixedDelay("1m", { ...options, jitter: 0.5 }),
  "full jitter": (options) => fullJitter({ ...options, maxDelay: "1m" }),
  "equal jitter": (options) => equalJitter({ ...options, maxDelay: "1m" }),
  "decorrelated jitter": (options) => decorrelatedJitter({ ...options, maxDelay: "1m" }),
};

for (const [kind, create] of Object.entries(KINDS)) {
  Deno.test(`${kind}: attempt 10,000 overflows nothing`, () => {
    const policy = create({ random: () => 0.5 });
    assert.equal(
      policy.delay(10_000, 60_000),
      { "full jitter": 30_000, "equal jitter": 45_000 }[kind] ?? 60_000,
    );
  });

  Deno.test(`${kind} can be spread into a policy of one's own`, () => {
    const policy = { ...create({}), shouldRetry: () => false };
    assert.equal(policy.shouldRetry(), false);
    assert(policy.delay(1) >= 0);
  });

  for (const drawn of [1, -0.1, Number.NaN]) {
    Deno.test(`${kind} refuses ${drawn} as a draw`, () => {
      assert.throws(() => create({ random: () => drawn }).delay(1), RangeError);
    });
  }
}

Deno.test("exponential backoff from 0 stays at 0, however often it is multiplied", () => {
  const policy = exponentialBackoff({ initialDelay: 0, multiplier: 10 });
  assert.deepEqual([policy.delay(1), policy.delay(10_000)], [0, 0]);
});

type Refusal = [what: string, create: () => unknown, kind: typeof RangeError, message: RegExp];

const BAD: readonly Refusal[] = [
  ["no attempts", () => exponentialBackoff({ maxAttempts: 0 }), RangeError, /"maxAttempts"/],
  ["half an attempt", () => fullJitter({ maxAttempts: 1.5 }), RangeError, /"maxAttempts"/],
  ["NaN attempts", () => fixedDelay(1, { maxAttempts: Number.NaN }), RangeError, /"maxAttempts"/],
  ["a negative delay", () => equalJitter({ initialDelay: -1 }), RangeError, /"initialDelay"/],
  ["a delay that is no text", () => fixedDelay("soon"), RangeError, /"delay"/],
  ["an infinite delay", () => fixedDelay(Infinity), RangeError, /"delay"/],
  [
    "a longest delay below the first",
    () => decorrelatedJitter({ initialDelay: "2s", maxDelay: "1s" }),
    RangeError,
    /"maxDelay"/,
  ],
  ["a multiplier below 1", () => fullJitter({ multiplier: 0.9 }), RangeError, /"multiplier"/],
  [
    "an infinite multiplier",
    () => fullJitter({ multiplier: Infinity }),
    RangeError,
    /"multiplier"/,
  ],
  ["a jitter over 1", () => exponentialBackoff({ jitter: 1.1 }), RangeError, /"jitter"/],
  ["a negative jitter", () => fixedDelay(1, { jitter: -0.1 }), RangeError, /"jitter"/],
  [
    "an unknown option",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => exponentialBackoff({ maxRetries: 3 }),
    TypeError,
    /unknown option "maxRetries"/,
  ],
  [
    "a multiplier for decorrelated jitter",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => decorrelatedJitter({ multiplier: 2 }),
    TypeError,
    /unknown option "multiplier"/,
  ],
  [
    "a predicate that is none",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => exponentialBackoff({ shouldRetry: true }),
    TypeError,
    /"shouldRetry"/,
  ],
  [
    "a source of chance that is none",
    // @ts-expect-error -- a caller in JavaScript can do this
    () => fullJitter({ random: 0.5 }),
    TypeError,
    /"random"/,
  ],
];

for (const [what, create, kind, message] of BAD) {
  Deno.test(`a backoff refuses ${what}`, () => {
    assert.throws(create, (error) => error instanceof kind && message.test(error.message));
  });
}

const delay = fc.double({ min: 0, max: 1e9, noNaN: true });
const draws = fc.array(fc.double({ min: 0, max: HIGHEST, noNaN: true }), { minLength: 1 });
const shape = fc.record({
  first: delay,
  more: delay,
  multiplier: fc.double({ min: 1, max: 1e6, noNaN: true }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  draws,
  attempts: fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 20 }),
});
type Shape = typeof shape extends fc.Arbitrary<infer S> ? S : never;

/** What bounds the delay of an attempt after a delay of `previousMs`. */
type Bounds = (
  attempt: number,
  previousMs: number | undefined,
) => [lowest: number, highest: number];

function grown({ first, more, multiplier }: Shape, attempt: number): number {
  const power = multiplier ** (attempt - 1);
  return first === 0 ? 0 : Math.min(first + more, first * power);
}

function holds(create: (shape: Shape, random: () => number) => [RetryPolicy, Bounds]): void {
  fc.assert(fc.property(shape, (given) => {
    let drawn = 0;
    const random = (): number => given.draws[drawn++ % given.draws.length] ?? 0;
    const [policy, bounds] = create(given, random);
    let previousMs: number | undefined;
    for (const attempt of given.attempts.toSorted((a, b) => a - b)) {
      const delayMs = policy.delay(attempt, previousMs);
      const [lowest, highest] = bounds(attempt, previousMs);
      const rounding = 1e-9 + highest * 1e-12;
      assert(
        delayMs >= lowest - rounding && delayMs <= highest + rounding,
        `${lowest} ${delayMs} ${highest}`,
      );
      assert(delayMs <= (policy.longestDelay?.(attempt) ?? -1) + rounding, "longestDelay");
      previousMs = delayMs;
    }
  }));
}

Deno.test("property: exponential backoff stays within its jitter, 0 and its longest delay", () => {
  holds((given, random) => {
    const { first, more, multiplier, jitter } = given;
    const maxDelay = first + more;
    return [
      exponentialBackoff({ initialDelay: first, maxDelay, multiplier, jitter, random }),
      (attempt) => {
        const delayMs = grown(given, attempt);
        return [Math.max(0, delayMs * (1 - jitter)), Math.min(maxDelay, delayMs * (1 + jitter))];
      },
    ];
  });
});

Deno.test("property: a fixed delay stays within its jitter", () => {
  holds(({ first, jitter }, random) => [
    fixedDelay(first, { jitter, random }),
    () => [first * (1 - jitter), first * (1 + jitter)],
  ]);
});

Deno.test("property: full jitter stays between 0 and the exponential delay", () => {
  holds((given, random) => {
    const { first, more, multiplier } = given;
    const policy = fullJitter({ initialDelay: first, maxDelay: first + more, multiplier, random });
    return [policy, (attempt) => [0, grown(given, attempt)]];
  });
});

Deno.test("property: equal jitter stays between half of the exponential delay and all of it", () => {
  holds((given, random) => {
    const { first, more, multiplier } = given;
    const policy = equalJitter({ initialDelay: first, maxDelay: first + more, multiplier, random });
    return [policy, (attempt) => [grown(given, attempt) / 2, grown(given, attempt)]];
  });
});

Deno.test("property: decorrelated jitter stays between the first delay and three times the one before", () => {
  holds((given, random) => {
    const { first, more } = given;
    const policy = decorrelatedJitter({ initialDelay: first, maxDelay: first + more, random });
    return [
      policy,
      (_attempt, previousMs = first) => [first, Math.min(first + more, previousMs * 3)],
    ];
  });
});
