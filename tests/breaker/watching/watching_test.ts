import assert from "node:assert/strict";
import type { Permit, StandaloneBreaker } from "../../../mod.ts";
import { coreOf } from "../../../src/breaker/breaker.ts";
import { BreakerCore } from "../../../src/breaker/core.ts";
import {
  type CallWatcher,
  type Happening,
  type Settlement,
  TICK,
} from "../../../src/breaker/events/call_watcher.ts";
import type { RejectionReason } from "../../../src/breaker/events/refusal.ts";
import { BreakerHost } from "../../../src/breaker/host/host.ts";
import { PolicyVersion } from "../../../src/breaker/state/policy_line.ts";
import { outcomeOf, SLOW } from "../../../src/breaker/window/outcome.ts";
import { ManualClock } from "../../../src/testing/mod.ts";
import { type Nanos, toMs } from "../../../src/time/timeline.ts";
import { bench, fail, succeed } from "../../support/breaker_bench.ts";

const POLICY = { failureThreshold: 2, openStateTimeout: "10s", successThreshold: 1 };

/** Writes down in words all that it is told. */
class Diary implements CallWatcher {
  readonly lines: string[] = [];
  readonly hearsAdmissions: boolean;

  constructor({ hearsAdmissions = false }: { hearsAdmissions?: boolean } = {}) {
    this.hearsAdmissions = hearsAdmissions;
  }

  admitted(at: Nanos, isProbe: boolean): void {
    this.lines.push(`${isProbe ? "probe" : "call"} at ${toMs(at)}`);
  }

  settled({ startedAt, at, bits, isStale, isProbe }: Settlement): void {
    const words = [
      ...(isStale ? ["stale"] : []),
      ...(bits > 0 && (bits & SLOW) !== 0 ? ["slow"] : []),
      outcomeOf(bits),
      ...(isProbe ? ["of a probe"] : []),
    ];
    this.lines.push(`${words.join(" ")} from ${toMs(startedAt)} to ${toMs(at)}`);
  }

  refused(reason: RejectionReason, at: Nanos): void {
    this.lines.push(`refused (${reason}) at ${toMs(at)}`);
  }

  happened(happening: Happening): void {
    const { kind } = happening;
    const what = kind === "draw"
      ? ` ${happening.draw}`
      : kind === "verdict"
      ? ` ${happening.trips}`
      : kind === "override"
      ? ` ${happening.mode}`
      : "";
    this.lines.push(`${kind}${what}${"at" in happening ? ` at ${toMs(happening.at)}` : ""}`);
  }
}

/** Lets `watcher` watch a breaker. */
function watch(breaker: StandaloneBreaker, watcher: CallWatcher): () => void {
  return coreOf(breaker).addWatcher(watcher);
}

Deno.test("who watches is told of settlements, probes, refusals, draws, verdicts, edits and commands, in order", () => {
  const { breaker, clock } = bench({ ...POLICY, slowCallThreshold: "1s" }, {
    random: () => 0.5,
    readyToTrip: () => false,
  });
  const diary = new Diary();
  watch(breaker, diary);
  const slow = breaker.tryAcquire();
  const ignored = breaker.tryAcquire();
  const stale = breaker.tryAcquire();
  clock.advance("2s");
  slow?.success();
  ignored?.ignore();
  fail(breaker, 2);
  breaker.tryAcquire();
  stale?.timeout();
  clock.advance("10s");
  const probe = breaker.tryAcquire();
  breaker.tryAcquire();
  clock.advance("1ms");
  probe?.success();
  breaker.setPolicy(POLICY);
  breaker.override("forced-open");
  breaker.override(null);
  breaker.reset();
  assert.deepEqual(diary.lines, [
    "slow success from 0 to 2000",
    "verdict false",
    "ignored from 0 to 2000",
    "failure from 2000 to 2000",
    "verdict false",
    "failure from 2000 to 2000",
    "draw 0.5",
    "refused (open) at 2000",
    "stale slow timeout from 0 to 2000",
    "look at 12000",
    "probe at 12000",
    "refused (probing) at 12000",
    "success of a probe from 12000 to 12001",
    "policy at 12001",
    "override forced-open at 12001",
    "override undefined at 12001",
    "reset at 12001",
  ]);
});

Deno.test("who asks for admissions is told of each, of a call that is no probe too", () => {
  const { breaker } = bench(POLICY);
  const diary = new Diary({ hearsAdmissions: true });
  watch(breaker, diary);
  assert.equal(breaker.doSync(() => "done"), "done");
  succeed(breaker);
  assert.deepEqual(diary.lines, Array(2).fill(["call at 0", "success from 0 to 0"]).flat());
});

