import assert from "node:assert/strict";
import {
  BackendError,
  BreakerOpenError,
  createProvider,
  getDefaultConfig,
  InvalidPolicyError,
  type Provider,
  type ProviderOptions,
} from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { entry, ScriptedBackend } from "../support/scripted_backend.ts";

const CONFIG = getDefaultConfig("im-gateway", "development");

interface Made {
  readonly provider: Provider;
  readonly backend: ScriptedBackend;
  readonly clock: ManualClock;
  readonly log: KeptLog;
}

/** A provider on a manual clock whose backend holds `entries`. */
async function make(
  entries: Parameters<ScriptedBackend["snapshot"]>,
  options: Partial<ProviderOptions> = {},
): Promise<Made> {
  const backend = new ScriptedBackend();
  const clock = new ManualClock();
  const log = new KeptLog();
  backend.snapshot(...entries);
  const provider = await createProvider(CONFIG, {
    backend,
    clock,
    logger: log,
    random: () => 0,
    ...options,
  });
  return { provider, backend, clock, log };
}

/** Closes a provider whose backend never answers. */
async function close({ provider, clock }: Made): Promise<void> {
  const closed = provider.close();
  await clock.tick("1s");
  await closed;
}

Deno.test("getDefaultConfig gives the paths and defaults of each environment", () => {
  assert.deepEqual(
    [CONFIG.serviceName, CONFIG.policiesPath, CONFIG.defaultPolicy.openStateTimeout],
    ["im-gateway", "/config/dev/im-gateway/breakers/", "10s"],
  );
  const production = getDefaultConfig("im-gateway", "production");
  assert.deepEqual(
    [production.policiesPath, production.defaultPolicy.openStateTimeout],
    ["/config/prod/im-gateway/breakers/", "1m"],
  );
});

Deno.test("getDefaultConfig refuses what is no service and no environment", () => {
  for (const name of ["", "a/b", "a\nb", "\u0000"]) {
    assert.throws(() => getDefaultConfig(name, "production"), {
      name: "TypeError",
      message: /serviceName/,
    });
  }
  for (const env of ["prod", "toString", "__proto__"]) {
    // @ts-expect-error -- a caller in JavaScript can do this
    assert.throws(() => getDefaultConfig("a", env), { name: "TypeError", message: /"env"/ });
  }
});

Deno.test("policies are in force as soon as the provider is there: default, own, and inherited fields", async () => {
  const made = await make([
    entry("default", { failureThreshold: 7, timeout: "2s" }, "1"),
    entry("payments", { failureThreshold: 3 }, "1"),
    entry("users", { timeout: null }, "1"),
  ]);
  const policy = (name: string) => {
    const { failureThreshold, timeout, openStateTimeout } = made.provider.getBreaker(name).policy;
    return [failureThreshold, timeout, openStateTimeout];
  };
  assert.deepEqual(policy("payments"), [3, 2_000, 10_000]);
  assert.deepEqual(policy("users"), [7, undefined, 10_000]);
  assert.deepEqual(policy("others"), [7, 2_000, 10_000]);
  assert.deepEqual(policy("default"), [7, 2_000, 10_000]);
  await close(made);
});

Deno.test("getBreaker gives the same object for the same name, whatever the name", async () => {
  const made = await make([]);
  const names = [
    "a",
    "",
    "__proto__",
    "constructor",
    "/user.UserService/GetUser",
    "用户服务",
    "..",
  ];
  const breakers = names.map((name) => made.provider.getBreaker(name));
  assert.deepEqual(names.map((name) => made.provider.getBreaker(name)), breakers);
  assert.equal(new Set(breakers).size, names.length);
  assert.deepEqual(breakers.map(({ name }) => name), names);
  // @ts-expect-error -- a caller in JavaScript can do this
  assert.throws(() => made.provider.getBreaker(undefined), {
    name: "TypeError",
    message: /"name"/,
  });
  await close(made);
});

