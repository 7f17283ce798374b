import type { EffectivePolicy } from "../../policy/policy.ts";
import type { Counts } from "../window/counts.ts";

/** A trip criterion that a policy can name. */
export type PolicyCriterion =
  | "failureThreshold"
  | "failureCount"
  | "failureRate"
  | "slowCallRate"
  | "timeoutRate";

/** What can trip a breaker; `readyToTrip` is the criterion given in code, `manual` a call of `tripNow`. */
export type Criterion = PolicyCriterion | "readyToTrip" | "manual";

/** The compiler finds a criterion that is missing here. */
const EACH_CRITERION: { readonly [Name in Criterion]: Name } = {
  failureThreshold: "failureThreshold",
  failureCount: "failureCount",
  failureRate: "failureRate",
  slowCallRate: "slowCallRate",
  timeoutRate: "timeoutRate",
  readyToTrip: "readyToTrip",
  manual: "manual",
};

/** Every criterion that there is. */
export const CRITERIA: readonly Criterion[] = Object.values(EACH_CRITERION);

/** A criterion that holds, with the figures that it compared. */
export interface Crossing {
  /** Which criterion. */
  readonly criterion: Criterion;
  /** The value seen: a count or a rate; absent for `readyToTrip`. */
  readonly observed?: number;
  /** The value that it reached; absent for `readyToTrip`. */
  readonly threshold?: number;
}

/** Decides whether counts are bad enough to open. */
export interface TripCriterion {
  /** The crossing if the criterion holds, else `undefined`. */
  check(counts: Counts): Crossing | undefined;
}

class ConsecutiveFailures implements TripCriterion {
  constructor(readonly threshold: number) {}

  check({ consecutiveFailures }: Counts): Crossing | undefined {
    if (consecutiveFailures < this.threshold) return undefined;
    return {
      criterion: "failureThreshold",
      observed: consecutiveFailures,
      threshold: this.threshold,
    };
  }
}

class FailureCount implements TripCriterion {
  constructor(readonly threshold: number) {}

  check({ failures }: Counts): Crossing | undefined {
    if (failures < this.threshold) return undefined;
    return { criterion: "failureCount", observed: failures, threshold: this.threshold };
  }
}

class Rate implements TripCriterion {
  constructor(
    readonly criterion: PolicyCriterion,
    readonly count: "failures" | "slow" | "timeouts",
    readonly threshold: number,
    readonly minimumCalls: number,
  ) {}

  check(counts: Counts): Crossing | undefined {
    if (counts.calls === 0 || counts.calls < this.minimumCalls) return undefined;
    const observed = counts[this.count] / counts.calls;
    if (observed < this.threshold) return undefined;
    return { criterion: this.criterion, observed, threshold: this.threshold };
  }
}

/** The criteria of a policy, in the order in which they are asked. */
export function criteriaOf(policy: EffectivePolicy): readonly TripCriterion[] {
  const { window, failureThreshold, failureCountThreshold } = policy;
  const minimumCalls = window.kind === "count"
    ? Math.min(policy.minimumCalls, window.size)
    : policy.minimumCalls;
  const criteria: TripCriterion[] = [];
  if (failureThreshold > 0) criteria.push(new ConsecutiveFailures(failureThreshold));
  if (failureCountThreshold !== undefined) criteria.push(new FailureCount(failureCountThreshold));
  const addRate = (
    criterion: PolicyCriterion,
    count: "failures" | "slow" | "timeouts",
    threshold: number | undefined,
  ): void => {
    if (threshold !== undefined) criteria.push(new Rate(criterion, count, threshold, minimumCalls));
  };
  addRate("failureRate", "failures", policy.failureRateThreshold);
  addRate("slowCallRate", "slow", policy.slowCallRateThreshold);
  addRate("timeoutRate", "timeouts", policy.timeoutRateThreshold);
  return criteria;
}

/** The first criterion that holds. */
export function firstCrossing(
  criteria: readonly TripCriterion[],
  counts: Counts,
): Crossing | undefined {
  for (const criterion of criteria) {
    const crossing = criterion.check(counts);
    if (crossing !== undefined) return crossing;
  }
  return undefined;
}
