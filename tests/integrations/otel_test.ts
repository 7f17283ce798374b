import assert from "node:assert/strict";
import { metrics } from "npm:@opentelemetry/api@1.9.0";
import { createTelemetry, type TelemetryOptions } from "../../integrations/otel/mod.ts";
import {
  createProvider,
  getDefaultConfig,
  type Provider,
  type ProviderOptions,
} from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";
import { unhandledDuring } from "../support/unhandled_during.ts";
import { MemoryMetrics, MemoryTracing } from "./otel_support.ts";

const CONFIG = getDefaultConfig("im-gateway", "production");
const POLICY = { failureThreshold: 1, openStateTimeout: "10s", successThreshold: 1 };
const succeed = (): Promise<string> => Promise.resolve("Ada");
const fail = (): Promise<string> => Promise.reject(new RangeError("down"));

interface Setup {
  readonly provider: Provider;
  readonly backend: ScriptedBackend;
  readonly clock: ManualClock;
}

async function setUp(policy: object, options: Partial<ProviderOptions> = {}): Promise<Setup> {
  const backend = new ScriptedBackend();
  const clock = new ManualClock();
  backend.snapshot(entry("default", policy, "1"));
  const logger = new KeptLog();
  const provider = await createProvider(CONFIG, { backend, clock, logger, ...options });
  return { provider, backend, clock };
}

/** What was collected of one metric, without the prefix that all have. */
async function collected(memory: MemoryMetrics, metric: string): Promise<string[]> {
  const prefix = `switchgear.${metric}`;
  return (await memory.collect()).filter((line) => line.startsWith(`${prefix}{`))
    .map((line) => line.slice(prefix.length).replaceAll("switchgear.", ""));
}

Deno.test("calls are told apart by outcome, and a timeout is no failure", async () => {
  await using memory = new MemoryMetrics();
  const { provider, clock } = await setUp({ failureThreshold: 9 });
  await using _ = provider;
  using _telemetry = createTelemetry(provider, { meterProvider: memory.provider });
  const users = provider.getBreaker("users");
  await users.do(succeed);
  await users.do(fail).catch(() => {});
  await users.do(fail, { isIgnored: () => true }).catch(() => {});
  const late = users.do(() => new Promise<never>(() => {}), { timeout: "1s" }).catch(() => {});
  await clock.tick("1s");
  await late;
  assert.deepEqual(await collected(memory, "breaker.calls"), [
    "{breaker.name=users,call.outcome=success} 1",
    "{breaker.name=users,call.outcome=failure} 1",
    "{breaker.name=users,call.outcome=timeout} 1",
    "{breaker.name=users,call.outcome=ignored} 1",
  ]);
});

Deno.test("a reading shows the state that is due by now", async () => {
  await using memory = new MemoryMetrics();
  const { provider, clock } = await setUp(POLICY);
  await using _ = provider;
  using _telemetry = createTelemetry(provider, { meterProvider: memory.provider });
  await provider.getBreaker("users").do(fail).catch(() => {});
  clock.advance("10s");
  assert.deepEqual(await collected(memory, "breaker.state"), [
    "{breaker.name=users,breaker.state=closed} 0",
    "{breaker.name=users,breaker.state=open} 0",
    "{breaker.name=users,breaker.state=half-open} 1",
  ]);
});

Deno.test("transitions are counted from when telemetry begins", async () => {
  await using memory = new MemoryMetrics();
  const { provider, clock } = await setUp(POLICY);
  await using _ = provider;
  const users = provider.getBreaker("users");
  await users.do(fail).catch(() => {});
  using _telemetry = createTelemetry(provider, { meterProvider: memory.provider });
  clock.advance("10s");
  await users.do(succeed);
  assert.deepEqual(await collected(memory, "breaker.transitions"), [
    "{breaker.name=users,breaker.state=closed} 1",
    "{breaker.name=users,breaker.state=open} 0",
    "{breaker.name=users,breaker.state=half-open} 1",
  ]);
});

Deno.test("slow calls, stale calls and crossings in the mode metrics-only are counted", async () => {
  await using memory = new MemoryMetrics();
  const { provider, clock } = await setUp({ failureThreshold: 1, slowCallThreshold: "1s" });
  await using _ = provider;
  using _telemetry = createTelemetry(provider, { meterProvider: memory.provider });
  const users = provider.getBreaker("users");
  const slow = users.tryAcquire();
  clock.advance("2s");
  slow?.success();
  const stale = users.tryAcquire();
  users.override("metrics-only");
  stale?.success();
  users.tryAcquire()?.failure();
  const lines = await memory.collect();
  for (const metric of ["slow_calls", "stale_calls", "would_open"]) {
    assert(lines.includes(`switchgear.breaker.${metric}{switchgear.breaker.name=users} 1`), metric);
  }
});