Deno.test("a change is obeyed with state and evidence kept, and logged once", async () => {
  const made = await make([entry("payments", { failureThreshold: 5 }, "1")]);
  const { provider, backend, clock, log } = made;
  const breaker = provider.getBreaker("payments");
  for (let i = 0; i < 3; i++) breaker.tryAcquire()?.failure();
  backend.changes([entry("payments", { failureThreshold: 4 }, "2")]);
  await clock.tick();
  assert.equal(breaker.policy.failureThreshold, 4);
  assert.equal(breaker.counts.consecutiveFailures, 3);
  breaker.tryAcquire()?.failure();
  assert.equal(breaker.state, "open");
  assert.equal(log.lines.filter((line) => /payments.json is in force/.test(line)).length, 2);
  await close(made);
});

Deno.test("a document that is gone hands its breaker back to the default", async () => {
  const made = await make([entry("payments", { failureThreshold: 3 }, "1")]);
  const { provider, backend, clock } = made;
  const breaker = provider.getBreaker("payments");
  backend.changes([], ["payments.json"]);
  await clock.tick();
  assert.equal(breaker.policy.failureThreshold, 5);
  assert.deepEqual(provider.status().documents, []);
  await close(made);
});

Deno.test("a changed default reaches every breaker when it is looked at, in order and at its instant", async () => {
  const made = await make([entry("default", { window: { kind: "count", size: 10 } }, "1")]);
  const { provider, backend, clock } = made;
  const used = provider.getBreaker("used");
  for (let i = 0; i < 8; i++) used.tryAcquire()?.success();
  backend.changes([entry("default", { window: { kind: "count", size: 3 } }, "2")]);
  await clock.tick("1s");
  backend.changes([entry("default", { window: { kind: "count", size: 50 } }, "3")]);
  await clock.tick("1s");
  assert.equal(used.counts.calls, 3, "what the second version let go stays gone");
  assert.deepEqual(used.policy.window, { kind: "count", size: 50 });
  await close(made);
});

Deno.test("R20: a breaker that missed versions of the default makes up for them each at its instant", async () => {
  const made = await make([entry("default", { failureThreshold: 1, openStateTimeout: "1m" }, "1")]);
  const { provider, backend, clock } = made;
  const breaker = provider.getBreaker("b");
  const entered: string[] = [];
  breaker.on("stateChange", ({ to, at }) => entered.push(`${to} at ${at}`));
  breaker.tryAcquire()?.failure();
  await clock.tick("10s");
  backend.changes([entry("default", { failureThreshold: 1, openStateTimeout: "5s" }, "2")]);
  await clock.tick("10s");
  backend.changes([entry("default", { failureThreshold: 1, openStateTimeout: "1h" }, "3")]);
  await clock.tick("10s");
  assert.equal(breaker.state, "half-open", "it was due when the second version came");
  assert.deepEqual(entered, ["open at 0", "half-open at 10000"]);
  await close(made);
});

Deno.test("a changed default reaches breakers that have a document of their own", async () => {
  const made = await make([entry("payments", { failureThreshold: 3 }, "1")]);
  const { provider, backend, clock } = made;
  const breaker = provider.getBreaker("payments");
  backend.changes([entry("default", { timeout: "3s", failureThreshold: 9 }, "1")]);
  await clock.tick();
  assert.deepEqual([breaker.policy.failureThreshold, breaker.policy.timeout], [3, 3_000]);
  await close(made);
});

Deno.test("changing the default under many breakers walks over none of them", async () => {
  const made = await make([]);
  const { provider, backend, clock } = made;
  const breakers = Array.from({ length: 1_000 }, (_, i) => provider.getBreaker(`b${i}`));
  let told = 0;
  provider.on("policyChange", () => told++);
  backend.changes([entry("default", { failureThreshold: 9 }, "1")]);
  await clock.tick();
  assert.equal(told, 0);
  assert(breakers.every(({ policy }) => policy.failureThreshold === 9));
  assert.equal(told, 1_000);
  await close(made);
});

Deno.test("breakers.json holds many policies, and a document of its own wins over it", async () => {
  const collection = (revision: string, policies: unknown) =>
    entry("breakers", policies, revision, { kind: "collection" });
  const made = await make([
    collection("1", {
      default: { timeout: "4s" },
      payments: { failureThreshold: 2 },
      users: { failureThreshold: 4 },
    }),
    entry("payments", { failureThreshold: 3 }, "1"),
  ]);
  const { provider, backend, clock } = made;
  const thresholds = () =>
    ["payments", "users", "other"].map((name) => provider.getBreaker(name).policy.failureThreshold);
  assert.deepEqual(thresholds(), [3, 4, 5]);
  assert.equal(provider.getBreaker("other").policy.timeout, 4_000);
  backend.changes([collection("2", { users: { failureThreshold: 6 } })], ["payments.json"]);
  await clock.tick();
  assert.deepEqual(thresholds(), [5, 6, 5]);
  assert.equal(provider.getBreaker("other").policy.timeout, undefined);
  await close(made);
});

