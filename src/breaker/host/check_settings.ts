import type { OptionsCheck } from "../../check/check_options.ts";
import type { BreakerSettings } from "./settings.ts";

const CHECKS: {
  readonly [K in keyof Required<BreakerSettings>]: "function" | "object" | "boolean";
} = {
  clock: "object",
  wallClock: "function",
  random: "function",
  logger: "object",
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
  for (const [name, type] of Object.entries(CHECKS)) {
    const value: unknown = Reflect.get(settings, name);
    if (value === undefined) continue;
    if (type === "function") check.callable(name, value);
    else if (type === "boolean") check.oneOf(name, value, [true, false]);
    else check.object(name, value);
  }
  if (settings.clock !== undefined) {
    for (const method of ["now", "setTimeout", "clearTimeout"] as const) {
      check.callable(`clock.${method}`, settings.clock[method]);
    }
  }
}