Deno.test("what a watcher answers to an admission comes back to it alone, with that call's settlement", () => {
  const { breaker } = bench(POLICY);
  const seen: [string, unknown][] = [];
  const numbering = (name: string): CallWatcher => {
    let calls = 0;
    return {
      hearsAdmissions: true,
      admitted: () => `${name}${++calls}`,
      settled: ({ note }) => seen.push([name, note]),
    };
  };
  watch(breaker, { settled: ({ note }) => seen.push(["deaf", note]) });
  watch(breaker, numbering("a"));
  const first = breaker.tryAcquire();
  watch(breaker, numbering("b"));
  const second = breaker.tryAcquire();
  second?.failure();
  first?.success();
  assert.deepEqual(seen, [
    ["deaf", undefined],
    ["a", "a2"],
    ["b", "b1"],
    ["deaf", undefined],
    ["a", "a1"],
    ["b", undefined], // it did not watch when that call was admitted
  ]);
});

Deno.test("calls of one tick to which watchers answer the same share an admission, others do not", () => {
  const { breaker } = bench(POLICY);
  const core = coreOf(breaker);
  let answer: object | undefined = {};
  watch(breaker, { hearsAdmissions: true, admitted: () => answer });
  watch(breaker, { hearsAdmissions: true, countsTicks: true });
  const one = core.admit();
  assert.equal(core.admit(), one);
  answer = {};
  const other = core.admit();
  assert.notEqual(other, one);
  answer = undefined;
  assert.notEqual(core.admit(), other);
});

Deno.test("calls to which different watchers answered the same share no admission", () => {
  const { breaker } = bench(POLICY);
  const core = coreOf(breaker);
  let turn = 0;
  for (const own of [0, 1]) {
    watch(breaker, {
      hearsAdmissions: true,
      countsTicks: true,
      admitted: () => turn === own ? "mine" : undefined,
    });
  }
  const one = core.admit();
  turn = 1;
  assert.notEqual(core.admit(), one);
});

Deno.test("R15: watchers are told when the transition is complete, and before listeners are", () => {
  const { breaker } = bench(POLICY);
  const heard: string[] = [];
  breaker.on("stateChange", ({ to }) => heard.push(`listener: ${to}`));
  watch(breaker, {
    settled: () => heard.push(`settled: ${breaker.state}`),
    happened: ({ kind }) => heard.push(`${kind}: ${breaker.state}`),
  });
  fail(breaker, 2);
  assert.deepEqual(heard, ["settled: closed", "settled: open", "draw: open", "listener: open"]);
});

Deno.test("R15: what a watcher throws is reported, changes nothing, and keeps nothing from the others", () => {
  const { breaker, clock, reports } = bench(POLICY);
  const raise = (): never => {
    throw new Error("a watcher that fails");
  };
  const diary = new Diary();
  watch(breaker, {
    hearsAdmissions: true,
    admitted: raise,
    settled: raise,
    refused: raise,
    happened: raise,
  });
  watch(breaker, diary);
  fail(breaker, 2);
  assert.equal(breaker.tryAcquire(), undefined);
  clock.advance("10s");
  succeed(breaker);
  assert.equal(breaker.state, "closed");
  assert.deepEqual(diary.lines, [
    "failure from 0 to 0",
    "failure from 0 to 0",
    ...diary.lines.filter((line) => line.startsWith("draw")),
    "refused (open) at 0",
    "look at 10000",
    "probe at 10000",
    "success of a probe from 10000 to 10000",
  ]);
  assert.equal(reports.length, 2 + 2 + 1 + 1 + 1 + 1 + 1);
  assert(reports.every((report) => report === 'Breaker "b": one who watches the calls failed'));
});

Deno.test("what a watcher does to the breaker is told after what it is being told of", () => {
  const { breaker } = bench(POLICY);
  const diary = new Diary();
  let meddles = true;
  watch(breaker, {
    settled: () => {
      if (!meddles) return;
      meddles = false;
      breaker.reset();
      succeed(breaker);
    },
  });
  watch(breaker, diary);
  fail(breaker);
  succeed(breaker);
  assert.deepEqual(diary.lines, [
    "failure from 0 to 0",
    "reset at 0",
    "success from 0 to 0",
    "success from 0 to 0",
  ]);
  assert.equal(breaker.counts.consecutiveFailures, 0);
});

Deno.test("a success is told to all before what one of them brings about", () => {
  const { breaker } = bench(POLICY);
  const diary = new Diary();
  succeed(breaker);
  const end = watch(breaker, {
    settled: () => {
      end();
      breaker.reset();
    },
  });
  watch(breaker, diary);
  succeed(breaker);
  assert.deepEqual(diary.lines, ["success from 0 to 0", "reset at 0"]);
});

Deno.test("who watches for nothing is asked for nothing", () => {
  const { breaker, clock, reports } = bench({ ...POLICY, failureThreshold: 1 });
  for (const hearsAdmissions of [false, true]) {
    watch(breaker, { hearsAdmissions });
    succeed(breaker);
    fail(breaker);
    assert.equal(breaker.tryAcquire(), undefined);
    clock.advance("10s");
    succeed(breaker);
    assert.equal(breaker.state, "closed");
  }
  assert.deepEqual(reports, []);
});