Deno.test("layers: the lowest that speaks of a breaker decides, its collection too, and an invalid document decides nothing", async () => {
  const at = (layer: number, source: string) => ({ layer, source });
  const made = await make([
    entry("a", { failureThreshold: 1 }, "1", at(0, "env a")),
    entry("a", { failureThreshold: 2 }, "1", at(1, "file a")),
    entry("breakers", { b: { failureThreshold: 3 } }, "1", {
      kind: "collection",
      ...at(0, "env all"),
    }),
    entry("b", { failureThreshold: 4 }, "1", at(1, "file b")),
    entry("c", { failureThreshold: -1 }, "1", at(0, "env c")),
    entry("c", { failureThreshold: 6 }, "1", at(1, "file c")),
  ]);
  const { provider, backend, clock } = made;
  const thresholds = () =>
    ["a", "b", "c"].map((name) => provider.getBreaker(name).policy.failureThreshold);
  assert.deepEqual(thresholds(), [1, 3, 6]);
  backend.changes([], ["env a"]);
  await clock.tick();
  assert.deepEqual(thresholds(), [2, 3, 6]);
  await close(made);
});

Deno.test("an invalid document is refused whole, the last good one stays, and the status says so until it is mended", async () => {
  const made = await make([entry("payments", { failureThreshold: 3 }, "1")]);
  const { provider, backend, clock, log } = made;
  const breaker = provider.getBreaker("payments");
  const bad = entry("payments", { failureThreshold: 2, openStateTimeout: "soon", tiemout: 5 }, "2");
  backend.changes([bad]);
  await clock.tick();
  backend.snapshot(bad);
  await clock.tick();
  assert.equal(breaker.policy.failureThreshold, 3);
  const [document] = provider.status().documents;
  assert.deepEqual(document?.inForce, { revision: "1", from: "backend" });
  assert.equal(document?.refused?.revision, "2");
  assert.deepEqual(document?.refused?.faults.map(({ path }) => path).sort(), [
    "$.openStateTimeout",
    "$.tiemout",
  ]);
  const refusals = log.lines.filter((line) => line.startsWith("error"));
  assert.equal(refusals.length, 1, "once, not with every look");
  assert.match(
    refusals[0] ?? "",
    /payments\.json was refused, the last good one stays.*openStateTimeout/,
  );
  backend.changes([entry("payments", { failureThreshold: 2 }, "3")]);
  await clock.tick();
  assert.equal(breaker.policy.failureThreshold, 2);
  assert.equal(provider.status().documents[0]?.refused, null);
  await close(made);
});

Deno.test("what is in force is told per breaker, with its sources and its warnings", async () => {
  const made = await make([
    entry("default", {}, "7"),
    entry("payments", { slowCallRateThreshold: 0.5 }, "3"),
  ]);
  const { provider } = made;
  provider.getBreaker("payments");
  provider.getBreaker("other");
  const [payments, other] = provider.status().breakers;
  assert.deepEqual(payments?.sources, [
    { source: "payments.json", revision: "3" },
    { source: "default.json", revision: "7" },
  ]);
  assert.match(payments?.warnings.join() ?? "", /slowCallThreshold/);
  assert.deepEqual([other?.name, other?.state, other?.mode, other?.warnings], [
    "other",
    "closed",
    "normal",
    [],
  ]);
  assert.match(
    provider.status().documents.flatMap(({ warnings }) => warnings).join(),
    /slowCallThreshold/,
  );
  await close(made);
});

