import assert from "node:assert/strict";
import type { StandaloneBreaker } from "../../mod.ts";

/** How many calls have ended how. */
export interface Outcomes {
  readonly successes: number;
  readonly failures: number;
  readonly timeouts: number;
  readonly ignored: number;
}

export const NONE: Outcomes = { successes: 0, failures: 0, timeouts: 0, ignored: 0 };
export const SUCCESS: Outcomes = { ...NONE, successes: 1 };
export const FAILURE: Outcomes = { ...NONE, failures: 1 };
export const TIMEOUT: Outcomes = { ...NONE, failures: 1, timeouts: 1 };
export const IGNORED: Outcomes = { ...NONE, ignored: 1 };

/** How the calls of a breaker have ended, or those after `since`. */
export function outcomes(breaker: StandaloneBreaker, since: Outcomes = NONE): Outcomes {
  const { successes, failures, timeouts, ignored } = breaker.counts.lifetime;
  return {
    successes: successes - since.successes,
    failures: failures - since.failures,
    timeouts: timeouts - since.timeouts,
    ignored: ignored - since.ignored,
  };
}

/** Opens a breaker, by its first failure. */
export function trip(breaker: StandaloneBreaker): void {
  breaker.setPolicy({ ...breaker.policy, failureThreshold: 1 });
  breaker.tryAcquire()?.failure();
  assert.equal(breaker.state, "open");
}
