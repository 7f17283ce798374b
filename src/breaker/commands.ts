import { OptionsCheck } from "../check/check_options.ts";
import { describeValue } from "../check/describe_value.ts";
import { MAX_DURATION_MS, MIN_DURATION_MS } from "../policy/check_policy.ts";
import type { Mode } from "../policy/policy.ts";
import { type Duration, parseDuration } from "../time/duration.ts";
import { type Nanos, toNanos } from "../time/timeline.ts";

const MODES: readonly Mode[] = ["normal", "disabled", "forced-open", "metrics-only"];

/** What goes with a trip by hand. */
export interface TripOptions {
  /** Why, for people. @default none */
  readonly reason?: string | undefined;
}

/** On whose behalf a breaker is held or released. */
export interface HoldOptions {
  /** Whose hold it is. @default "code" */
  readonly owner?: string | undefined;
}

/** A hold as it was asked for. */
export interface WantedHold {
  readonly owner: string;
  readonly forNanos: Nanos;
}

/**
 * Makes sure that a breaker can be held for so long, on behalf of that owner.
 *
 * @throws {RangeError} If the duration is none, or not above 0 and at most a year.
 * @throws {TypeError} If the owner is no string.
 */
export function checkHold(breaker: string, duration: Duration, options: HoldOptions): WantedHold {
  const forMs = millisecondsOf(duration);
  if (forMs === undefined || forMs < MIN_DURATION_MS || forMs > MAX_DURATION_MS) {
    throw new RangeError(
      `Cannot hold breaker "${breaker}": the duration must be above 0 and at most 365 days, received ${
        describeValue(duration)
      }`,
    );
  }
  return { owner: checkOwner(breaker, options), forNanos: toNanos(forMs) };
}

/**
 * The owner of a hold.
 *
 * @throws {TypeError} If it is no string, or an option is unknown.
 */
export function checkOwner(breaker: string, options: HoldOptions): string {
  new OptionsCheck(`hold breaker "${breaker}"`).known(options, ["owner"]);
  const { owner = "code" } = options;
  if (typeof owner === "string") return owner;
  throw new TypeError(
    `Cannot hold breaker "${breaker}": "owner" must be a string, received ${describeValue(owner)}`,
  );
}

function millisecondsOf(duration: Duration): number | undefined {
  try {
    return parseDuration(duration);
  } catch {
    return undefined;
  }
}

/**
 * Makes sure that a mode can override the policy's.
 *
 * @throws {TypeError} If it is none, and not `null`.
 */
export function checkMode(breaker: string, mode: Mode | null): void {
  if (mode === null || MODES.includes(mode)) return;
  throw new TypeError(
    `Cannot override mode of breaker "${breaker}": must be one of ${
      MODES.join(", ")
    } or null, received ${mode}`,
  );
}

/**
 * Makes sure that the reason of a trip by hand can be told.
 *
 * @throws {TypeError} If it is no string, or an option is unknown.
 */
export function checkReason(breaker: string, options: TripOptions): void {
  new OptionsCheck(`trip breaker "${breaker}"`).known(options, ["reason"]);
  const { reason } = options;
  if (reason === undefined || typeof reason === "string") return;
  throw new TypeError(
    `Cannot trip breaker "${breaker}": "reason" must be a string, received ${
      describeValue(reason)
    }`,
  );
}
