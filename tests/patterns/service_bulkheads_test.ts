import assert from "node:assert/strict";
import { inspect } from "node:util";
import { BulkheadFullError } from "../../src/patterns/bulkhead/bulkhead_full_error.ts";
import { createServiceBulkheads } from "../../src/patterns/bulkhead/service_bulkheads.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { KeptLog } from "../support/kept_log.ts";
import { testOptionFaults } from "./option_faults.ts";

const DEFAULTS = { maxConcurrent: 10, maxQueued: 5, maxWait: "1s" };

Deno.test("a service has one bulkhead, and another service another", () => {
  const bulkheads = createServiceBulkheads({ defaults: DEFAULTS });
  assert.equal(bulkheads.get("users"), bulkheads.get("users"));
  assert.notEqual(bulkheads.get("users"), bulkheads.get("orders"));
  assert.deepEqual([bulkheads.get("users").name, bulkheads.size], ["users", 2]);
});

Deno.test("a service's own limits win, what they leave out is the default, `null` is no limit", () => {
  const bulkheads = createServiceBulkheads({
    defaults: DEFAULTS,
    services: { reports: { maxConcurrent: 2 }, batch: { maxWait: null } },
  });
  assert.deepEqual(
    ["users", "reports", "batch"].map((name) => bulkheads.get(name).limits),
    [
      { maxConcurrent: 10, maxQueued: 5, maxWaitMs: 1_000 },
      { maxConcurrent: 2, maxQueued: 5, maxWaitMs: 1_000 },
      { maxConcurrent: 10, maxQueued: 5, maxWaitMs: Infinity },
    ],
  );
});

for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", ""]) {
  Deno.test(`${inspect(name)} is a name as any other`, () => {
    const bulkheads = createServiceBulkheads({
      defaults: DEFAULTS,
      services: JSON.parse(`{${JSON.stringify(name)}: {"maxConcurrent": 2}}`),
    });
    assert.equal(bulkheads.get(name).limits.maxConcurrent, 2);
    const others = createServiceBulkheads({ defaults: DEFAULTS });
    assert.equal(others.get(name).limits.maxConcurrent, 10);
    assert.equal(others.get(name), others.get(name));
  });
}

Deno.test("what holds up one service leaves the slots of another alone", async () => {
  const bulkheads = createServiceBulkheads({ defaults: { maxConcurrent: 1 } });
  using _slot = bulkheads.get("hung").tryAcquire();
  assert.equal(await bulkheads.get("well").do(() => "done"), "done");
  await assert.rejects(bulkheads.get("hung").do(() => "done"), BulkheadFullError);
});

Deno.test("a service's limits change live, in the bulkhead that callers hold", () => {
  const bulkheads = createServiceBulkheads({ defaults: DEFAULTS });
  const users = bulkheads.get("users");
  bulkheads.setService("users", { maxConcurrent: 2 });
  assert.deepEqual(users.limits, { maxConcurrent: 2, maxQueued: 5, maxWaitMs: 1_000 });
  bulkheads.setService("users", { maxQueued: 0 });
  assert.deepEqual(users.limits, { maxConcurrent: 10, maxQueued: 0, maxWaitMs: 1_000 });
  bulkheads.setService("users", null);
  assert.deepEqual(users.limits, { maxConcurrent: 10, maxQueued: 5, maxWaitMs: 1_000 });
});

Deno.test("limits set before a service's first call hold from it on", () => {
  const bulkheads = createServiceBulkheads({ defaults: DEFAULTS });
  bulkheads.setService("users", { maxConcurrent: 2 });
  assert.equal(bulkheads.size, 0);
  assert.equal(bulkheads.get("users").limits.maxConcurrent, 2);
});

Deno.test("other defaults hold at once, but not over a service's own limits", () => {
  const bulkheads = createServiceBulkheads({
    defaults: DEFAULTS,
    services: { reports: { maxConcurrent: 2 } },
  });
  const [users, reports] = [bulkheads.get("users"), bulkheads.get("reports")];
  bulkheads.setDefaults({ maxConcurrent: 4 });
  assert.deepEqual(
    [users, reports, bulkheads.get("orders")].map(({ limits }) => limits),
    [4, 2, 4].map((maxConcurrent) => ({ maxConcurrent, maxQueued: 0, maxWaitMs: Infinity })),
  );
});

Deno.test("settings that the caller changes afterwards change nothing", () => {
  const defaults = { ...DEFAULTS };
  const reports = { maxConcurrent: 2 };
  const bulkheads = createServiceBulkheads({ defaults, services: { reports } });
  defaults.maxConcurrent = 99;
  reports.maxConcurrent = 99;
  assert.equal(bulkheads.get("users").limits.maxConcurrent, 10);
  assert.equal(bulkheads.get("reports").limits.maxConcurrent, 2);
});

const WRONG_CHANGES: Record<
  string,
  (bulkheads: ReturnType<typeof createServiceBulkheads>) => void
> = {
  "a service's limit": (bulkheads) => bulkheads.setService("users", { maxConcurrent: 0 }),
  "a default": (bulkheads) => bulkheads.setDefaults({ maxConcurrent: -1 }),
};

