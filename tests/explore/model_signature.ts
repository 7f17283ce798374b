import type { Criterion } from "../model/criteria.ts";
import type { HalfOpen } from "../model/half_open.ts";
import type { Counted } from "../model/history.ts";
import type { Memory } from "../model/memory.ts";
import type { Pair } from "./pair.ts";

const COUNTED: readonly Counted[] = ["success", "failure", "timeout"];
const CRITERIA: readonly Criterion[] = [
  "failureThreshold",
  "failureCount",
  "failureRate",
  "slowCallRate",
  "timeoutRate",
  "readyToTrip",
  "manual",
];
/** Stands between parts of any length. */
const END = -1e9;

/** Adds what decides the model's future. Calls in flight come apart. */
export function signModel({ scope, model }: Pair, signature: number[]): void {
  const memory = model.remember();
  const { phase, evidence, nowMs } = memory;
  signature.push(
    END,
    ["closed", "open", "half-open"].indexOf(phase.kind),
    Math.min(evidence.consecutiveFailures, scope.maxFailures),
    memory.crossings.stands ? 1 : 0,
    memory.crossings.announced === null ? 1 : 0,
  );
  const { holds, probeTimes } = memory;
  for (const endMs of holds.ends.values()) signature.push(Math.max(endMs - nowMs, 0));
  signature.push(
    END,
    Math.max(holds.askedUntilMs - nowMs, 0),
    Math.min(probeTimes.longestMs, scope.maxTeachingMs),
    phase.kind === "closed"
      ? Math.min(nowMs - (evidence.lastFailureAtMs ?? -Infinity), scope.maxGapMs)
      : 0,
  );
  signEntries(memory, scope.periodMs > 0, signature);
  if (phase.kind === "closed") return;
  for (const criterion of memory.trippedBy) signature.push(CRITERIA.indexOf(criterion));
  signature.push(END, Math.min(memory.reopenings, scope.maxReopenings));
  if (phase.kind === "open") signature.push(nowMs - phase.openedAtMs, phase.draw);
  else signHalfOpen(phase, nowMs, signature);
}

function signEntries(
  { evidence, nowMs }: Memory,
  timed: boolean,
  signature: number[],
): void {
  const seenAtMs = evidence.frozenAtMs ?? nowMs;
  for (const entry of evidence.entries(nowMs)) {
    signature.push(COUNTED.indexOf(entry.outcome), entry.slow ? 1 : 0);
    if (!timed) continue;
    signature.push(
      seenAtMs - entry.atMs,
      seenAtMs - entry.believedAtMs,
      entry.grainMs,
      entry.doubtful ? 1 : 0,
    );
  }
  signature.push(END);
}

function signHalfOpen(phase: HalfOpen, nowMs: number, signature: number[]): void {
  const { interval } = phase;
  signature.push(phase.inFlight);
  if (interval === undefined) {
    signature.push(phase.successes);
    return;
  }
  const { calls, per, growth, steps } = interval.ramp;
  signature.push(
    ...[calls, per, growth, steps, interval.endsAtMs - nowMs, phase.goodIntervals],
    interval.allowance,
    // Beyond the allowance all is refused, and one success makes an interval good.
    Math.min(interval.admitted, interval.allowance),
    Math.min(interval.successes, 1),
  );
}