Deno.test("holds and overdue probes are counted, and what a hold refuses has a reason of its own", async () => {
  await using memory = new MemoryMetrics();
  const { provider, clock } = await setUp(POLICY);
  await using _ = provider;
  using _telemetry = createTelemetry(provider, { meterProvider: memory.provider });
  const users = provider.getBreaker("users");
  users.tryAcquire()?.failure();
  clock.advance("10s");
  const probe = users.tryAcquire();
  clock.advance("10s");
  probe?.success();
  users.reset();
  users.hold("1s", { owner: "deploy" });
  await users.do(succeed).catch(() => {});
  const lines = await memory.collect();
  for (const metric of ["overdue_probes", "holds"]) {
    assert(lines.includes(`switchgear.breaker.${metric}{switchgear.breaker.name=users} 1`), metric);
  }
  assert(
    lines.includes(
      "switchgear.breaker.rejections{switchgear.breaker.name=users,switchgear.rejection.reason=held} 1",
    ),
  );
});

Deno.test("a trip by hand and a reopening by hand tell their reasons on the active span, without secrets", async () => {
  using tracing = new MemoryTracing();
  const { provider, clock } = await setUp(POLICY);
  await using _ = provider;
  using _telemetry = createTelemetry(provider);
  const users = provider.getBreaker("users");
  tracing.tracer.startActiveSpan("request", (span) => {
    users.tripNow({ reason: "deploy of postgres://ada:hunter2@db/users" });
    clock.advance("10s");
    users.tripNow({ reason: "not yet" });
    span.end();
  });
  const told = tracing.spans.flatMap(({ events }) =>
    events.map(({ attributes = {} }) => [
      attributes["switchgear.transition.cause"],
      attributes["switchgear.transition.reason"],
      attributes["switchgear.trip.criterion"],
      attributes["switchgear.trip.reason"],
    ])
  );
  const trip = ["manual", "deploy of postgres://…@db/users"];
  assert.deepEqual(told, [
    ["tripped", undefined, ...trip],
    ["open-timeout", undefined, ...trip],
    ["manual", "not yet", ...trip],
  ]);
});

Deno.test("reading creates no breaker", async () => {
  await using memory = new MemoryMetrics();
  const { provider } = await setUp(POLICY);
  await using _ = provider;
  using _telemetry = createTelemetry(provider, { meterProvider: memory.provider });
  assert.deepEqual(await collected(memory, "breaker.state"), []);
  assert.equal(provider.heldBreakers, 0);
});

Deno.test("no counter falls when an idle breaker makes room for another and is collected", async () => {
  await using memory = new MemoryMetrics();
  const { provider } = await setUp({ ...POLICY, mode: "disabled" }, { maxBreakers: 1 });
  await using _ = provider;
  using _telemetry = createTelemetry(provider, { meterProvider: memory.provider });
  provider.getBreaker("users").override("forced-open");
  await provider.getBreaker("users").do(succeed).catch(() => {});
  const ref = new WeakRef(provider.getBreaker("users"));
  const expected = "switchgear.breaker.rejections" +
    "{switchgear.breaker.name=users,switchgear.rejection.reason=forced} 1";
  assert((await memory.collect()).includes(expected));
  provider.getBreaker("users").override(null);
  provider.getBreaker("orders");
  // Collection happens when the engine sees fit: real turns of the event loop, and memory that is asked for.
  for (let i = 0; i < 200 && ref.deref() !== undefined; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    Array.from({ length: 100_000 }, () => ({}));
  }
  assert.equal(ref.deref(), undefined, "the breaker was not collected");
  assert((await memory.collect()).includes(expected));
});

Deno.test("closed breakers beyond maxBreakerNames share one series, however many come", async () => {
  await using memory = new MemoryMetrics();
  const { provider } = await setUp({ failureThreshold: 9 });
  await using _ = provider;
  const options = { meterProvider: memory.provider, maxBreakerNames: 1 };
  using _telemetry = createTelemetry(provider, options);
  for (let i = 0; i < 50; i++) await provider.getBreaker(`/users/${i}`).do(succeed);
  const lines = (await collected(memory, "breaker.calls")).filter((line) => /success/.test(line));
  assert.deepEqual(lines, [
    "{breaker.name=/users/0,call.outcome=success} 1",
    "{otel.metric.overflow=true,call.outcome=success} 49",
  ]);
});

