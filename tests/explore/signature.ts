/**
 * What makes a state what it is: every value that can decide what either side
 * does from now on, as numbers, instants relative to now. Two sequences that end
 * in one signature have one future. What is only ever counted up (totals, what
 * was announced) is left out: it is compared after each step. So is the place in
 * its ring at which a count window stands: the outcomes are there, in order.
 *
 * @module
 */
import { type Nanos, toMs } from "../../src/time/timeline.ts";
import type { Memory } from "../model/memory.ts";
import { signModel } from "./model_signature.ts";
import type { CallOfBoth, Pair } from "./pair.ts";
import { signProduction } from "./production_signature.ts";
import type { PreparedScope } from "./scope.ts";

/** Where the calls in flight stand, each as one text that is equal for calls with one future. */
export function signCalls(pair: Pair): string[] {
  if (pair.calls.length === 0) return [];
  const now = pair.production.core.look();
  const remembered = pair.model.remember();
  return pair.calls.map((call) => signCall(pair, call, { now, remembered }));
}

/** The signature of a pair that has just been looked at. */
export function signatureOf(pair: Pair): number[] {
  const signature: number[] = [pair.policyIndex, pair.draw];
  signProduction(pair, signature);
  signModel(pair, signature);
  for (const call of signCalls(pair).sort()) {
    for (let i = 0; i < call.length; i++) signature.push(call.charCodeAt(i));
  }
  return signature;
}

function signCall(
  pair: Pair,
  call: CallOfBoth,
  { now, remembered }: { readonly now: Nanos; readonly remembered: Memory },
): string {
  if (call.orphaned) return "orphan;";
  const { production: { core }, scope } = pair;
  const { admission: { epoch, start, probe } } = call.real;
  const modelled = remembered.calls.get(call.id);
  if (modelled === undefined) return "unknown;";
  const real = signStanding(scope, {
    stale: epoch !== core.epoch,
    ageMs: toMs(now - start.at),
    leftMs: probe && toMs(probe.deadline - now),
  });
  const { nowMs, probeTimes } = remembered;
  const model = signStanding(scope, {
    stale: modelled.epoch !== remembered.epoch,
    ageMs: nowMs - modelled.begunAtMs,
    leftMs: modelled.probe && modelled.probe.deadlineMs - nowMs,
  });
  const teaches = scope.maxTeachingMs > 0 && modelled.probe?.era === probeTimes.era;
  return `${real},${model},${teaches};`;
}

/** Where a call in flight stands. */
interface Standing {
  readonly stale: boolean;
  readonly ageMs: number;
  /** How long until the deadline that it has as a probe. */
  readonly leftMs: number | undefined;
}

function signStanding(scope: PreparedScope, { stale, ageMs, leftMs }: Standing): unknown[] {
  const slowAge = Math.min(ageMs, scope.maxAgeMs);
  if (leftMs === undefined) return stale ? ["stale"] : [slowAge];
  // The late result of a probe may teach how long probes take (R11).
  const teachingAge = Math.min(ageMs, scope.maxTeachingMs);
  if (!stale) return [slowAge, teachingAge, leftMs];
  return ["late", slowAge, teachingAge, Math.max(leftMs, 0)];
}
