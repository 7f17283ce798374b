import assert from "node:assert/strict";
import { differenceOf } from "./differential.ts";
import { hasSignal } from "./differential_call.ts";
import { makeHistory } from "./differential_history.ts";
import type { Move, Way } from "./differential_move.ts";
import { Pair } from "./differential_run.ts";
import type { Observation } from "./observation.ts";

const SEEDS = 7000;

Deno.test("R1 to R24: production does what the reference model does, whatever happens", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const difference = await differenceOf(seed);
    if (difference !== undefined) assert.fail(`seed ${seed}\n${difference}`);
  }
});

Deno.test("the made-up histories reach every state, refusal, criterion and way between states", async () => {
  const reached = new Set<string>();
  for (let seed = 1; seed <= 200; seed++) {
    const { history: { way, policy, moves } } = await makeHistory(seed);
    const pair = new Pair(way, policy);
    for (const move of moves) {
      const before = pair.model.observe();
      noteMove(pair, { way, move }, reached);
      await pair.take(move);
      noteState(pair, reached);
      const failed = move.kind === "settle" && move.as === "failure";
      if (failed && broke(before, pair.model.observe())) reached.add("gap");
    }
    reached.add(way);
  }
  const wanted = [
    ...["look", "begin", "settle", "advance", "policy", "mode", "reset", "restore", "random"],
    ...["permits", "missed versions", "do", "timeout by a reason"],
    ...["open", "probing", "ramping", "forced", "held", "held and admitting"],
    ...["failureThreshold", "failureCount", "failureRate", "slowCallRate", "timeoutRate"],
    ...["closed to open", "open to half-open", "half-open to open", "half-open to closed"],
    ...["hold", "release", "several owners", "asking failure", "asked time in force"],
    ...["trip", "manual", "trip while closed", "trip while open", "trip while half-open"],
    ...["trip in disabled", "trip in forced-open", "trip in metrics-only"],
    ...["old snapshot", "old snapshot while open", "old snapshot while half-open"],
    ...["snapshot of a later clock", "overdue probe", "taught", "gap"],
  ];
  assert.deepEqual(wanted.filter((each) => !reached.has(each)), []);
});

/** Adds in words what is about to happen. */
function noteMove(
  { model, subject }: Pair,
  { way, move }: { readonly way: Way; readonly move: Move },
  reached: Set<string>,
): void {
  reached.add(move.kind);
  const { state } = model.observe();
  if (move.kind === "trip") {
    const { mode } = subject.breaker;
    reached.add(mode === "normal" ? `trip while ${state}` : `trip in ${mode}`);
  } else if (move.kind === "restore" && move.ageMs !== undefined) {
    reached.add(move.ageMs < 0 ? "snapshot of a later clock" : "old snapshot");
    if (move.ageMs > 0) reached.add(`old snapshot while ${state}`);
  } else if (move.kind === "settle") {
    if (move.holdAfterMs !== undefined) reached.add("asking failure");
    const isAborted = way === "do" && hasSignal(move.id);
    if (isAborted && move.as === "timeout") reached.add("timeout by a reason");
  }
}

/** Adds in words where the model stands. */
function noteState({ model }: Pair, reached: Set<string>): void {
  const { reason, trippedBy, transitions, overdueProbes, held } = model.observe();
  for (const criterion of trippedBy) reached.add(criterion);
  if (reason !== null) reached.add(reason);
  if (reason === null && held !== null) reached.add("held and admitting");
  reached.add(transitions.slice(-2).join(" to "));
  if (overdueProbes > 0) reached.add("overdue probe");
  const { holds, probeTimes, phase, nowMs } = model.remember();
  if (probeTimes.longestMs > 0) reached.add("taught");
  if ([...holds.ends.values()].filter((endMs) => endMs > nowMs).length > 1) {
    reached.add("several owners");
  }
  if (phase.kind !== "closed" && holds.askedUntilMs > nowMs) reached.add("asked time in force");
}

/** Whether a failure has begun the row anew. */
function broke(before: Observation, after: Observation): boolean {
  return before.state === "closed" && after.failures.max > before.failures.min &&
    before.consecutiveFailures > 1 && after.consecutiveFailures === 1;
}