Deno.test("what opens beyond maxBreakerNames is told by its name, and so are its durations", async () => {
  await using memory = new MemoryMetrics();
  const { provider } = await setUp({ failureThreshold: 2 });
  await using _ = provider;
  const options = { meterProvider: memory.provider, maxBreakerNames: 1 };
  using telemetry = createTelemetry(provider, options);
  await provider.getBreaker("users").do(succeed);
  await memory.collect();
  const orders = provider.getBreaker("orders");
  for (let i = 0; i < 2; i++) await orders.do(fail).catch(() => {});
  await telemetry.timed(orders, succeed)(undefined);
  const lines = await memory.collect();
  const own = "{switchgear.breaker.name=orders,switchgear.breaker.state=open} 1";
  assert(lines.includes(`switchgear.breaker.state${own}`), lines.join("\n"));
  const durations = lines.filter((line) => line.includes("call.duration"));
  assert(durations.every((line) => line.includes("name=orders")), durations.join("\n"));
});

Deno.test("with maxBreakerNames 0 no name is told", async () => {
  await using memory = new MemoryMetrics();
  const { provider } = await setUp(POLICY);
  await using _ = provider;
  const options = { meterProvider: memory.provider, maxBreakerNames: 0 };
  using _telemetry = createTelemetry(provider, options);
  await provider.getBreaker("users").do(succeed);
  assert.doesNotMatch((await memory.collect()).join("\n"), /users/);
});

Deno.test("a name of any text becomes a bounded attribute of valid Unicode, without secrets", async () => {
  await using memory = new MemoryMetrics();
  const { provider } = await setUp(POLICY);
  await using _ = provider;
  using _telemetry = createTelemetry(provider, { meterProvider: memory.provider });
  const names = {
    "": "",
    "用户服务": "用户服务",
    "lone \ud800 surrogate": "lone \ufffd surrogate",
    "https://ada:hunter2@api/users?token=abc&page=1": "https://…@api/users?token=…&page=1",
    [`long ${"x".repeat(1_000_000)}`]: `long ${"x".repeat(194)}…`,
  };
  for (const name of Object.keys(names)) provider.getBreaker(name);
  const shown = (await collected(memory, "breaker.state"))
    .filter((line) => line.includes("state=closed"))
    .map((line) => line.slice("{breaker.name=".length, line.indexOf(",breaker.state")));
  assert.deepEqual(shown, Object.values(names));
});

Deno.test("a refused document, an outage and its end show in the provider's metrics", async () => {
  await using memory = new MemoryMetrics();
  const { provider, backend, clock } = await setUp(POLICY, { random: () => 0 });
  await using _ = provider;
  using _telemetry = createTelemetry(provider, { meterProvider: memory.provider });
  backend.changes([entry("users", "no JSON", "2")]);
  backend.fail("out of reach");
  await clock.tick();
  clock.advance("3s");
  const lost = await memory.collect();
  assert(lost.includes("switchgear.policy.refused_documents{} 1"));
  assert(lost.includes("switchgear.policy.feed.state{switchgear.policy.feed.state=stale} 1"));
  assert(lost.includes("switchgear.policy.feed.staleness{} 3"));
  backend.snapshot(entry("default", POLICY, "1"));
  await clock.tick("1s");
  const back = await memory.collect();
  assert(back.includes("switchgear.policy.refused_documents{} 0"));
  assert(back.includes("switchgear.policy.feed.state{switchgear.policy.feed.state=fresh} 1"));
  assert(back.includes("switchgear.policy.feed.staleness{} 0"));
});

Deno.test("close ends the reading and the counting", async () => {
  await using memory = new MemoryMetrics();
  const { provider } = await setUp(POLICY);
  await using _ = provider;
  const telemetry = createTelemetry(provider, { meterProvider: memory.provider });
  const users = provider.getBreaker("users");
  await users.do(succeed);
  const before = await memory.collect();
  assert(before.length > 0);
  telemetry.close();
  telemetry.close();
  await users.do(telemetry.timed(users, succeed));
  await users.do(fail).catch(() => {});
  // The SDK goes on exporting what it was told last.
  assert.deepEqual(await memory.collect(), before);
});

Deno.test("providers of one process are told apart by attributes", async () => {
  await using memory = new MemoryMetrics();
  const meter = memory.provider.getMeter("mine");
  const [a, b] = [await setUp(POLICY), await setUp(POLICY)];
  await using _a = a.provider;
  await using _b = b.provider;
  using _telemetryA = createTelemetry(a.provider, { meter, attributes: { side: "a" } });
  using _telemetryB = createTelemetry(b.provider, { meter, attributes: { side: "b" } });
  assert.deepEqual(await collected(memory, "policy.refused_documents"), [
    "{side=a} 0",
    "{side=b} 0",
  ]);
});

Deno.test("the meter of the registered SDK is used where none is given", async () => {
  await using memory = new MemoryMetrics();
  metrics.setGlobalMeterProvider(memory.provider);
  try {
    const { provider } = await setUp(POLICY);
    await using _ = provider;
    using _telemetry = createTelemetry(provider);
    assert.deepEqual(await collected(memory, "policy.refused_documents"), ["{} 0"]);
  } finally {
    metrics.disable();
  }
});

