import type { Event } from "./event.ts";
import type { Pair } from "./pair.ts";

/** Adds in words what has just happened, and the newest transition. */
export function noteStep({ scope, production }: Pair, event: Event, reached: Set<string>): void {
  reached.add(event.kind === "settle" ? `settled as ${event.as}` : event.kind);
  if (event.kind === "settle" && event.holdAfterMs !== undefined) reached.add("asking failure");
  if (event.kind === "settle" && event.as === "timeout" && scope.scope.patienceMs !== undefined) {
    reached.add("aborted by a time limit");
  }
  if (production.newest !== undefined) reached.add(production.newest);
  if (production.closedByRamp) reached.add("ramp closed");
  if (production.wouldOpen > 0) reached.add("would open");
  if (production.wouldOpen > 1) reached.add("would open again");
}

/** Adds in words what a pair that has just been compared shows: where it stands. */
export function noteState(pair: Pair, reached: Set<string>): void {
  const { production, model } = pair;
  const { core } = production;
  reached.add(core.state.kind);
  reached.add(core.mode);
  const refusal = core.refusal(core.look());
  if (refusal !== undefined) reached.add(`refused: ${refusal}`);
  if (core.trip !== undefined) reached.add(`tripped by ${core.trip.criterion}`);
  const { counts } = production.breaker;
  if (counts.staleCalls > 0) reached.add("stale");
  if (counts.slow > 0) reached.add("slow");
  if (core.state.kind === "half-open" && core.state.ramp !== undefined) {
    reached.add(core.state.ramp.good > 0 ? "ramp after a good interval" : "ramp");
  }
  if (core.state.kind !== "closed" && core.state.reopenings > 1) reached.add("second reopening");
  if (pair.calls.length === 3) reached.add("three calls in flight");
  if (counts.inFlight === 3) reached.add("three probes in flight");
  if (pair.calls.some((call) => call.orphaned)) reached.add("call of a replaced breaker");
  const { calls, held, overdueProbes } = model.observe();
  if (held !== null) reached.add(refusal === undefined ? "held and admitting" : "held");
  if (overdueProbes > 0) reached.add("overdue probe");
  if (calls.min < calls.max) reached.add("count left open by R3");
}
