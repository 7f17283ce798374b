import type { DifferentValue } from "../model/differential_run.ts";
import type { Range } from "../model/observation.ts";
import type { Pair } from "./pair.ts";

/** Looks at both sides of a pair and gives what production shows and the model does not allow. */
export function compareBoth(pair: Pair): readonly DifferentValue[] {
  const { production, model, totals } = pair;
  const { breaker, core } = production;
  const wrong: DifferentValue[] = [];
  const same = (name: string, allowed: unknown, seen: unknown): void => {
    if (allowed !== seen) wrong.push({ name, allowed, seen });
  };
  const within = (name: string, allowed: Range, seen: number): void => {
    if (!(seen >= allowed.min && seen <= allowed.max)) wrong.push({ name, allowed, seen });
  };

  const peek = breaker.peek();
  const seen = breaker.counts;
  const allowed = model.observe();
  same("state", allowed.state, breaker.state);
  same("reason", allowed.reason, peek.admitted ? null : peek.reason);
  same("retryAfterMs", allowed.retryAfterMs, peek.admitted ? null : peek.retryAfterMs ?? null);
  within("calls", allowed.calls, seen.calls);
  within("failures", allowed.failures, seen.failures);
  within("successes", allowed.successes, seen.successes);
  within("slow", allowed.slow, seen.slow);
  within("timeouts", allowed.timeouts, seen.timeouts);
  same("consecutiveFailures", allowed.consecutiveFailures, seen.consecutiveFailures);
  same("rejected", allowed.rejected, seen.rejected);
  same("staleCalls", allowed.staleCalls, seen.staleCalls);
  same("inFlight", allowed.inFlight, seen.inFlight);
  same("held", allowed.held, peek.heldForMs ?? null);
  same("overdueProbes", allowed.overdueProbes, seen.overdueProbes);
  compareLists("transitions", allowed.transitions, production.transitions, wrong);
  compareLists("enteredAtMs", allowed.enteredAtMs, production.enteredAtMs, wrong);
  const trippedBy = breaker.trip?.criterion;
  const named = trippedBy === undefined
    ? allowed.trippedBy.length === 0
    : allowed.trippedBy.some((criterion) => criterion === trippedBy);
  if (!named) wrong.push({ name: "trippedBy", allowed: allowed.trippedBy, seen: trippedBy });
  if (allowed.wouldOpen !== null) same("wouldOpen", allowed.wouldOpen, production.wouldOpen);
  same("successes in all", totals.successes, seen.lifetime.successes);
  same("failures in all", totals.failures, seen.lifetime.failures);
  same("timeouts in all", totals.timeouts, seen.lifetime.timeouts);
  same("calls in flight", pair.calls.filter((call) => !call.orphaned).length, core.inFlight);
  comparePolicies(pair, wrong);
  compareSnapshots(pair, wrong);
  return wrong;
}

function compareLists(
  name: string,
  allowed: readonly unknown[],
  seen: readonly unknown[],
  wrong: DifferentValue[],
): void {
  if (allowed.length !== seen.length || allowed.some((value, index) => value !== seen[index])) {
    wrong.push({ name, allowed, seen });
  }
}

function comparePolicies({ scope, policyIndex, production }: Pair, wrong: DifferentValue[]): void {
  const allowed = scope.policy(policyIndex).effective;
  const seen = production.breaker.policy;
  // A chain of versions resolves each document anew.
  if (allowed === seen || JSON.stringify(allowed) === JSON.stringify(seen)) return;
  wrong.push({ name: "policy", allowed, seen });
}

/** What a restored breaker writes is what the one before wrote. */
function compareSnapshots({ restoredFrom, production }: Pair, wrong: DifferentValue[]): void {
  if (restoredFrom === undefined) return;
  const allowed = JSON.stringify(restoredFrom);
  const seen = JSON.stringify(production.breaker.snapshot());
  if (allowed !== seen) wrong.push({ name: "snapshot", allowed, seen });
}
