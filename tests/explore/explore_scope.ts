import { describeDifference } from "./difference_case.ts";
import type { Order, ScopeReport } from "./protocol.ts";
import type { Scope } from "./scope.ts";
import { Search } from "./search.ts";

/** More states than this take more than two gigabytes. */
const MAX_STATES = 40_000_000;

/** Explores one scope as ordered, tells after each length of sequence, and gives the last report. */
export function exploreScope(
  scope: Scope,
  order: Pick<Order, "depth" | "until">,
  tell: (report: ScopeReport) => void,
): ScopeReport {
  const search = new Search(scope);
  const goesOn = (): boolean => Date.now() < order.until && search.progress.states < MAX_STATES;
  const report = (done: boolean): ScopeReport => {
    const { depth, states, steps, complete, difference } = search.progress;
    return {
      ...{ scope: scope.name, depth, states, steps, complete, done },
      full: states >= MAX_STATES,
      difference: difference === undefined ? "" : describeDifference(scope, difference),
    };
  };
  while (search.progress.depth < order.depth && !search.progress.complete) {
    if (!search.deepen(goesOn)) break;
    tell(report(false));
  }
  return report(true);
}
