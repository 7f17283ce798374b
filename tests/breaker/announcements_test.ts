import assert from "node:assert/strict";
import { createBreaker, type Policy } from "../../mod.ts";
import { BreakerCore } from "../../src/breaker/core.ts";
import type { BreakerEvents } from "../../src/breaker/events/events.ts";
import { Notifier } from "../../src/breaker/events/notifier.ts";
import { BreakerHost } from "../../src/breaker/host/host.ts";
import { standalonePolicy } from "../../src/breaker/state/standalone_policy.ts";
import { FAILURE } from "../../src/breaker/window/outcome.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import { bench, fail } from "../support/breaker_bench.ts";
import { SILENT } from "../support/silent_logger.ts";

type Kind = keyof BreakerEvents;

/** A breaker's machine that tells which events it puts in line. */
class WatchedCore extends BreakerCore {
  readonly enqueued: Kind[] = [];

  protected override enqueue<K extends Kind>(type: K, event: BreakerEvents[K]): void {
    this.enqueued.push(type);
    super.enqueue(type, event);
  }
}

function watched(policy: Policy): { core: WatchedCore; host: BreakerHost } {
  const host = new BreakerHost({ clock: new ManualClock(), logger: SILENT });
  return { core: new WatchedCore("b", host, standalonePolicy(policy)), host };
}

/** What brings about one event of each kind. */
const CAUSES: Record<Kind, readonly [Policy, (core: BreakerCore) => void]> = {
  stateChange: [{ failureThreshold: 1 }, failOnce],
  reject: [{ mode: "forced-open" }, (core) => void core.admit()],
  wouldOpen: [{ mode: "metrics-only", failureThreshold: 1 }, failOnce],
  staleResult: [{}, (core) => {
    const admission = core.admit();
    core.reset();
    if (admission !== undefined) core.settle(admission, FAILURE);
  }],
  overdueProbe: [{ failureThreshold: 1, openStateTimeout: 1 }, settleOverdue],
  hold: [{}, (core) => core.hold("code", 1)],
  release: [{}, (core) => {
    core.hold("code", 1_000);
    core.release("code");
  }],
  policyChange: [{}, (core) => core.setOwn({ minimumCalls: 7 })],
};
const KINDS: readonly Kind[] = [
  "stateChange",
  "reject",
  "wouldOpen",
  "staleResult",
  "overdueProbe",
  "hold",
  "release",
  "policyChange",
];

function settleOverdue(core: BreakerCore): void {
  failOnce(core);
  const { clock } = core.host;
  assert(clock instanceof ManualClock);
  clock.advance(1);
  const probe = core.admit();
  clock.advance(1);
  if (probe !== undefined) core.settle(probe, FAILURE);
}

function failOnce(core: BreakerCore): void {
  const admission = core.admit();
  if (admission !== undefined) core.settle(admission, FAILURE);
}

for (const kind of KINDS) {
  const [policy, cause] = CAUSES[kind];

  Deno.test("R20: a stale result is announced in the state that is due by now", () => {
    const { breaker, clock } = bench({ failureThreshold: 1, openStateTimeout: "1s" });
    const stale = breaker.tryAcquire();
    fail(breaker);
    clock.advance("1s");
    const states: string[] = [];
    breaker.on("staleResult", ({ state }) => states.push(state));
    stale?.success();
    assert.deepEqual(states, ["half-open"]);
  });

  Deno.test(`${kind} is not even put in line while nobody listens`, () => {
    const { core } = watched(policy);
    cause(core);
    assert.deepEqual(core.enqueued, []);
  });

  Deno.test(`${kind} is not put in line for those who listen for something else`, () => {
    const { core, host } = watched(policy);
    for (const other of KINDS) {
      if (other === kind) continue;
      core.on(other, () => {});
      host.on(other, () => {});
    }
    cause(core);
    assert.deepEqual(core.enqueued.filter((type) => type === kind), []);
  });

  for (const whose of ["breaker", "host"] as const) {
    Deno.test(`${kind} is announced to one who listens to the ${whose}`, () => {
      const { core, host } = watched(policy);
      const heard: unknown[] = [];
      const source = whose === "breaker" ? core : host;
      source.on(kind, (event) => heard.push(event.breaker));
      cause(core);
      core.announce();
      assert.deepEqual([core.enqueued, heard], [[kind], ["b"]]);
    });
  }
}

