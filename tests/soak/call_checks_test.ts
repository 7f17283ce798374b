/** Each check of calls is fed with what violates it, and must say so. */
import assert from "node:assert/strict";
import { BreakerTimeoutError, createBreaker, type Outcome } from "../../mod.ts";
import { BreakerAccount, NOTHING_COUNTED } from "./breaker_account.ts";
import { CallLedger } from "./call_ledger.ts";
import { type EndedCall, judge, type Judgement } from "./judged_call.ts";
import { type Settlement, settlementFault } from "./settlement.ts";

function ledger(): { calls: CallLedger; seen: string[]; advance: (ms: number) => void } {
  const seen: string[] = [];
  let now = 0;
  const calls = new CallLedger((each) => seen.push(each), () => now);
  return { calls, seen, advance: (ms) => now += ms };
}

Deno.test("ledger: a call that settles once and in time is nothing to report", () => {
  const { calls, seen, advance } = ledger();
  const entry = calls.begin("call", { limitMs: 100, resources: 3 });
  assert.deepEqual([calls.made, calls.outstanding, calls.resources], [1, 1, 3]);
  advance(120);
  calls.reportOverdue(20);
  calls.settle(entry);
  assert.deepEqual([calls.made, calls.outstanding, calls.resources], [1, 0, 0]);
  assert.deepEqual(seen, []);
});

Deno.test("ledger: a call that settles twice is reported", () => {
  const { calls, seen } = ledger();
  const entry = calls.begin("call", { limitMs: 100 });
  calls.settle(entry);
  calls.settle(entry);
  assert.deepEqual(seen, ["call 1 (call) settled again"]);
  assert.equal(calls.resources, 0);
});

Deno.test("ledger: a call past its limit and the slack is reported once", () => {
  const { calls, seen, advance } = ledger();
  const entry = calls.begin("call", { limitMs: 100 });
  advance(121);
  calls.reportOverdue(20);
  calls.reportOverdue(20);
  calls.settle(entry);
  assert.deepEqual(seen, ["call 1 (call) is not settled 21 ms after its limit"]);
});

const LIFETIME = {
  ...NOTHING_COUNTED,
  successes: 2,
  failures: 3,
  timeouts: 1,
  ignored: 1,
  stale: 1,
  rejected: { open: 2, held: 0, probing: 1, ramping: 0, forced: 0 },
};

/** What callers saw where the breaker counted {@linkcode LIFETIME}. */
function account(settled: readonly Outcome[]): BreakerAccount {
  const kept = new BreakerAccount();
  for (const outcome of settled) kept.settled(outcome);
  kept.announcedStale("failure");
  for (const reason of ["open", "open", "probing"] as const) {
    kept.announcedRefusal(reason);
    kept.refused();
  }
  return kept;
}

const SETTLED: readonly Outcome[] = [
  ...["success", "success", "failure", "failure", "failure", "timeout", "ignored"] as const,
];

Deno.test("account: what agrees is nothing to report", () => {
  assert.deepEqual(account(SETTLED).differences(LIFETIME, false), []);
});

Deno.test("account: what a restored breaker had counted before is left aside", () => {
  assert.deepEqual(new BreakerAccount(LIFETIME).differences(LIFETIME, false), []);
});

for (
  const [what, lifetime, found] of [
    ["a success counted twice", { ...LIFETIME, successes: 3 }, /^success: .* 3, callers saw 2$/],
    ["a call not counted", { ...LIFETIME, ignored: 0 }, /^ignored: .* 0, callers saw 1$/],
    ["a failure for a timeout", { ...LIFETIME, timeouts: 0 }, /^failure: .*;timeout: /],
    ["a stale result not counted", { ...LIFETIME, stale: 0 }, /^stale: .* 0, callers saw 1$/],
    [
      "a refusal counted twice",
      { ...LIFETIME, rejected: { ...LIFETIME.rejected, open: 3 } },
      /^rejected \(open\): .* 3, callers saw 2;rejected: .* 4, callers saw 3$/,
    ],
    [
      "a refusal counted for another reason",
      { ...LIFETIME, rejected: { ...LIFETIME.rejected, open: 1, ramping: 1 } },
      /^rejected \(open\): .*;rejected \(ramping\): /,
    ],
  ] as const
) {
  Deno.test(`account: ${what} is reported`, () => {
    assert.match(account(SETTLED).differences(lifetime, false).join(";"), found);
  });
}

Deno.test("account: a call that outlived its state and was not stale is reported", () => {
  const kept = account(SETTLED);
  kept.outlived("failure");
  assert.deepEqual(kept.differences(LIFETIME, false), []);
  kept.outlived("success");
  assert.deepEqual(kept.differences(LIFETIME, false), [
    "success: 1 are stale at least, 0 were announced",
  ]);
});