Deno.test("a backend that is lost leaves everything in force, is tried again with growing pauses, and is believed again", async () => {
  const made = await make([entry("payments", { failureThreshold: 3 }, "1")]);
  const { provider, backend, clock, log } = made;
  const breaker = provider.getBreaker("payments");
  backend.fail("connection refused");
  for (let i = 0; i < 8; i++) backend.fail("still down");
  await clock.tick("20s");
  const { backend: status } = provider.status();
  assert.deepEqual([status.state, status.lastError, status.unreachableForMs], [
    "stale",
    "still down",
    20_000,
  ]);
  // 100 + 200 + 400 + ... ms, at most 5 s each.
  assert.equal(status.attempts, 9);
  assert.equal(breaker.policy.failureThreshold, 3);
  assert.equal(log.lines.filter((line) => /is lost/.test(line)).length, 1, "once per outage");
  backend.snapshot(entry("payments", { failureThreshold: 4 }, "2"));
  await clock.tick("10s");
  assert.equal(provider.status().backend.state, "fresh");
  assert.equal(provider.status().backend.unreachableForMs, undefined);
  assert.equal(breaker.policy.failureThreshold, 4);
  assert.equal(log.lines.filter((line) => /follow scripted again/.test(line)).length, 1);
  await close(made);
});

Deno.test("a watch that ends without a word counts as lost", async () => {
  const made = await make([]);
  made.backend.end();
  await made.clock.tick();
  assert.equal(made.provider.status().backend.state, "stale");
  assert.match(made.provider.status().backend.lastError ?? "", /the watch ended/);
  await close(made);
});

Deno.test("a backend that does not watch is read once", async () => {
  const backend = new ScriptedBackend(false);
  backend.snapshot(entry("payments", { failureThreshold: 3 }, "1"));
  backend.end();
  const clock = new ManualClock();
  await using provider = await createProvider(CONFIG, { backend, clock, logger: new KeptLog() });
  await clock.tick("1h");
  assert.equal(backend.begun, 1);
  assert.equal(provider.status().backend.state, "fresh");
  assert.equal(provider.getBreaker("payments").policy.failureThreshold, 3);
});

for (
  const [how, prepare, tried] of [
    ["fails", (backend: ScriptedBackend) => {
      for (let i = 0; i < 20; i++) backend.fail("connection refused");
    }, /attempts, the last: connection refused/],
    ["hangs", () => {}, /no answer/i],
  ] as const
) {
  const start = () => {
    const backend = new ScriptedBackend();
    const clock = new ManualClock();
    const log = new KeptLog();
    prepare(backend);
    return { backend, clock, log, options: { backend, clock, logger: log, random: () => 0 } };
  };

  Deno.test(`a backend that ${how} at start: createProvider rejects within loadTimeout and says what was tried`, async () => {
    const { clock, options } = start();
    const created = createProvider(CONFIG, { ...options, loadTimeout: 2_000 });
    const rejected = assert.rejects(created, (error) => {
      assert(error instanceof BackendError);
      assert.equal(error.backend, "scripted");
      assert.match(
        error.message,
        /service "im-gateway".*scripted.*\/config\/dev\/im-gateway\/breakers\/.*2000 ms/,
      );
      assert.match(error.message, tried);
      return true;
    });
    await clock.tick(1_999);
    await clock.tick(1);
    await clock.tick("2s");
    await rejected;
    assert.equal(clock.pendingTimers, 0);
  });

  Deno.test(`a backend that ${how} at start, with use-defaults: starts on defaults and keeps trying`, async () => {
    const { backend, clock, log, options } = start();
    const created = createProvider(CONFIG, { ...options, onLoadFailure: "use-defaults" });
    await clock.tick("5s");
    const provider = await created;
    const breaker = provider.getBreaker("payments");
    assert.equal(breaker.policy.openStateTimeout, 10_000);
    assert.equal(provider.status().origin, "defaults");
    assert.match(log.lines.join("\n"), /starting on defaults/);
    backend.snapshot(entry("payments", { failureThreshold: 3 }, "1"));
    await clock.tick("2m");
    assert.equal(breaker.policy.failureThreshold, 3);
    assert.equal(provider.status().origin, "backend");
    await close({ provider, backend, clock, log });
  });

  Deno.test(`a backend that ${how} at start, with a last known good state: starts on that`, async () => {
    const store = new MemoryStore();
    const before = await make([entry("payments", { failureThreshold: 3 }, "1")], {
      lastKnownGood: store,
    });
    await close(before);
    const { backend, clock, log, options } = start();
    const created = createProvider(CONFIG, { ...options, lastKnownGood: store });
    await clock.tick("5s");
    const provider = await created;
    const breaker = provider.getBreaker("payments");
    assert.equal(breaker.policy.failureThreshold, 3);
    const status = provider.status();
    assert.equal(status.origin, "last-known-good");
    assert.deepEqual(status.documents[0]?.inForce, { revision: "1", from: "last-known-good" });
    backend.snapshot(entry("payments", { failureThreshold: 6 }, "2"));
    await clock.tick("2m");
    assert.equal(breaker.policy.failureThreshold, 6);
    await close({ provider, backend, clock, log });
  });
}