Deno.test("without an SDK everything goes on and nothing is measured", async () => {
  const { provider } = await setUp(POLICY);
  await using _ = provider;
  using telemetry = createTelemetry(provider, { spanEvents: "all" });
  const users = provider.getBreaker("users");
  assert.equal(await users.do(telemetry.timed(users, succeed)), "Ada");
  await assert.rejects(users.do(fail), RangeError);
});

const EVENTS: readonly [TelemetryOptions["spanEvents"], readonly string[]][] = [
  ["none", []],
  ["state-changes", ["switchgear.breaker.state_change"]],
  ["all", ["switchgear.breaker.state_change", "switchgear.breaker.rejection"]],
];

for (const [spanEvents = "none", expected] of EVENTS) {
  Deno.test(`spanEvents "${spanEvents}" adds ${expected.length} kinds of events to the active span`, async () => {
    using tracing = new MemoryTracing();
    const { provider } = await setUp(POLICY);
    await using _ = provider;
    using _telemetry = createTelemetry(provider, { spanEvents });
    await tracing.tracer.startActiveSpan("request", async (span) => {
      await provider.getBreaker("users").do(fail).catch(() => {});
      await provider.getBreaker("users").do(succeed).catch(() => {});
      span.end();
    });
    assert.deepEqual(tracing.events, expected);
  });
}

Deno.test("a span that has ended takes no event, and none is active after it", async () => {
  using tracing = new MemoryTracing();
  const { provider } = await setUp(POLICY);
  await using _ = provider;
  using _telemetry = createTelemetry(provider);
  await tracing.tracer.startActiveSpan("request", async (span) => {
    span.end();
    await provider.getBreaker("users").do(fail).catch(() => {});
  });
  provider.getBreaker("users").reset();
  assert.deepEqual(tracing.events, []);
});

type TimedCase = readonly [what: string, operation: () => unknown, attributes: string];

const TIMED: readonly TimedCase[] = [
  ["resolves", succeed, ""],
  ["rejects", fail, "error.type=RangeError,"],
  ["throws at once", () => {
    throw new TypeError("no such user");
  }, "error.type=TypeError,"],
  ["rejects with what is no error", () => Promise.reject("down"), "error.type=_OTHER,"],
];

for (const [what, operation, attributes] of TIMED) {
  Deno.test(`timed records the duration of an operation that ${what}, and hands on how it ends`, async () => {
    await using memory = new MemoryMetrics();
    const { provider, clock } = await setUp({ failureThreshold: 9 });
    await using _ = provider;
    using telemetry = createTelemetry(provider, { meterProvider: memory.provider, clock });
    const users = provider.getBreaker("users");
    const [timed, bare] = await Promise.allSettled([
      users.do(telemetry.timed(users, () => {
        clock.advance("250ms");
        return operation();
      })),
      users.do(operation),
    ]);
    assert.deepEqual(timed, bare);
    assert.deepEqual(await collected(memory, "breaker.call.duration"), [
      `{${attributes}breaker.name=users} 1 times, 0.25`,
    ]);
  });
}

Deno.test("timed hands on the breaker's signal", async () => {
  const { provider } = await setUp(POLICY);
  await using _ = provider;
  using telemetry = createTelemetry(provider);
  const users = provider.getBreaker("users");
  const isSignal = telemetry.timed(
    users,
    (signal) => Promise.resolve(signal instanceof AbortSignal),
  );
  assert.equal(await users.do(isSignal, { timeout: "1s" }), true);
});

Deno.test("a timed failure that nobody awaits is unhandled exactly once", async () => {
  const { provider } = await setUp(POLICY);
  await using _ = provider;
  using telemetry = createTelemetry(provider);
  const users = provider.getBreaker("users");
  const unhandled = await unhandledDuring(() => {
    users.do(telemetry.timed(users, fail));
  });
  assert.equal(unhandled.length, 1);
});

const WRONG: readonly [unknown, RegExp][] = [
  [
    { maxBreakerName: 1 },
    /Cannot create telemetry: unknown option "maxBreakerName".*maxBreakerNames/,
  ],
  [{ maxBreakerNames: -1 }, /"maxBreakerNames" must be an integer from 0 to 100000, received -1/],
  [{ spanEvents: true }, /"spanEvents" must be one of none, state-changes, all, received true/],
  [{ meterProvider: {} }, /"meterProvider.getMeter" must be a function/],
  [{ meter: {} }, /"meter.addBatchObservableCallback" must be a function/],
  [{ clock: 1 }, /"clock" must be an object/],
];

for (const [options, message] of WRONG) {
  Deno.test(`createTelemetry refuses ${JSON.stringify(options)}`, async () => {
    const { provider } = await setUp(POLICY);
    await using _ = provider;
    assert.throws(() => Reflect.apply(createTelemetry, undefined, [provider, options]), {
      message,
    });
  });
}
