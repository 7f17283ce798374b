import assert from "node:assert/strict";
import {
  BreakerOpenError,
  createBreaker,
  createBulkhead,
  createTimeout,
  createTokenBucket,
  type Layer,
  RateLimitedError,
} from "../../../mod.ts";
import { resilient, type ResilientBuilder } from "../../../src/patterns/compose/resilient.ts";
import { ManualClock } from "../../../src/testing/mod.ts";
import { KeptLog } from "../../support/kept_log.ts";
import { SeenLayer } from "./seen_layer.ts";

const ORDER = [
  "fallback",
  "rateLimit",
  "bulkhead",
  "timeout",
  "breaker",
  "retry",
  "attemptTimeout",
] as const;
type Place = (typeof ORDER)[number];

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest])
  );
}

function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((all, item) => [...all, ...all.map((each) => [...each, item])], [[]]);
}

function build(steps: readonly Place[], layer: (place: Place) => Layer): ReturnType<
  ResilientBuilder<unknown>["build"]
> {
  return steps.reduce<ResilientBuilder<unknown>>(
    (builder, place) => builder[place](layer(place)),
    resilient(),
  ).build();
}

Deno.test("the order of layers is the same for each of the 5,040 orders of the steps", async () => {
  const orders = permutations(ORDER);
  assert.equal(orders.length, 5_040);
  for (const steps of orders) {
    const seen: string[] = [];
    const call = build(steps, (place) => new SeenLayer(place, seen));
    assert.equal(await call.do(() => "done"), "done");
    assert.deepEqual(seen, ORDER, steps.join());
  }
});

Deno.test("each layer is optional: the 128 choices keep the order", async () => {
  const choices = subsets(ORDER);
  assert.equal(choices.length, 128);
  for (const steps of choices) {
    const seen: string[] = [];
    await build(steps.toReversed(), (place) => new SeenLayer(place, seen)).do(() => "done");
    assert.deepEqual(seen, steps);
  }
});

Deno.test("a second layer for the same place is refused", () => {
  const seen: string[] = [];
  for (const place of ORDER) {
    const builder = resilient()[place](new SeenLayer(place, seen));
    assert.throws(() => builder[place](new SeenLayer(place, seen)), {
      name: "TypeError",
      message: `Cannot build resilient call: there is a layer "${place}" already`,
    });
  }
});

Deno.test("a builder stays as it is when a step is taken from it", async () => {
  const seen: string[] = [];
  const base = resilient().retry(new SeenLayer("retry", seen));
  const one = base.breaker(new SeenLayer("one", seen)).build();
  const two = base.breaker(new SeenLayer("two", seen)).build();
  await one.do(() => 1);
  await two.do(() => 2);
  assert.deepEqual(seen, ["one", "retry", "two", "retry"]);
});

Deno.test("options in place of layers make the layers", () => {
  const call = resilient({ name: "users" })
    .rateLimit({ rate: 5, burst: 2 })
    .bulkhead({ maxConcurrent: 3 })
    .timeout("2s", { mode: "cooperative" })
    .breaker("users", { timeout: "1s" })
    .retry({ maxRetries: 1 }, { maxRetryAfter: null })
    .fallback(() => "instead", { handles: () => true })
    .build();
  assert.deepEqual(call.layers.map((layer) => layer.constructor.name), [
    "Fallback",
    "TokenBucket",
    "Bulkhead",
    "Timeout",
    "StandaloneBreaker",
    "Retry",
  ]);
  assert.equal(call.name, "users");
});

Deno.test("the layers share the builder's clock, name, logger and random unless given their own", async () => {
  const clock = new ManualClock();
  const logger = new KeptLog();
  const call = resilient({ name: "users", clock, logger, random: () => 1 - Number.EPSILON })
    .rateLimit({ rate: 1, burst: 1, name: "own" })
    .timeout("1s")
    .retry({ maxRetries: 1, backoff: 100, jitter: "full" })
    .fallback((error) => error, {
      handles: () => {
        throw new Error("broken");
      },
    })
    .build();
  const hung = call.do(() => new Promise(() => {}));
  hung.catch(() => {});
  await clock.tick("1s");
  await assert.rejects(hung, { message: 'Call through timeout "users" took longer than 1000 ms' });
  assert.deepEqual(logger.lines, [
    'error: Fallback "users": handles failed, taking it for false',
  ]);
  await call.do(() => 1);
  await assert.rejects(call.do(() => 1), (error) => {
    assert(error instanceof RateLimitedError);
    assert.equal(error.limiter, "own");
    return true;
  });
});