Deno.test("a document that is invalid at start falls back to its last known good version", async () => {
  const store = new MemoryStore();
  await close(
    await make([entry("payments", { failureThreshold: 3 }, "1")], { lastKnownGood: store }),
  );
  const made = await make([entry("payments", "{", "2")], { lastKnownGood: store });
  assert.equal(made.provider.getBreaker("payments").policy.failureThreshold, 3);
  assert.deepEqual(made.provider.status().documents[0]?.inForce, {
    revision: "1",
    from: "last-known-good",
  });
  assert.equal(made.provider.status().documents[0]?.refused?.revision, "2");
  await close(made);
});

Deno.test("a last known good document that the backend no longer has is let go", async () => {
  const store = new MemoryStore();
  await close(
    await make([entry("payments", { failureThreshold: 3 }, "1")], { lastKnownGood: store }),
  );
  const made = await make([], { lastKnownGood: store });
  assert.equal(made.provider.getBreaker("payments").policy.failureThreshold, 5);
  await close(made);
});

Deno.test("good states are saved together, the newest last, and on close at once", async () => {
  const store = new MemoryStore();
  const made = await make([entry("a", { failureThreshold: 1 }, "1")], { lastKnownGood: store });
  for (let i = 2; i < 50; i++) made.backend.changes([entry("a", { failureThreshold: i }, `${i}`)]);
  await made.clock.tick("1s");
  assert(store.saves >= 1 && store.saves <= 2, `${store.saves} saves`);
  made.backend.changes([entry("a", { failureThreshold: 99 }, "99")]);
  await made.clock.tick();
  await close(made);
  assert.match(store.text ?? "", /99/);
});

for (
  const [name, text] of [["no JSON", "{"], ["something else", "[]"], [
    "another service's",
    '{"version":1,"service":"x","documents":[]}',
  ]]
) {
  Deno.test(`a last known good state that is ${name} is reported and not used`, async () => {
    const made = await make([], { lastKnownGood: new MemoryStore(text) });
    assert.match(
      made.provider.status().lastKnownGoodError ?? "",
      /Cannot use last known good state/,
    );
    assert.equal(made.provider.status().origin, "backend");
    await close(made);
  });
}

Deno.test("a store that fails is reported and harms nothing", async () => {
  const store = new MemoryStore();
  store.failure = new Error("disk full");
  const made = await make([entry("a", { failureThreshold: 1 }, "1")], { lastKnownGood: store });
  await made.clock.tick("1s");
  assert.equal(made.provider.getBreaker("a").policy.failureThreshold, 1);
  assert.equal(made.provider.status().lastKnownGoodError, "disk full");
  await close(made);
});

Deno.test("after close the breakers go on with their last policy", async () => {
  const made = await make([entry("payments", { failureThreshold: 1 }, "1")]);
  const breaker = made.provider.getBreaker("payments");
  await close(made);
  assert.equal(made.provider.status().backend.state, "closed");
  await assert.rejects(breaker.do(() => Promise.reject(new Error("boom"))));
  await assert.rejects(breaker.do(() => "value"), BreakerOpenError);
  assert.equal(made.provider.getBreaker("new").policy.failureThreshold, 5);
  assert.equal(made.backend.ended, 1);
  assert.equal(made.clock.pendingTimers, 0);
  await made.provider.close();
});

Deno.test("close ends within a second even if the backend hangs", async () => {
  const made = await make([]);
  let closed = false;
  made.provider.close().then(() => closed = true);
  await made.clock.tick("1s");
  assert(closed);
});

