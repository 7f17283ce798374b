import assert from "node:assert/strict";
import { differenceOf } from "./differential.ts";
import { makeHistory } from "./differential_history.ts";
import { Pair } from "./differential_run.ts";

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
      await pair.take(move);
      reached.add(move.kind);
      if (move.kind === "restore" && (move.ageMs ?? 0) > 0) reached.add("aged restore");
      if (move.kind === "settle" && move.holdAfterMs !== undefined) reached.add("asking failure");
      const { reason, trippedBy, transitions, overdueProbes } = pair.model.observe();
      if (overdueProbes > 0) reached.add("overdue");
      for (const criterion of trippedBy) reached.add(criterion);
      if (reason !== null) reached.add(reason);
      reached.add(transitions.slice(-2).join(" to "));
    }
    reached.add(way);
  }
  const wanted = [
    ...["look", "begin", "settle", "advance", "policy", "mode", "reset", "restore", "random"],
    ...["permits", "missed versions", "do"],
    ...["open", "probing", "ramping", "forced"],
    ...["failureThreshold", "failureRate", "slowCallRate", "timeoutRate"],
    ...["closed to open", "open to half-open", "half-open to open", "half-open to closed"],
    ...["hold", "release", "held", "asking failure", "trip", "manual"],
    ...["failureCount", "aged restore", "overdue"],
  ];
  assert.deepEqual(wanted.filter((each) => !reached.has(each)), []);
});
