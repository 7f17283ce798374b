import type { OptionsCheck } from "../../check/check_options.ts";
import { LOGGER_METHODS } from "../../log.ts";
import { CLOCK_METHODS } from "../../time/clock.ts";
import type { BreakerSettings } from "./settings.ts";

/** A type, or the methods that an object must have. */
type Form = "function" | "boolean" | readonly string[];

const CHECKS: { readonly [K in keyof Required<BreakerSettings>]: Form } = {
  clock: CLOCK_METHODS,
  wallClock: "function",
  random: "function",
  logger: LOGGER_METHODS,
  readyToTrip: "function",
  freshErrors: "boolean",
  failureMessages: "boolean",
  isIgnored: "function",
  isFailure: "function",
  isResultFailure: "function",
  holdAfter: "function",
};

/** The names of what breakers take in code. */
export const SETTING_NAMES: readonly string[] = Object.keys(CHECKS);

/**
 * Refuses settings that would do nothing or fail at the first call: names that
 * are not known, and values that are not of their form.
 *
 * @throws {TypeError} If there is one; says which, what was found and what is allowed.
 */
export function checkSettings(check: OptionsCheck, settings: BreakerSettings): void {
  for (const [name, form] of Object.entries(CHECKS)) {
    const value: unknown = Reflect.get(settings, name);
    if (value === undefined) continue;
    if (form === "function") check.callable(name, value);
    else if (form === "boolean") check.oneOf(name, value, [true, false]);
    else check.methods(name, value, form);
  }
}
