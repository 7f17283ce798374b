import assert from "node:assert/strict";
import {
  BreakerOpenError,
  type BreakerSettings,
  type BulkheadOptions,
  createBreaker,
  createBulkhead,
  createCacheFallback,
  createFallback,
  createHedge,
  createRetry,
  createTimeout,
  createTokenBucket,
  isRetryable,
  type Layer,
  type Policy,
} from "../../../mod.ts";
import {
  ORDER_WARNING_CODES,
  type OrderWarningCode,
} from "../../../src/patterns/compose/order_warning.ts";
import { pipeline } from "../../../src/patterns/compose/pipeline.ts";
import { resilient } from "../../../src/patterns/compose/resilient.ts";
import { KeptLog } from "../../support/kept_log.ts";
import { SeenLayer } from "./seen_layer.ts";

const stubborn = () => createRetry({ shouldRetry: () => true, delay: () => 0, maxAttempts: 3 });
const breaker = (policy: Policy = {}, settings: BreakerSettings = {}) =>
  createBreaker("b", policy, settings);
const fallback = () => createFallback(() => "instead");
const cache = () =>
  createCacheFallback<string>({ cache: new Map(), ttl: "1s", staleTtl: "1m" }).layer("key");
const bulkhead = (options: Partial<BulkheadOptions> = {}) =>
  createBulkhead({ maxConcurrent: 1, ...options });
const limiter = (maxWait: string = "0s") => createTokenBucket({ rate: 1, maxWait });
const own = () => new SeenLayer("own", []);
const shared = breaker();
const sharedBulkhead = bulkhead();
const sharedLimiter = limiter();
const ignoring: BreakerSettings = {
  isIgnored: (error) => error instanceof Error && error.name === "BulkheadFullError",
};