Deno.test("account: a breaker that was disabled may have counted less, never more", () => {
  const kept = account(SETTLED);
  assert.deepEqual(kept.differences({ ...LIFETIME, successes: 1 }, true), []);
  assert.match(kept.differences({ ...LIFETIME, successes: 3 }, true).join(), /^success: /);
});

const refusal = await createBreaker("b", { mode: "forced-open" }).do(() => "")
  .catch((error: unknown) => error);
const aborted = AbortSignal.abort("reason");

for (
  const [what, call, judgement] of [
    ["a value", { ending: { kind: "value", value: 1 } }, "success"],
    ["an error", { ending: { kind: "error", error: 1 } }, "failure"],
    ["a refusal", { runs: 0, ending: { kind: "error", error: refusal } }, "refused"],
    ["nothing begun", { runs: 0, ending: { kind: "error", error: 1 } }, "not begun"],
    [
      "the breaker's own time limit",
      { ending: { kind: "error", error: new BreakerTimeoutError("b", 5) } },
      "timeout",
    ],
    [
      "the signal's reason",
      { ending: { kind: "error", error: "reason" }, options: { signal: aborted } },
      "ignored",
    ],
    [
      "an error that is ignored",
      { ending: { kind: "error", error: 1 }, options: { isIgnored: () => true } },
      "ignored",
    ],
    [
      "an error that is no failure",
      { ending: { kind: "error", error: 1 }, options: { isFailure: () => false } },
      "success",
    ],
    [
      "a value that is a failure",
      { ending: { kind: "value", value: 1 }, options: { isResultFailure: () => true } },
      "failure",
    ],
    [
      "a predicate that throws",
      {
        ending: { kind: "error", error: 1 },
        options: {
          isFailure: () => {
            throw new Error("no answer");
          },
        },
      },
      "failure",
    ],
  ] as readonly (readonly [string, Partial<EndedCall>, Judgement])[]
) {
  Deno.test(`judge: ${what} is ${judgement}`, () => {
    const ending = { kind: "value", value: 1 } as const;
    assert.equal(judge({ breaker: "b", runs: 1, ending, options: {}, ...call }), judgement);
  });
}

const FINE: Settlement = {
  breaker: "b",
  ending: { kind: "value", value: "value" },
  runs: 1,
  value: "value",
  failure: "failure",
  isLimited: false,
};
const WITHDRAWN = { reason: "reason", decides: "yes", isBefore: false } as const;
const timeLimit = { kind: "error", error: new BreakerTimeoutError("b", 5) } as const;

for (
  const [what, settlement] of [
    ["the operation's value", FINE],
    ["the operation's error", { ...FINE, ending: { kind: "error", error: "failure" } }],
    ["a refusal", { ...FINE, runs: 0, ending: { kind: "error", error: refusal } }],
    ["the time limit", { ...FINE, isLimited: true, ending: timeLimit }],
    ["the fallback's answer", { ...FINE, fallback: 1, ending: { kind: "value", value: 1 } }],
    [
      "the signal's reason",
      { ...FINE, abort: WITHDRAWN, ending: { kind: "error", error: "reason" } },
    ],
    ["the value from before the abort", { ...FINE, abort: { ...WITHDRAWN, decides: "no" } }],
  ] as readonly (readonly [string, Settlement])[]
) {
  Deno.test(`settlement: ${what} is right`, () => {
    assert.equal(settlementFault(settlement), undefined);
  });
}

for (
  const [what, settlement, fault] of [
    ["another value", { ...FINE, value: "mine" }, /got the value value/],
    ["a value of nothing that ran", { ...FINE, runs: 0 }, /got the value/],
    ["another error", { ...FINE, ending: { kind: "error", error: 7 } }, /got the error 7/],
    [
      "a time limit that nobody set",
      { ...FINE, ending: timeLimit },
      /got the error BreakerTimeout/,
    ],
    ["a value after an abort", { ...FINE, abort: WITHDRAWN }, /instead of the signal's reason/],
    [
      "the reason once the operation had settled",
      {
        ...FINE,
        abort: { ...WITHDRAWN, decides: "no" },
        ending: { kind: "error", error: "reason" },
      },
      /when the operation had settled/,
    ],
    [
      "an operation that ran after an abort",
      {
        ...FINE,
        abort: { ...WITHDRAWN, isBefore: true },
        ending: { kind: "error", error: "reason" },
      },
      /aborted before, and the operation ran/,
    ],
  ] as readonly (readonly [string, Settlement, RegExp])[]
) {
  Deno.test(`settlement: ${what} is reported`, () => {
    assert.match(settlementFault(settlement) ?? "nothing", fault);
  });
}
