import type { Nanos } from "../../time/timeline.ts";

/** Gradual recovery as a policy sets it (R12). */
export interface RampSettings {
  /** Calls admitted in the first interval. */
  readonly calls: number;
  /** Length of an interval. */
  readonly per: Nanos;
  /** Factor by which the allowance grows after each good interval. */
  readonly growth: number;
  /** Good intervals that close. */
  readonly steps: number;
}

/** How far a ramp has come. */
export interface RampProgress {
  /** The settings of the present interval; an edit applies from the next. */
  readonly settings: RampSettings;
  /** When the present interval began. */
  readonly since: Nanos;
  /** Good intervals so far. */
  readonly good: number;
  /** Calls admitted in the present interval. */
  readonly admitted: number;
  /** Counted calls that settled in the present interval, all of them successes. */
  readonly settled: number;
}

/** A ramp at its beginning. */
export function startRamp(settings: RampSettings, at: Nanos): RampProgress {
  return { settings, since: at, good: 0, admitted: 0, settled: 0 };
}

/** When the present interval ends. */
export function intervalEnd(progress: RampProgress): Nanos {
  return progress.since + progress.settings.per;
}

/** More than the rounding of a power, and far less than a call. */
const ROUNDING = 1e-12;

/** Calls that the present interval admits: floor(calls x growth^good), where 100 x 1.15 is 115. */
export function allowance({ settings, good }: RampProgress): number {
  return Math.floor(settings.calls * settings.growth ** good * (1 + ROUNDING));
}

/** When the ramp will have done its job, as things stand; infinite if not in the present interval. */
export function completesAt(progress: RampProgress): Nanos {
  const done = progress.settled > 0 && progress.good + 1 >= progress.settings.steps;
  return done ? intervalEnd(progress) : Infinity;
}

/** Moves on to the interval that holds `at`, in which `settings` apply if it is a new one. */
export function rollRamp(progress: RampProgress, settings: RampSettings, at: Nanos): RampProgress {
  const end = intervalEnd(progress);
  if (at < end) return progress;
  // Nothing settled after the interval that ends first, so all that follow it are idle.
  const idleIntervals = Math.floor((at - end) / settings.per);
  return {
    settings,
    since: end + idleIntervals * settings.per,
    good: progress.settled > 0 ? progress.good + 1 : progress.good,
    admitted: 0,
    settled: 0,
  };
}
