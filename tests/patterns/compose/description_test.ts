import assert from "node:assert/strict";
import {
  type CallBounds,
  createBreaker,
  createBulkhead,
  createHedge,
  createRetry,
  createTimeout,
  createTokenBucket,
  fixedDelay,
  type Layer,
  type LayerDescription,
} from "../../../mod.ts";
import { pipeline } from "../../../src/patterns/compose/pipeline.ts";
import { resilient } from "../../../src/patterns/compose/resilient.ts";
import { ManualClock } from "../../../src/testing/mod.ts";
import { SeenLayer } from "./seen_layer.ts";

const hang = (): Promise<never> => new Promise(() => {});

const described = (describe: () => LayerDescription): Layer =>
  Object.assign(new SeenLayer("own", []), { describe });

const sentences: readonly [what: string, layers: () => Layer[], sentence: string][] = [
  [
    "no layers",
    () => [],
    "Runs the operation as it is; at worst 1 attempt, with no limit to how long it takes.",
  ],
  [
    "a breaker",
    () => [createBreaker("users")],
    'Goes through breaker "users"; at worst 1 attempt, with no limit to how long it takes.',
  ],
  [
    "a breaker with a time limit",
    () => [createBreaker("users", { timeout: "1.5s" })],
    'Goes through breaker "users" and gives up after 1.5s; at worst 1 attempt in 1.5s.',
  ],
  [
    "a breaker that is forced open",
    () => [createBreaker("users", { mode: "forced-open" })],
    'Goes through breaker "users", which is forced open; at worst 1 attempt, with no limit to ' +
    "how long it takes.",
  ],
  [
    "several attempts without a time limit",
    () => [createRetry(fixedDelay(0, { maxAttempts: 2 }), { maxRetryAfter: null })],
    "Tries up to 2 times, waiting no time in between; at worst 2 attempts, with no limit to how " +
    "long they take.",
  ],
  [
    "attempts without an end in a limited time",
    () => [createTimeout("2s"), createRetry({ maxRetries: Infinity, backoff: "1s" })],
    "Gives up after 2s; tries until its policy refuses, waiting at most 1s at first and 30s at " +
    "last in between, or as long as a Retry-After of at most 30s asks; at worst as many attempts " +
    "as 2s have room for.",
  ],
  [
    "attempts without an end",
    () => [createRetry({ maxRetries: Infinity, backoff: 0 }, { maxRetryAfter: null })],
    "Tries until its policy refuses, waiting no time in between; there is no limit to the " +
    "attempts, nor to how long they take.",
  ],
  [
    "a layer that does not describe itself",
    () => [createTimeout("1s"), new SeenLayer("own", [])],
    "Gives up after 1s; does what it does not describe; at worst as many attempts as 1s have " +
    "room for.",
  ],
  [
    "a layer that fails to describe itself",
    () => [described(() => {
      throw new Error("broken");
    })],
    "Does what it does not describe; there is no limit to the attempts, nor to how long they take.",
  ],
  [
    "a duration of more than a century",
    () => [described(() => ({ text: "idles", longestMs: 1e15, attempts: 1 }))],
    "Idles; at worst 1 attempt, with no limit to how long it takes.",
  ],
];

for (const [what, layers, sentence] of sentences) {
  Deno.test(`describe says what it costs: ${what}`, () => {
    assert.equal(pipeline(layers()).describe(), sentence);
  });
}

Deno.test("describe tells all layers of a builder's call, outermost first", () => {
  const call = resilient()
    .retry(fixedDelay("100ms", { maxAttempts: 3 }), { maxRetryAfter: "2s" })
    .breaker("users")
    .timeout("12s")
    .bulkhead({ maxConcurrent: 10, maxQueued: 5, maxWait: "300ms" })
    .rateLimit({ rate: 100, maxWait: "1s" })
    .fallback(() => null)
    .build();
  assert.equal(
    call.describe(),
    "Answers failures with a fallback; " +
      "lets through 100 a second in bursts of up to 100 and lets the others wait for up to 1s; " +
      "runs at most 10 at once, up to 5 waiting for at most 300ms; " +
      'gives up after 12s; goes through breaker "users"; ' +
      "tries up to 3 times, waiting at most 100ms in between, " +
      "or as long as a Retry-After of at most 2s asks; at worst 3 attempts in 13.3s.",
  );
});

Deno.test("describe and bounds follow what is changed later", () => {
  const breaker = createBreaker("users", { timeout: "1s" });
  const timeout = createTimeout("9s");
  const call = pipeline(timeout, breaker);
  breaker.setPolicy({});
  timeout.setLimit("3s");
  assert.deepEqual(call.bounds, { longestMs: 3_000, attempts: 1 });
  assert.match(call.describe(), /^Gives up after 3s; goes through breaker "users"; /);
});