const cases: readonly [order: string, layers: () => Layer<unknown>[], codes: OrderWarningCode[]][] =
  [
    ["a retry of rejections outside a breaker", () => [stubborn(), breaker()], [
      "retry-outside-breaker",
    ]],
    [
      "a retry of rejections two layers outside a breaker",
      () => [stubborn(), bulkhead(), breaker()],
      [
        "retry-outside-breaker",
      ],
    ],
    ["a retry of rejections around a hedge", () => [stubborn(), createHedge(), breaker()], [
      "retry-outside-breaker",
    ]],
    ["a retry of rejections inside a composition", () => [pipeline(stubborn()), breaker()], [
      "retry-outside-breaker",
    ]],
    ["a retry outside a breaker that retries no rejection", () => [createRetry(), breaker()], []],
    [
      "a retry of rejections that has one attempt",
      () => [createRetry({ maxRetries: 0 }), breaker()],
      [],
    ],
    ["a retry of rejections inside a breaker", () => [breaker(), stubborn()], []],
    [
      "a retry of rejections that a fallback answers",
      () => [stubborn(), fallback(), breaker()],
      [],
    ],
    [
      "a retry of rejections that an unknown layer may answer",
      () => [stubborn(), own(), breaker()],
      [],
    ],

    ["a timeout inside a shorter one", () => [createTimeout("1s"), createTimeout("2s")], [
      "timeout-longer-inside",
    ]],
    [
      "a timeout inside a retry inside a shorter one",
      () => [createTimeout("1s"), createRetry(), createTimeout("2s")],
      ["timeout-longer-inside"],
    ],
    [
      "a breaker's limit inside a shorter timeout",
      () => [createTimeout("1s"), breaker({ timeout: "2s" })],
      [
        "timeout-longer-inside",
      ],
    ],
    [
      "a timeout inside a breaker with a shorter limit",
      () => [breaker({ timeout: "1s" }), createTimeout("2s")],
      [
        "timeout-longer-inside",
      ],
    ],
    ["a timeout inside a shorter cooperative one", () => [
      createTimeout("1s", { mode: "cooperative" }),
      createTimeout("2s"),
    ], ["timeout-longer-inside"]],
    ["a timeout inside a longer one", () => [createTimeout("2s"), createTimeout("1s")], []],
    ["a timeout inside one that is as long", () => [createTimeout("2s"), createTimeout("2s")], []],
    ["a timeout inside a breaker without a limit", () => [breaker(), createTimeout("9s")], []],

    ["a fallback inside a breaker", () => [breaker(), fallback()], ["fallback-inside-breaker"]],
    ["a cache inside a breaker", () => [breaker(), createRetry(), cache()], [
      "fallback-inside-breaker",
    ]],
    ["a fallback outside a breaker", () => [fallback(), cache(), breaker()], []],

    ["a bulkhead inside a breaker", () => [breaker(), bulkhead()], ["limit-inside-breaker"]],
    ["a rate limit inside a breaker", () => [breaker(), createTimeout("1s"), limiter()], [
      "limit-inside-breaker",
    ]],
    [
      "a bulkhead whose refusals the breaker ignores",
      () => [breaker({}, ignoring), bulkhead()],
      [],
    ],
    ["limits outside a breaker", () => [limiter(), bulkhead(), breaker()], []],

    ["a bulkhead that waits for longer than a timeout outside", () => [
      createTimeout("1s"),
      bulkhead({ maxQueued: 1, maxWait: "2s" }),
    ], ["wait-longer-than-timeout"]],
    [
      "a rate limit that waits for longer than a timeout outside",
      () => [createTimeout("1s"), limiter("2s")],
      [
        "wait-longer-than-timeout",
      ],
    ],
    ["a bulkhead that waits for less", () => [
      createTimeout("1s"),
      bulkhead({ maxQueued: 1, maxWait: "1s" }),
    ], []],
    [
      "a bulkhead that waits for as long as it takes",
      () => [createTimeout("1s"), bulkhead({ maxQueued: 1 })],
      [],
    ],
    [
      "a bulkhead with a wait but no queue",
      () => [createTimeout("1s"), bulkhead({ maxWait: "2s" })],
      [],
    ],
    ["a wait outside the timeout", () => [limiter("2s"), createTimeout("1s")], []],

    ["one breaker twice", () => [shared, createRetry(), shared], ["layer-twice"]],
    ["one bulkhead twice", () => [sharedBulkhead, sharedBulkhead], ["layer-twice"]],
    ["one rate limiter twice", () => [sharedLimiter, sharedLimiter], ["layer-twice"]],
    ["two breakers", () => [breaker(), breaker()], []],

    ["the recommended order", () => [
      fallback(),
      cache(),
      limiter("1s"),
      bulkhead({ maxQueued: 1, maxWait: "1s" }),
      createTimeout("5s"),
      createHedge(),
      breaker({ timeout: "4s" }),
      stubborn(),
      createTimeout("1s"),
    ], []],
    ["no layers", () => [], []],
    [
      "three mistakes at once",
      () => [breaker({ timeout: "1s" }), fallback(), bulkhead(), createTimeout("2s")],
      [
        "fallback-inside-breaker",
        "timeout-longer-inside",
      ],
    ],
  ];

for (const [order, make, codes] of cases) {
  const verdict = codes.length === 0 ? "is not warned of" : `is warned of: ${codes.join(", ")}`;
  Deno.test(`${order} ${verdict}`, () => {
    const logger = new KeptLog();
    const call = pipeline(make(), { logger, name: "users" });
    assert.deepEqual(call.warnings().map(({ code }) => code), codes);
    assert.deepEqual(logger.lines.map((line) => line.split(":")[0]), codes.map(() => "warn"));
  });
}

Deno.test("every code is shown by a case", () => {
  const shown = new Set(cases.flatMap(([, , codes]) => codes));
  assert.deepEqual(ORDER_WARNING_CODES.filter((code) => !shown.has(code)), []);
});

