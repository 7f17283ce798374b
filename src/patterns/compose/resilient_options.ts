import { OptionsCheck } from "../../check/check_options.ts";
import { type Logger, LOGGER_METHODS } from "../../log.ts";
import { type Clock, CLOCK_METHODS } from "../../time/clock.ts";

/** What the layers that a builder makes have in common, as far as they are not given it themselves. */
export interface ResilientOptions {
  /** The name of each layer, and of the composition. @default each layer's own default */
  name?: string | undefined;
  /** The source of time. @default each layer's own default */
  clock?: Clock | undefined;
  /** Hears of warnings, and of callbacks that throw. @default console */
  logger?: Logger | undefined;
  /** Draws in [0, 1) for jitter. @default Math.random */
  random?: (() => number) | undefined;
}

/**
 * Checks what a builder takes.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 */
export function checkResilientOptions(options: ResilientOptions): void {
  const check = new OptionsCheck("create resilient call");
  check.known(options, ["name", "clock", "logger", "random"]);
  if (options.name !== undefined) check.text("name", options.name);
  if (options.clock !== undefined) check.methods("clock", options.clock, CLOCK_METHODS);
  if (options.logger !== undefined) check.methods("logger", options.logger, LOGGER_METHODS);
  if (options.random !== undefined) check.callable("random", options.random);
}

/** A layer's options, with those in common that it knows and is not given itself. */
export function withCommon<O extends ResilientOptions>(
  options: O,
  common: ResilientOptions,
  names: readonly (keyof O & keyof ResilientOptions)[],
): O {
  // What is no object of options is for the layer itself to refuse.
  if (typeof options !== "object" || options === null || Array.isArray(options)) return options;
  const wanted = Object.entries(common).filter(([name, value]) =>
    value !== undefined && names.some((each) => each === name && options[each] === undefined)
  );
  return { ...options, ...Object.fromEntries(wanted) };
}