Deno.test("as a layer it describes itself around what it is given", () => {
  const call = pipeline(createRetry(fixedDelay("1s", { maxAttempts: 2 }), { maxRetryAfter: null }));
  assert.deepEqual(call.describe({ longestMs: 500, attempts: 3 }), {
    text: "tries up to 2 times, waiting at most 1s in between",
    longestMs: 2_000,
    attempts: 6,
  });
});

interface Worst {
  readonly what: string;
  readonly bounds: CallBounds;
  /** The layers, with every limit as far used up as it can be. */
  readonly layers: (clock: ManualClock) => Layer[];
}

const twice = (clock: ManualClock): Layer =>
  createRetry(fixedDelay("100ms", { maxAttempts: 3 }), { maxRetryAfter: null, clock });

/** A rate limiter at which the next call waits for all of its second. */
function busyLimiter(clock: ManualClock): Layer {
  const limiter = createTokenBucket({ rate: 1, burst: 1, maxWait: "1s", clock });
  limiter.allow();
  return limiter;
}

/** A bulkhead at which the next call waits for all of its two seconds, but a nanosecond. */
function busyBulkhead(clock: ManualClock, freeAtMs: number): Layer {
  const bulkhead = createBulkhead({ maxConcurrent: 1, maxQueued: 1, maxWait: "2s", clock });
  const slot = bulkhead.tryAcquire();
  clock.setTimeout(() => slot?.release(), freeAtMs - 1e-6);
  return bulkhead;
}

const worst: readonly Worst[] = [
  {
    what: "a wait for the rate limit, one for the bulkhead, and a call that hangs",
    bounds: { longestMs: 8_000, attempts: 1 },
    layers: (clock) => [
      busyLimiter(clock),
      busyBulkhead(clock, 3_000),
      createTimeout("5s", { clock }),
      createBreaker("b", {}, { clock }),
    ],
  },
  {
    what: "attempts that hang until their time limit",
    bounds: { longestMs: 3_200, attempts: 3 },
    layers: (clock) => [
      createBreaker("b", {}, { clock }),
      twice(clock),
      createTimeout("1s", { clock }),
    ],
  },
  {
    what: "a breaker's time limit in each attempt",
    bounds: { longestMs: 3_200, attempts: 3 },
    layers: (clock) => [twice(clock), createBreaker("b", { timeout: "1s" }, { clock })],
  },
  {
    what: "attempts that the time limit of all together ends",
    bounds: { longestMs: 2_500, attempts: 3 },
    layers: (clock) => [
      createTimeout("2500ms", { clock }),
      twice(clock),
      createTimeout("1s", { clock }),
    ],
  },
  {
    what: "hedges, each as late as it can be",
    bounds: { longestMs: 1_600, attempts: 3 },
    layers: (clock) => [
      createHedge({ delay: "300ms", maxHedges: 2, budget: null, clock }),
      createTimeout("1s", { clock }),
    ],
  },
  {
    what: "attempts of which each is hedged",
    bounds: { longestMs: 4_100, attempts: 6 },
    layers: (clock) => [
      twice(clock),
      createHedge({ delay: "300ms", budget: null, clock }),
      createTimeout("1s", { clock }),
    ],
  },
];

for (const { what, bounds, layers } of worst) {
  Deno.test(`at worst a call takes what bounds say, no more and no less: ${what}`, async () => {
    const clock = new ManualClock();
    const call = pipeline(layers(clock));
    assert.deepEqual(call.bounds, bounds);
    let attempts = 0;
    let tookMs: number | undefined;
    call.do(() => {
      attempts++;
      return hang();
    }).catch(() => tookMs = clock.now());
    await clock.tick("1m");
    assert(tookMs !== undefined && Math.abs(tookMs - bounds.longestMs) < 1e-3, `${tookMs}`);
    assert.equal(attempts, bounds.attempts);
  });
}

Deno.test("at worst a call waits as long as a Retry-After may ask", async () => {
  const clock = new ManualClock();
  const retry = createRetry(fixedDelay("100ms", { maxAttempts: 3 }), {
    maxRetryAfter: "2s",
    clock,
  });
  const call = pipeline(retry, createTimeout("1s", { clock }));
  assert.deepEqual(call.bounds, { longestMs: 7_000, attempts: 3 });
  let tookMs: number | undefined;
  call.do(() =>
    new Promise((_, reject) => {
      clock.setTimeout(() => reject({ retryAfterMs: 2_000 }), 999);
    })
  ).catch(() => tookMs = clock.now());
  await clock.tick("1m");
  assert.equal(tookMs, 7_000 - 3);
});
