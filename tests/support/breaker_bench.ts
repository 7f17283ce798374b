import {
  type Breaker,
  type BreakerSettings,
  createBreaker,
  type Policy,
  type StandaloneBreaker,
} from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";

/** A breaker on a manual clock, and what it logged. */
export interface Bench {
  readonly breaker: StandaloneBreaker;
  readonly clock: ManualClock;
  readonly reports: string[];
}

/** Creates a breaker on a manual clock whose reports are collected instead of printed. */
export function bench(policy: Policy = {}, settings: BreakerSettings = {}): Bench {
  const clock = new ManualClock();
  const reports: string[] = [];
  const logger = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (message: string) => {
      reports.push(message);
    },
  };
  const breaker = createBreaker("b", policy, { clock, logger, ...settings });
  return { breaker, clock, reports };
}

/** Makes `times` calls that fail. */
export function fail(breaker: Breaker, times: number = 1): void {
  for (let i = 0; i < times; i++) breaker.tryAcquire()?.failure();
}

/** Makes `times` calls that succeed. */
export function succeed(breaker: Breaker, times: number = 1): void {
  for (let i = 0; i < times; i++) breaker.tryAcquire()?.success();
}

/** How often calls have ended how, without the outcomes that none had. */
export function outcomes(breaker: StandaloneBreaker): Record<string, number> {
  const { successes, failures, timeouts, slow, ignored, stale } = breaker.counts.lifetime;
  const all = { successes, failures, timeouts, slow, ignored, stale };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}
