import { type Logger, LOGGER_METHODS } from "../log.ts";
import { type Clock, CLOCK_METHODS, systemClock } from "../time/clock.ts";
import type { OptionsCheck } from "./check_options.ts";

/**
 * The clock that is given, or the system's.
 *
 * @throws {TypeError} If it lacks a method.
 */
export function clockOf(check: OptionsCheck, clock: Clock = systemClock): Clock {
  check.methods("clock", clock, CLOCK_METHODS);
  return clock;
}

/**
 * The logger that is given, or the console.
 *
 * @throws {TypeError} If it lacks a method.
 */
export function loggerOf(check: OptionsCheck, logger: Logger = console): Logger {
  check.methods("logger", logger, LOGGER_METHODS);
  return logger;
}