Deno.test("a warning says what is wrong, what to do, and how to silence it", () => {
  const logger = new KeptLog();
  pipeline([stubborn(), breaker()], { logger, name: "users" });
  assert.deepEqual(logger.lines, [
    'warn: Composition "users": retry outside breaker "b" retries what the breaker rejects, ' +
    "and so works against it while it is open; put the retry inside the breaker, or let its " +
    "shouldRetry refuse a BreakerOpenError. " +
    'Silence this by { silence: ["retry-outside-breaker"] }',
  ]);
  assert.deepEqual(logger.fields, [{
    composition: "users",
    code: "retry-outside-breaker",
    outer: "retry",
    inner: 'breaker "b"',
  }]);
});

for (const code of ORDER_WARNING_CODES) {
  const [order, make] = cases.find(([, , codes]) => codes.length === 1 && codes[0] === code) ?? [];
  assert(make !== undefined);
  for (const silence of [[code], "all"] as const) {
    Deno.test(`${order} is silenced by ${JSON.stringify(silence)}`, () => {
      const logger = new KeptLog();
      assert.deepEqual(pipeline(make(), { logger, silence }).warnings(), []);
      assert.deepEqual(logger.lines, []);
    });
  }
}

Deno.test("a silenced warning silences no other", () => {
  const logger = new KeptLog();
  const layers = [breaker({ timeout: "1s" }), fallback(), createTimeout("2s")];
  pipeline(layers, { logger, silence: ["fallback-inside-breaker"] });
  assert.equal(logger.lines.length, 1);
  assert.match(logger.lines.join(), /timeout-longer-inside/);
});

Deno.test("a warning is logged once per composition, not per call", async () => {
  const logger = new KeptLog();
  const call = pipeline([breaker(), fallback()], { logger });
  await call.do(() => 1);
  await call.do(() => 2);
  assert.equal(logger.lines.length, 1);
});

Deno.test("a logger that throws harms no composition", async () => {
  const warn = () => {
    throw new Error("broken");
  };
  const logger = { debug: warn, info: warn, warn, error: warn };
  assert.equal(await pipeline([breaker(), fallback()], { logger }).do(() => 1), 1);
});

Deno.test("a policy that changes later is warned of when asked, and not logged", () => {
  const logger = new KeptLog();
  const changing = breaker({ timeout: "1s" });
  const call = pipeline([createTimeout("2s"), changing], { logger });
  changing.setPolicy({ timeout: "5s" });
  assert.deepEqual(call.warnings().map(({ code }) => code), ["timeout-longer-inside"]);
  assert.deepEqual(logger.lines, []);
});

Deno.test("a retry is asked about a rejection of the breaker inside of it", () => {
  const asked: unknown[] = [];
  const retry = createRetry({
    shouldRetry: (error) => {
      asked.push(error);
      return isRetryable(error);
    },
    delay: () => 0,
  });
  assert.deepEqual(pipeline(retry, breaker()).warnings(), []);
  assert(asked.length > 0);
  for (const error of asked) assert(error instanceof BreakerOpenError && error.breaker === "b");
});

Deno.test("the builder warns of settings that are wrong in its order, too", () => {
  const logger = new KeptLog();
  const builder = resilient({ logger, name: "users" }).timeout("1s").breaker("b", {
    timeout: "2s",
  });
  builder.build();
  assert.match(logger.lines.join(), /^warn: Composition "users": timeout "users" outside/);
  builder.build({ silence: ["timeout-longer-inside"] });
  assert.equal(logger.lines.length, 1);
});

Deno.test("a builder with every layer and fitting settings warns of nothing", () => {
  const logger = new KeptLog();
  resilient({ logger })
    .rateLimit({ rate: 10, maxWait: "1m" })
    .bulkhead({ maxConcurrent: 1, maxQueued: 5, maxWait: "1m" })
    .timeout("5s")
    .breaker("b")
    .retry({ maxRetries: 5 })
    .fallback(() => null)
    .build();
  assert.deepEqual(logger.lines, []);
});
