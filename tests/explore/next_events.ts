import type { Outcome } from "../model/observation.ts";
import type { Event } from "./event.ts";
import type { Pair } from "./pair.ts";
import { signCalls } from "./signature.ts";

/** Calls in flight at most, stale and orphaned ones among them. */
export const MAX_IN_FLIGHT = 3;
/** Events in a row at most after which nobody looks. */
const MAX_UNSEEN = 3;
/** Transitions in a row at most that one advance runs past. */
const MAX_PASSED = 3;

/**
 * Everything that can happen next, where `unseen` events have happened since
 * somebody looked. The pair is used up: it is looked at and moved on.
 */
export function nextEvents(pair: Pair, unseen: number): Event[] {
  const { scope: { scope, policies, draws }, policyIndex, override, draw } = pair;
  const events: Event[] = [];
  const add = (event: Event): void => void events.push(event);
  const others = [...policies.keys()].filter((index) => index !== policyIndex);
  if (unseen > 0) add({ kind: "look" });
  const mayBegin = pair.calls.length < MAX_IN_FLIGHT || pair.model.observe().reason !== null;
  if (mayBegin) add({ kind: "begin" });
  addSettlements(pair, unseen, add);
  for (const index of others) add({ kind: "policy", index });
  for (const mode of scope.modes ?? []) if (mode !== override) add({ kind: "mode", mode });
  add({ kind: "reset" });
  add({ kind: "restore" });
  for (const ms of scope.ages ?? []) add({ kind: "aged restore", ms });
  for (const ms of scope.holds ?? []) add({ kind: "hold", ms });
  if (scope.holds !== undefined) add({ kind: "release" });
  if (scope.trips === true) add({ kind: "trip" });
  if (unseen === 0) {
    for (const other of draws) if (other !== draw) add({ kind: "random", draw: other });
    if (scope.back) add({ kind: "back", ms: scope.tickMs });
  }
  if (unseen === 0 || (scope.unseen && unseen < MAX_UNSEEN)) {
    if (scope.unseen) { for (const index of others) add({ kind: "unseen policy", index }); }
    for (const ms of waits(pair)) add({ kind: "advance", ms });
  }
  return events;
}

/** Settlements of each call in flight; of those with one future, after somebody looked, of one only. */
function addSettlements(pair: Pair, unseen: number, add: (event: Event) => void): void {
  const { asks = [] } = pair.scope.scope;
  const outcomes: readonly Outcome[] = pair.scope.scope.outcomes;
  const signed = signCalls(pair);
  for (const [place, call] of signed.entries()) {
    if (unseen === 0 && signed.indexOf(call) < place) continue;
    for (const as of outcomes) add({ kind: "settle", place, as });
    for (const holdAfterMs of asks) add({ kind: "settle", place, as: "failure", holdAfterMs });
  }
}

/** How long to wait for what comes: to one step before each instant that matters, to it, and to one step after it. */
function waits(pair: Pair): number[] {
  const { tickMs } = pair.scope.scope;
  const found = new Set<number>();
  for (const instantMs of [...agesComing(pair), ...transitionsComing(pair)]) {
    for (const ms of [instantMs - tickMs, instantMs, instantMs + tickMs]) {
      if (ms > 0) found.add(ms);
    }
  }
  return [...found].sort((one, other) => one - other);
}

/** When calls become slow, overdue or old enough for their callers, outcomes leave the window, holds end and rows break: each as from now. */
function agesComing({ scope, policyIndex, model }: Pair): number[] {
  const { window, slowCallThreshold, failureThresholdWithin } = scope.policy(policyIndex).effective;
  const { patienceMs } = scope.scope;
  const memory = model.remember();
  const { nowMs, evidence, phase } = memory;
  const instants: number[] = [];
  for (const call of memory.calls.values()) {
    const { epoch, begunAtMs, probe } = call;
    if (epoch !== memory.epoch) {
      if (probe !== undefined) instants.push(probe.deadlineMs - nowMs);
    } else {
      for (const age of [slowCallThreshold, patienceMs]) {
        if (age !== undefined) instants.push(begunAtMs + age - nowMs);
      }
    }
  }
  for (const endMs of memory.holds.ends.values()) instants.push(endMs - nowMs);
  if (phase.kind !== "closed") instants.push(memory.holds.askedUntilMs - nowMs);
  if (failureThresholdWithin !== undefined && evidence.lastFailureAtMs !== undefined) {
    if (phase.kind === "closed") {
      instants.push(evidence.lastFailureAtMs + failureThresholdWithin - nowMs);
    }
  }
  if (window.kind === "time" && phase.kind === "closed") {
    for (const { atMs } of evidence.entries(nowMs)) {
      const outAtMs = atMs + window.duration - nowMs;
      instants.push(outAtMs - window.duration / window.buckets, outAtMs);
    }
  }
  if (phase.kind === "half-open") {
    for (const deadlineMs of phase.deadlines.values()) instants.push(deadlineMs - nowMs);
  }
  return instants;
}

/** When time alone changes something, and then again, as from now. The model is moved on. */
function transitionsComing({ model }: Pair): number[] {
  const instants: number[] = [];
  let passedMs = 0;
  for (let passed = 0; passed < MAX_PASSED; passed++) {
    const waitMs = model.dueInMs;
    if (waitMs === Infinity) break;
    passedMs += waitMs;
    instants.push(passedMs);
    model.advance(waitMs);
    model.observe();
  }
  return instants;
}