Deno.test("a call begins when its entry did, also where a callback has let time pass meanwhile", () => {
  const { breaker, clock } = bench(
    { openStateTimeout: "1s", failureThreshold: 1, halfOpen: { probeTimeout: "8s" } },
    {
      random: () => {
        clock.advance("5s");
        breaker.peek();
        return 0;
      },
    },
  );
  fail(breaker);
  clock.advance("10s");
  breaker.tryAcquire();
  const diary = new Diary();
  watch(breaker, diary);
  clock.advance("10s"); // the probe is overdue, and so is the end of the opening that followed
  const from = clock.now();
  breaker.tryAcquire()?.success();
  assert.deepEqual(diary.lines.slice(-2), [
    `probe at ${from}`,
    `success of a probe from ${from} to ${from + 5_000}`,
  ]);
});

Deno.test("what listeners do to the breaker is told at once, also while they are told of something", () => {
  const { breaker } = bench(POLICY);
  const diary = new Diary({ hearsAdmissions: true });
  breaker.on("stateChange", ({ to }) => {
    if (to !== "open") return;
    breaker.reset();
    succeed(breaker);
    diary.lines.push("the listener is done");
  });
  watch(breaker, diary);
  fail(breaker, 2);
  assert.deepEqual(diary.lines.slice(-5), [
    diary.lines.at(-5),
    "reset at 0",
    "call at 0",
    "success from 0 to 0",
    "the listener is done",
  ]);
  assert.match(diary.lines.at(-5) ?? "", /^draw/);
});

Deno.test("who comes is told of nothing that was before, and who goes of nothing that is after", () => {
  const { breaker, clock } = bench(POLICY);
  const before = breaker.tryAcquire();
  fail(breaker, 2);
  clock.advance("10s"); // half-open is due, and nobody has looked
  const [early, late] = [new Diary(), new Diary()];
  const endEarly = watch(breaker, early);
  const endLate = watch(breaker, late);
  before?.success();
  endEarly();
  endEarly();
  breaker.reset();
  endLate();
  succeed(breaker);
  assert.deepEqual(early.lines, ["stale success from 0 to 10000"]);
  assert.deepEqual(late.lines, ["stale success from 0 to 10000", "reset at 10000"]);
  assert.equal(coreOf(breaker).watch, undefined);
});

/** The instants that a breaker tells of, in milliseconds since it began to be watched. */
class Instants implements CallWatcher {
  readonly ms: number[] = [];
  readonly countsTicks: boolean;
  readonly #from: Nanos;

  constructor(core: BreakerCore, countsTicks: boolean) {
    this.countsTicks = countsTicks;
    this.#from = core.look();
  }

  settled({ startedAt, at }: Settlement): void {
    this.ms.push(toMs(startedAt - this.#from), toMs(at - this.#from));
  }
}

Deno.test("while somebody counts in ticks the breaker goes by whole ticks from then on: what is told is what it saw", () => {
  const { breaker, clock } = bench({ ...POLICY, openStateTimeout: "1ms" });
  clock.advance(0.03);
  const instants = new Instants(coreOf(breaker), true);
  const end = watch(breaker, instants);
  const permit = breaker.tryAcquire();
  clock.advance(0.57);
  permit?.failure();
  fail(breaker);
  assert.deepEqual(instants.ms, [0, 0.5, 0.5, 0.5]);
  clock.advance(0.98); // 1.05 ms after the tick in which it opened, and no tick has begun since 0.98
  assert.equal(breaker.state, "half-open");
  assert.equal(toMs(TICK), 0.1);
  end();
  clock.advance(0.01);
  assert.equal(breaker.snapshot().halfOpen?.sinceMs, 0.06);
});

Deno.test("ticks begin with the first who counts them, and end with the last", () => {
  const { breaker, clock } = bench(POLICY);
  const core = coreOf(breaker);
  const exact = new Instants(core, false);
  watch(breaker, exact);
  clock.advance(0.25);
  succeed(breaker);
  const end = watch(breaker, new Instants(core, true));
  clock.advance(0.35);
  succeed(breaker);
  end();
  clock.advance(0.01);
  succeed(breaker);
  assert.deepEqual(exact.ms, [0.25, 0.25, 0.55, 0.55, 0.61, 0.61]);
});

Deno.test("R20: a missed policy that came into force within the present tick is in force from the tick's beginning", () => {
  const clock = new ManualClock();
  const host = new BreakerHost({ clock });
  const version = new PolicyVersion([POLICY], host.timeline.now());
  const core = new BreakerCore("b", host, version);
  const diary = new Diary();
  core.addWatcher(Object.assign(diary, { countsTicks: true }));
  clock.advance(0.15);
  version.next = new PolicyVersion([{ mode: "disabled" }], host.timeline.now());
  core.look();
  core.announce();
  assert.deepEqual([diary.lines, core.mode], [["policy at 0.1"], "disabled"]);
});

Deno.test("calls in flight from before are told to their end, from the tick in which they began", () => {
  const { breaker, clock } = bench(POLICY);
  const permits: (Permit | undefined)[] = [breaker.tryAcquire(), breaker.tryAcquire()];
  clock.advance(1.01);
  const diary = new Diary();
  watch(breaker, Object.assign(diary, { countsTicks: true }));
  clock.advance(0.19);
  for (const permit of permits) permit?.success();
  assert.deepEqual(diary.lines, Array(2).fill("success from -0.09 to 1.11"));
});