Deno.test("the signal closes the provider, and before the start rejects it with its reason", async () => {
  const controller = new AbortController();
  const made = await make([], { signal: controller.signal });
  controller.abort(new Error("shutdown"));
  await made.clock.tick("1s");
  assert.equal(made.provider.status().backend.state, "closed");
  await made.provider.close();

  const clock = new ManualClock();
  const options = { backend: new ScriptedBackend(), clock, logger: new KeptLog() };
  await assert.rejects(
    createProvider(CONFIG, { ...options, signal: AbortSignal.abort(new Error("never")) }),
    /never/,
  );
  const late = new AbortController();
  const rejected = assert.rejects(
    createProvider(CONFIG, { ...options, signal: late.signal }),
    /later/,
  );
  await clock.tick();
  late.abort(new Error("later"));
  await clock.tick("2s");
  await rejected;
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("createProvider refuses bad options by name", async () => {
  const backend = new ScriptedBackend();
  const bad: [unknown, RegExp][] = [
    [{}, /"backend" must be an object, received undefined/],
    [{ backend, loadTimeout: 0 }, /"loadTimeout" must be a duration above 0 ms, received 0/],
    [{ backend, clock: {} }, /"clock.now" must be a function, received undefined/],
    [{ backend: {} }, /"backend.watch" must be a function, received undefined/],
    [{ backend, clcok: new ManualClock() }, /unknown option "clcok"; did you mean "clock"\?/],
    [{ backend, isFailure: 1 }, /"isFailure" must be a function, received 1/],
    [{ backend, maxBreakers: 1.5 }, /"maxBreakers" must be an integer of at least 1, received 1.5/],
    [
      { backend, onLoadFailure: "ignore" },
      /"onLoadFailure" must be one of reject, use-defaults, received "ignore"/,
    ],
  ];
  for (const [options, message] of bad) {
    // @ts-expect-error -- a caller in JavaScript can do this
    await assert.rejects(createProvider(CONFIG, options), message);
  }
  const config = { ...CONFIG, defaultPolicy: { failureThreshold: -1 } };
  await assert.rejects(createProvider(config, { backend }), InvalidPolicyError);
});

Deno.test("state changes of every breaker are logged with the service's name and heard by the provider's listeners", async () => {
  const made = await make([entry("payments", { failureThreshold: 1 }, "1")]);
  const { provider, clock, log } = made;
  const heard: string[] = [];
  provider.on("stateChange", ({ breaker, to }) => heard.push(`${breaker} ${to}`));
  provider.getBreaker("payments").tryAcquire()?.failure();
  await clock.tick("10s");
  assert.equal(provider.getBreaker("payments").state, "half-open");
  assert.deepEqual(heard, ["payments open", "payments half-open"]);
  assert.match(
    log.lines.join("\n"),
    /warn: Breaker "payments" is open: failureThreshold 1 reached 1\n.*info: Breaker "payments" is half-open: open-timeout/,
  );
  assert(log.fields.every((fields) => fields?.["service"] === "im-gateway"));
  await close(made);
});

Deno.test("what would have opened is logged too", async () => {
  const made = await make([entry("payments", { failureThreshold: 1, mode: "metrics-only" }, "1")]);
  made.provider.getBreaker("payments").tryAcquire()?.failure();
  assert.match(
    made.log.lines.join("\n"),
    /"payments" would have opened: failureThreshold 1 reached 1/,
  );
  await close(made);
});

Deno.test("a state that is incomplete adds and changes, deletes nothing, and is said loudly", async () => {
  const made = await make([
    entry("payments", { failureThreshold: 3 }, "1"),
    entry("users", { failureThreshold: 4 }, "1"),
  ]);
  const { provider, backend, clock, log } = made;
  const entries = [entry("users", { failureThreshold: 6 }, "2")];
  const incomplete = "another cluster answers";
  backend.send({ kind: "snapshot", snapshot: { entries, revision: "2", incomplete } });
  await clock.tick();
  const thresholds = ["payments", "users"].map((name) =>
    provider.getBreaker(name).policy.failureThreshold
  );
  assert.deepEqual(thresholds, [3, 6]);
  assert.deepEqual(provider.status().backend.notes, ["another cluster answers"]);
  assert.match(
    log.lines.join("\n"),
    /error: Policies that are missing are kept: another cluster answers/,
  );
  await close(made);
});

Deno.test("a last known good store that hangs does not hold up a start whose policies are there", async () => {
  const backend = new ScriptedBackend();
  const clock = new ManualClock();
  backend.snapshot(entry("payments", { failureThreshold: 3 }, "1"));
  const lastKnownGood = { load: () => new Promise<never>(() => {}), save: () => Promise.resolve() };
  const created = createProvider(CONFIG, { backend, clock, logger: new KeptLog(), lastKnownGood });
  await clock.tick("1s");
  const provider = await created;
  assert.equal(provider.getBreaker("payments").policy.failureThreshold, 3);
  await close({ provider, backend, clock, log: new KeptLog() });
});

Deno.test("a backend that answers later than loadTimeout is still read in the end", async () => {
  const backend = new ScriptedBackend();
  const clock = new ManualClock();
  const log = new KeptLog();
  const options = { backend, clock, logger: log, loadTimeout: "200ms" } as const;
  const created = createProvider(CONFIG, { ...options, onLoadFailure: "use-defaults" });
  await clock.tick("200ms");
  const provider = await created;
  assert.equal(provider.status().backend.unreachableForMs, 200);
  await clock.tick("3s");
  backend.snapshot(entry("payments", { failureThreshold: 3 }, "1"));
  await clock.tick();
  assert.equal(provider.getBreaker("payments").policy.failureThreshold, 3);
  assert.equal(provider.status().backend.attempts, 1);
  await close({ provider, backend, clock, log });
});

Deno.test("the error of a failed load tells of the last known good state too", async () => {
  const backend = new ScriptedBackend();
  const clock = new ManualClock();
  const lastKnownGood = new MemoryStore("{");
  const created = createProvider(CONFIG, { backend, clock, logger: new KeptLog(), lastKnownGood });
  const rejected = assert.rejects(
    created,
    /1 attempt, no answer; the last known good state: Cannot use/,
  );
  await clock.tick("5s");
  await clock.tick("2s");
  await rejected;
});

Deno.test("R22: status tells how long a breaker is still held, in every mode, and nothing once that is over", async () => {
  const made = await make([]);
  const { provider, clock } = made;
  const users = provider.getBreaker("users");
  users.hold("10s");
  const held = () => provider.status().breakers.map(({ heldForMs }) => heldForMs);
  await clock.tick("4s");
  assert.deepEqual(held(), [6_000]);
  users.override("metrics-only");
  assert.deepEqual(held(), [6_000]);
  await clock.tick("6s");
  assert.deepEqual(held(), [undefined]);
  await close(made);
});

Deno.test("status tells what is open, since when, why, and which document was refused", async () => {
  const made = await make([
    entry("payments", { failureThreshold: 1 }, "1"),
    entry("bad", "{", "1"),
  ]);
  const { provider, clock } = made;
  provider.getBreaker("payments").tryAcquire()?.failure();
  provider.getBreaker("bad");
  await clock.tick("4s");
  const [payments, bad] = provider.status().breakers;
  assert.deepEqual([payments?.state, payments?.sinceMs, payments?.retryAfterMs], [
    "open",
    4_000,
    6_000,
  ]);
  assert.deepEqual([payments?.trip?.criterion, payments?.trip?.msAgo], ["failureThreshold", 4_000]);
  assert.equal(provider.getBreaker("payments").trip?.criterion, "failureThreshold");
  assert.equal(payments?.refused, undefined);
  assert.deepEqual([bad?.refused, bad?.sources], ["bad.json", []]);
  await close(made);
});

Deno.test("a provider's breaker goes on from a snapshot, under its policy of now", async () => {
  const first = await make([
    entry("payments", { failureThreshold: 1, openStateTimeout: "1m" }, "1"),
  ]);
  first.provider.getBreaker("payments").tryAcquire()?.failure();
  const saved = JSON.stringify(first.provider.getBreaker("payments").snapshot());
  await close(first);
  const second = await make([
    entry("payments", { failureThreshold: 1, openStateTimeout: "1m" }, "1"),
  ]);
  const breaker = second.provider.restore(JSON.parse(saved));
  assert.equal(breaker, second.provider.getBreaker("payments"));
  assert.equal(breaker.state, "open");
  assert.throws(
    () => second.provider.restore(JSON.parse(saved)),
    /"payments": it is in use already/,
  );
  await close(second);
});
