/** The check of calls through patterns is fed with what violates it, and must say so. */
import assert from "node:assert/strict";
import { BulkheadFullError } from "../../mod.ts";
import type { Ending } from "./judged_call.ts";
import { OperationFailure } from "./local_operation.ts";
import { PatternCall, type PatternPlan } from "./pattern_call.ts";
import { until } from "./real_timers.ts";

const PLAN: PatternPlan = {
  operation: { kind: "answers", ms: 0, fails: false },
  abortMs: undefined,
  variant: 0,
};
const FULL = new BulkheadFullError({ bulkhead: "b", reason: "full", active: 1, queued: 0 });

function call(plan: PatternPlan = PLAN): { subject: PatternCall; seen: string[] } {
  const seen: string[] = [];
  return { subject: new PatternCall(7, plan, (each) => seen.push(each)), seen };
}

for (
  const [what, ending, kind, fault] of [
    ["the operation's value", { kind: "value", value: "value of call 7" }, "answered", undefined],
    ["another call's value", { kind: "value", value: "value of call 8" }, "answered", /call 8/],
    ["a failure", { kind: "error", error: new OperationFailure(7) }, "failed", undefined],
    ["a refusal", { kind: "error", error: FULL }, "BULKHEAD_FULL full", undefined],
    ["an error of nobody's", { kind: "error", error: "what?" }, "failed", /got what\?/],
  ] as readonly (readonly [string, Ending, string, RegExp | undefined])[]
) {
  Deno.test(`pattern call: ${what} is ${fault === undefined ? "right" : "reported"}`, () => {
    const { subject, seen } = call();
    assert.equal(subject.end(ending, { isAnswer: subject.isOwn }), kind);
    if (fault === undefined) assert.deepEqual(seen, []);
    else assert.match(seen.join(), fault);
  });
}

async function aborted(): Promise<ReturnType<typeof call>> {
  const begun = call({ ...PLAN, abortMs: 0 });
  assert(await until(() => begun.subject.signal?.aborted ?? false, 1_000));
  return begun;
}

Deno.test("pattern call: the signal's reason after an abort is right", async () => {
  const { subject, seen } = await aborted();
  const error: unknown = subject.signal?.reason;
  assert.equal(subject.end({ kind: "error", error }, { isAnswer: subject.isOwn }), "aborted");
  assert.deepEqual(seen, []);
});

Deno.test("pattern call: a value after an abort is reported, unless the pattern leaves aborts to the operation", async () => {
  const { subject, seen } = await aborted();
  subject.end({ kind: "value", value: "value of call 7" }, { isAnswer: subject.isOwn });
  assert.match(seen.join(), /aborted, and the caller got value of call 7/);
  const left = await aborted();
  await left.subject.sharedOperation()(undefined);
  const options = { isAnswer: left.subject.isOwn, leavesAborts: true };
  assert.equal(left.subject.end({ kind: "value", value: "value of call 7" }, options), "answered");
  assert.deepEqual(left.seen, []);
});

Deno.test("pattern call: an operation that starts after the abort is reported", async () => {
  const { subject, seen } = await aborted();
  await subject.operation()(subject.signal);
  assert.deepEqual(seen, ["an operation was started after the abort"]);
});

Deno.test("pattern call: the start and the end of each attempt are told", async () => {
  const { subject } = call();
  const told: string[] = [];
  const operation = subject.operation(() => {
    told.push("start");
    return () => told.push("end");
  });
  await operation(undefined);
  assert.deepEqual(told, ["start", "end"]);
  assert.equal(subject.runs, 1);
});
