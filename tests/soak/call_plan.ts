import type { Chance } from "./chance.ts";
import { type OperationPlan, planOperation } from "./local_operation.ts";

/** How a call is made. */
export type Via = "do" | "do with options" | "doSync" | "wrap" | "permit";

/**
 * When the caller aborts: before the call, while it runs, in the instant in
 * which the operation settles (just after or just before it does), together
 * with all other calls that share a signal, or never.
 */
export type AbortPlan =
  | "never"
  | "before"
  | "during"
  | "once settled"
  | "before settling"
  | "with others";

/** How a permit is settled: once, twice, after its deadline, or not at all. */
export type PermitPlan =
  | "success"
  | "failure"
  | "failure with error"
  | "timeout"
  | "ignore"
  | "disposed"
  | "twice"
  | "late"
  | "abandoned";

/** What a call's fallback does. */
export type FallbackPlan = "none" | "answers" | "answers late" | "throws";

/** Which predicates a call brings. */
export type PredicatePlan = "none" | "ignores" | "forgives" | "condemns" | "throws" | "promises";

/** Everything that is chosen for one call, before it is made. */
export interface CallPlan {
  readonly via: Via;
  readonly operation: OperationPlan;
  /** The call's own time limit in milliseconds; `null`: none; absent: the policy's. */
  readonly timeoutMs: number | null | undefined;
  readonly abort: AbortPlan;
  /** When the caller aborts during the call, in milliseconds. */
  readonly abortMs: number;
  readonly fallback: FallbackPlan;
  readonly fallbackMs: number;
  readonly predicate: PredicatePlan;
  readonly permit: PermitPlan;
  /** How long a permit is held, in milliseconds. */
  readonly heldMs: number;
}

const FAR_MS = 60_000;

/** Draws a call. Each draws alike often, whatever it comes to. */
export function planCall(chance: Chance, isFailing: boolean): CallPlan {
  const via = chance.weighted<Via>([
    ["do", 6],
    ["do with options", 6],
    ["doSync", 2],
    ["wrap", 2],
    ["permit", 2],
  ]);
  const operation = planOperation(chance, isFailing);
  const limited = chance.isHit(0.4);
  // A limit that is never reached shows whether its timer is taken back.
  const isFar = chance.isHit(0.3) && endsByItself(operation);
  const nearMs = chance.between(5, 60);
  const limitMs = isFar ? FAR_MS : nearMs;
  const unlimited = chance.isHit(0.1);
  const abort = planAbort(chance);
  const abortMs = chance.between(0, 30);
  const fallback = chance.weighted<FallbackPlan>([
    ["none", 12],
    ["answers", 3],
    ["answers late", 1],
    ["throws", 1],
  ]);
  const predicate = chance.weighted<PredicatePlan>([
    ["none", 12],
    ["ignores", 1],
    ["forgives", 1],
    ["condemns", 1],
    ["throws", 1],
    ["promises", 0.5],
  ]);
  const permit = planPermit(chance, isFailing);
  return {
    via,
    ...bounded(via, operation, abort),
    timeoutMs: limited ? limitMs : unlimited && abort !== "never" ? null : undefined,
    abort,
    abortMs,
    fallback,
    fallbackMs: chance.between(0, 10),
    predicate,
    permit,
    heldMs: chance.between(0, 40),
    ...(endsByItself(operation) || limited || abort === "during" ? {} : { timeoutMs: limitMs }),
  };
}

/** An operation that only a time limit or an abort ends is for calls that can have them. */
function bounded(
  via: Via,
  operation: OperationPlan,
  abort: AbortPlan,
): { readonly operation: OperationPlan } {
  const { kind } = operation;
  const hasSignal = via === "do with options";
  const isLate = abort === "once settled" || abort === "before settling";
  if (hasSignal && isLate && kind !== "rejects late") {
    return { operation: { ...operation, kind: "answers late" } };
  }
  if (hasSignal && (kind !== "defies" || abort === "during")) return { operation };
  return endsByItself(operation) ? { operation } : { operation: { ...operation, kind: "rejects" } };
}

/** Whether an operation settles whatever becomes of its call. */
export function endsByItself({ kind }: OperationPlan): boolean {
  return kind !== "hangs" && kind !== "defies";
}

function planAbort(chance: Chance): AbortPlan {
  return chance.weighted<AbortPlan>([
    ["never", 12],
    ["before", 1],
    ["during", 4],
    ["once settled", 1],
    ["before settling", 1],
    ["with others", 2],
  ]);
}

function planPermit(chance: Chance, isFailing: boolean): PermitPlan {
  return chance.weighted<PermitPlan>([
    ["success", isFailing ? 1 : 12],
    ["failure", isFailing ? 6 : 0.5],
    ["failure with error", isFailing ? 3 : 0.5],
    ["timeout", isFailing ? 3 : 0.5],
    ["ignore", 1],
    ["disposed", 1],
    ["twice", 1],
    ["late", 1],
    ["abandoned", 0.3],
  ]);
}