Deno.test("announce tells whether there was anything to announce", () => {
  const { core } = watched({ mode: "forced-open" });
  assert.equal(core.announce(), false);
  core.on("reject", () => {});
  assert.equal(core.announce(), false);
  core.admit();
  assert.equal(core.announce(), true);
  assert.equal(core.announce(), false);
});

Deno.test("R15: what a listener brings about is announced after what it hears of, in the same round", () => {
  const notifier = new Notifier(new BreakerHost({}), "b");
  const rounds: boolean[] = [];
  const heard: string[] = [];
  const event = { breaker: "b", state: "closed", outcome: "success" } as const;
  notifier.on("staleResult", ({ outcome }) => {
    heard.push(outcome);
    if (heard.length === 1) notifier.enqueue("staleResult", { ...event, outcome: "failure" });
    rounds.push(notifier.flush());
  });
  notifier.enqueue("staleResult", event);
  assert.equal(notifier.flush(), true);
  assert.deepEqual([heard, rounds], [["success", "failure"], [false, false]]);
});

Deno.test("R15: a rejection that a listener to something else brings about is announced", () => {
  const { breaker } = bench({ failureThreshold: 1 });
  const heard: string[] = [];
  breaker.on("stateChange", ({ to }) => {
    heard.push(to);
    breaker.tryAcquire();
  });
  breaker.on("reject", ({ reason }) => heard.push(`refused: ${reason}`));
  fail(breaker);
  assert.deepEqual(heard, ["open", "refused: open"]);
});

Deno.test("R15: a listener that fails is reported by its event, whether it listens to one breaker or to all", () => {
  const boom = new Error("boom");
  const { host, core, logged } = reporting();
  core.on("reject", () => {
    throw boom;
  });
  host.on("reject", () => {
    throw boom;
  });
  core.admit();
  core.announce();
  const report = ['Breaker "b": a listener to "reject" failed', { breaker: "b", error: boom }];
  assert.deepEqual(logged, [report, report]);
});

function reporting(): { host: BreakerHost; core: BreakerCore; logged: unknown[] } {
  const logged: unknown[] = [];
  const ignore = (): void => {};
  const logger = {
    ...{ debug: ignore, info: ignore, warn: ignore },
    error: (...line: unknown[]): void => {
      logged.push(line);
    },
  };
  const host = new BreakerHost({ clock: new ManualClock(), logger });
  const core = new BreakerCore("b", host, standalonePolicy({ mode: "forced-open" }));
  return { host, core, logged };
}

Deno.test("R18: events and peeks leave out what is not known", () => {
  const clock = new ManualClock();
  const breaker = createBreaker("b", {}, { clock });
  const heard: unknown[] = [];
  breaker.on("reject", (event) => heard.push(event));
  breaker.on("stateChange", (event) => heard.push(event));
  breaker.override("forced-open");
  breaker.tryAcquire();
  const refused = { breaker: "b", state: "open", reason: "forced" };
  assert.deepEqual(heard, [
    { breaker: "b", from: "closed", to: "open", cause: "mode", at: 0 },
    refused,
  ]);
  assert.deepEqual(breaker.peek(), { admitted: false, ...refused });
});

Deno.test("R13: in metrics-only a fast success announces nothing, even if it completes the minimum", () => {
  const { breaker } = bench({
    mode: "metrics-only",
    failureThreshold: 0,
    failureRateThreshold: 0.5,
    minimumCalls: 2,
  });
  const heard: string[] = [];
  breaker.on("wouldOpen", ({ trip }) => heard.push(trip.criterion));
  fail(breaker);
  breaker.tryAcquire()?.success();
  assert.deepEqual(heard, []);
  fail(breaker);
  assert.deepEqual(heard, ["failureRate"]);
});