for (const [what, change] of Object.entries(WRONG_CHANGES)) {
  Deno.test(`${what} that is wrong is refused and changes nothing`, () => {
    const bulkheads = createServiceBulkheads({ defaults: DEFAULTS });
    const users = bulkheads.get("users");
    assert.throws(() => change(bulkheads), /"maxConcurrent" must be an integer of at least 1/);
    assert.deepEqual([users.limits, bulkheads.get("orders").limits], [users.limits, users.limits]);
    assert.equal(users.limits.maxConcurrent, 10);
  });
}

testOptionFaults(createServiceBulkheads, [
  { options: undefined, error: TypeError, message: /options must be an object/ },
  { options: {}, error: TypeError, message: /defaults.*options must be an object/ },
  { options: { defaults: {} }, error: TypeError, message: /"maxConcurrent"/ },
  { options: { defaults: { max: 1 } }, error: TypeError, message: /unknown option "max"/ },
  { options: { defaults: DEFAULTS, services: [] }, error: TypeError, message: /"services"/ },
  {
    options: { defaults: DEFAULTS, services: { a: 1 } },
    error: TypeError,
    message: /bulkhead "a": options must be an object/,
  },
  {
    options: { defaults: DEFAULTS, services: { a: { maxQueued: NaN } } },
    error: RangeError,
    message: /bulkhead "a": "maxQueued"/,
  },
  { options: { defaults: DEFAULTS, maxServices: 0 }, error: RangeError, message: /"maxServices"/ },
  { options: { defaults: DEFAULTS, service: {} }, error: TypeError, message: /"services"\?/ },
]);

Deno.test("a name that is no text is refused", () => {
  const bulkheads = createServiceBulkheads({ defaults: DEFAULTS });
  assert.throws(() => Reflect.apply(bulkheads.get, bulkheads, [1]), /"name" must be a text/);
});

Deno.test("refusals of every bulkhead are announced, of those to come as well", async () => {
  const log = new KeptLog();
  const bulkheads = createServiceBulkheads({ defaults: { maxConcurrent: 1 }, logger: log });
  const heard: string[] = [];
  const stop = bulkheads.on("reject", ({ bulkhead, reason }) => {
    heard.push(`${bulkhead}: ${reason}`);
    throw new Error("the listener failed");
  });
  for (const name of ["users", "orders"]) {
    using _slot = bulkheads.get(name).tryAcquire();
    await assert.rejects(bulkheads.get(name).do(() => "done"), BulkheadFullError);
    if (name === "orders") stop();
  }
  assert.deepEqual(heard, ["users: full", "orders: full"]);
  assert.equal(log.lines.length, 2);
});

Deno.test("the clock of all is the one that was given", async () => {
  const clock = new ManualClock();
  const defaults = { maxConcurrent: 1, maxQueued: 1, maxWait: "1s" };
  const users = createServiceBulkheads({ defaults, clock }).get("users");
  using _slot = users.tryAcquire();
  const call = users.do(() => "done");
  clock.advance("1s");
  await assert.rejects(call, BulkheadFullError);
});

Deno.test("idle bulkheads make room: 1,000 names with room for 10 keep 10", () => {
  const bulkheads = createServiceBulkheads({ defaults: DEFAULTS, maxServices: 10 });
  for (let i = 0; i < 1_000; i++) bulkheads.get(`service ${i}`);
  assert.equal(bulkheads.size, 10);
});

Deno.test("a bulkhead that lost its place is found again while somebody holds it", () => {
  const bulkheads = createServiceBulkheads({ defaults: DEFAULTS, maxServices: 1 });
  const users = bulkheads.get("users");
  const orders = bulkheads.get("orders");
  assert.deepEqual([bulkheads.get("users") === users, bulkheads.get("orders") === orders], [
    true,
    true,
  ]);
  assert.equal(bulkheads.size, 1);
});

Deno.test("a change reaches bulkheads that lost their place", () => {
  const bulkheads = createServiceBulkheads({ defaults: DEFAULTS, maxServices: 1 });
  const held = ["users", "orders", "reports"].map((name) => bulkheads.get(name));
  bulkheads.setService("users", { maxConcurrent: 3 });
  bulkheads.setDefaults({ maxConcurrent: 7 });
  assert.deepEqual(held.map(({ limits }) => limits.maxConcurrent), [3, 7, 7]);
  assert.deepEqual([...bulkheads].map(({ name }) => name).sort(), ["orders", "reports", "users"]);
});

Deno.test("a bulkhead in use or listened to keeps its place", () => {
  const bulkheads = createServiceBulkheads({ defaults: DEFAULTS, maxServices: 2 });
  using _slot = bulkheads.get("busy").tryAcquire();
  bulkheads.get("heard").on("reject", () => {});
  for (let i = 0; i < 10; i++) bulkheads.get(`service ${i}`);
  const names = [...bulkheads].slice(0, 2).map(({ name }) => name);
  // The newest one has a place of its own, until the next one comes.
  assert.deepEqual([names, bulkheads.size], [["busy", "heard"], 3]);
});