Deno.test("what builds twice makes two calls that share the layers", async () => {
  const clock = new ManualClock();
  const builder = resilient().breaker("users", { failureThreshold: 1 }, { clock });
  await assert.rejects(builder.build().do(() => Promise.reject(new Error("down"))), /down/);
  await assert.rejects(builder.build().do(() => 1), BreakerOpenError);
});

Deno.test("the fallback answers for every layer inside of it", async () => {
  const clock = new ManualClock();
  const limiter = createTokenBucket({ rate: 0, burst: 1, clock });
  const bulkhead = createBulkhead({ maxConcurrent: 1, clock });
  const breaker = createBreaker("users", { failureThreshold: 1 }, { clock });
  const names: string[] = [];
  const base = resilient({ clock }).fallback((error) => {
    if (error instanceof Error) names.push(error.name);
    return "instead";
  });
  assert.equal(await base.rateLimit(limiter).build().do(() => 1), 1);
  assert.equal(await base.rateLimit(limiter).build().do(() => 1), "instead");
  using _slot = bulkhead.tryAcquire();
  assert.equal(await base.bulkhead(bulkhead).build().do(() => 1), "instead");
  breaker.tryAcquire()?.failure();
  assert.equal(await base.breaker(breaker).build().do(() => 1), "instead");
  const timed = base.timeout("1s").build().do(() => new Promise(() => {}));
  await clock.tick("1s");
  assert.equal(await timed, "instead");
  assert.deepEqual(names, [
    "RateLimitedError",
    "BulkheadFullError",
    "BreakerOpenError",
    "BreakerTimeoutError",
  ]);
});

Deno.test("the breaker sees one call of all attempts together, and its refusal is not retried", async () => {
  const clock = new ManualClock();
  const breaker = createBreaker("users", { failureThreshold: 2 }, { clock });
  const call = resilient({ clock }).retry({ maxRetries: 2, backoff: 0 }).breaker(breaker).build();
  let attempts = 0;
  const fail = (): Promise<never> => {
    attempts++;
    return Promise.reject(new Error("down"));
  };
  await assert.rejects(call.do(fail), /down/);
  await assert.rejects(call.do(fail), /down/);
  assert.equal(breaker.state, "open");
  await assert.rejects(call.do(fail), BreakerOpenError);
  assert.deepEqual([attempts, breaker.counts.lifetime.failures], [6, 2]);
});

const bad: readonly [what: string, run: () => unknown, message: RegExp][] = [
  ["an unknown option of the builder", () => resilient(JSON.parse('{"nam":"x"}')), /"nam"/],
  ["a clock that is none", () => resilient(JSON.parse('{"clock":1}')), /"clock"/],
  ["an unknown option of build", () => resilient().build(JSON.parse('{"silent":[]}')), /"silent"/],
  ["options that are a number", () => resilient().bulkhead(JSON.parse("5")), /options.*5/],
  ["no options", () => resilient().rateLimit(JSON.parse("null")), /options/],
  [
    "options beside a layer that has its own",
    () => resilient().timeout(createTimeout("1s"), { mode: "hard" }),
    /"timeout" has its own options/,
  ],
  [
    "a policy beside a breaker that has its own",
    () => resilient().breaker(createBreaker("b"), { failureThreshold: 1 }),
    /"breaker" has its own options/,
  ],
  ["a wrong policy", () => resilient().breaker("b", { failureThreshold: -1 }), /failureThreshold/],
  ["a wrong limit", () => resilient().timeout("0s"), /"limit"/],
  ["a handler that is none", () => resilient().fallback(JSON.parse("1")), /"handler"/],
];

for (const [what, run, message] of bad) {
  Deno.test(`${what} is refused, and named`, () => {
    assert.throws(run, message);
  });
}

Deno.test("an attempt that hangs leaves time for the next, and the breaker sees one success", async () => {
  const clock = new ManualClock();
  const breaker = createBreaker("users", { failureThreshold: 1 }, { clock });
  const call = resilient({ clock })
    .timeout("10s")
    .breaker(breaker)
    .retry({ maxRetries: 1, backoff: 0 })
    .attemptTimeout("1s")
    .build();
  let attempts = 0;
  const done = call.do(() => ++attempts === 1 ? new Promise<string>(() => {}) : "second");
  await clock.tick("1s");
  assert.equal(await done, "second");
  assert.deepEqual([breaker.state, breaker.counts.successes, clock.pendingTimers], [
    "closed",
    1,
    0,
  ]);
});
