import type { OptionsCheck } from "../../check/check_options.ts";
import type { Logger } from "../../log.ts";
import type { Clock } from "../../time/clock.ts";
import type { Duration } from "../../time/duration.ts";
import type { BulkheadRefusal } from "./bulkhead_full_error.ts";

/** The limits of a bulkhead, all of which can be changed while it is in use. */
export interface BulkheadLimits {
  /** Calls that run at once, at least 1. */
  maxConcurrent: number;
  /** Calls that may wait for a slot; 0: a call that finds none is refused at once. @default 0 */
  maxQueued?: number | undefined;
  /** The longest that a call waits for a slot, above 0; `null`: as long as it takes. @default null */
  maxWait?: Duration | null | undefined;
}

/** Limits of which each may be left out. */
export type PartialBulkheadLimits = {
  readonly [L in keyof BulkheadLimits]?: BulkheadLimits[L] | undefined;
};

/** What a bulkhead takes. */
export interface BulkheadOptions extends BulkheadLimits {
  /** Stands in errors and events. @default "" */
  name?: string | undefined;
  /** The source of time. @default systemClock */
  clock?: Clock | undefined;
  /** Hears of listeners that throw. @default console */
  logger?: Logger | undefined;
}

/** The events of a bulkhead. */
export interface BulkheadEvents {
  /** A call was refused; a caller's abort is no refusal. */
  reject: BulkheadRefusal;
}

/** The limits of a bulkhead as they are in force. */
export interface EffectiveBulkheadLimits {
  /** Calls that run at once. */
  readonly maxConcurrent: number;
  /** Calls that may wait for a slot. */
  readonly maxQueued: number;
  /** The longest that a call waits for a slot, in milliseconds; infinite where nothing limits it. */
  readonly maxWaitMs: number;
}

/** The names of a bulkhead's limits. */
export const LIMIT_FIELDS: readonly (keyof BulkheadLimits)[] = [
  "maxConcurrent",
  "maxQueued",
  "maxWait",
];

/** The names of what a bulkhead takes. */
export const BULKHEAD_FIELDS: readonly (keyof BulkheadOptions)[] = [
  ...LIMIT_FIELDS,
  "name",
  "clock",
  "logger",
];

/**
 * Limits as they come into force.
 *
 * @throws {TypeError} If a limit is of the wrong type.
 * @throws {RangeError} If one is out of range.
 */
export function checkLimits(limits: BulkheadLimits, check: OptionsCheck): EffectiveBulkheadLimits {
  const { maxConcurrent, maxQueued = 0, maxWait = null } = limits;
  return {
    maxConcurrent: check.integer("maxConcurrent", maxConcurrent, { min: 1 }),
    maxQueued: check.integer("maxQueued", maxQueued, { min: 0 }),
    maxWaitMs: maxWait === null ? Infinity : check.duration("maxWait", maxWait, { above: 0 }),
  };
}
