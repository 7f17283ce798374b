import { describeValue } from "../check/describe_value.ts";
import type { Mode } from "../policy/policy.ts";

const MODES: readonly Mode[] = ["normal", "disabled", "forced-open", "metrics-only"];

/** What goes with a trip by hand. */
export interface TripOptions {
  /** Why, for people. @default none */
  readonly reason?: string;
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
 * @throws {TypeError} If it is no string.
 */
export function checkReason(breaker: string, { reason }: TripOptions): void {
  if (reason === undefined || typeof reason === "string") return;
  throw new TypeError(
    `Cannot trip breaker "${breaker}": "reason" must be a string, received ${
      describeValue(reason)
    }`,
  );
}
