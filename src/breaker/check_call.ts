import { OptionsCheck } from "../check/check_options.ts";
import { describeValue } from "../check/describe_value.ts";
import { type Duration, parseDuration } from "../time/duration.ts";
import type { CallOptions, SyncCallOptions } from "./call_options.ts";

const SYNC: readonly string[] = Object.keys(
  {
    fallback: true,
    isIgnored: true,
    isFailure: true,
    isResultFailure: true,
    holdAfter: true,
  } satisfies Record<keyof SyncCallOptions, true>,
);
const ASYNC: readonly string[] = ["signal", "timeout", ...SYNC];

/**
 * Makes sure that a call's options are known, and of their form; the signal is for {@linkcode checkSignal}, the time
 * limit for {@linkcode callLimitMs}.
 *
 * @throws {TypeError} If they are no object, or a field is unknown or of the wrong type.
 */
export function checkCallOptions(breaker: string, options: CallOptions<unknown>): void {
  checkFields(breaker, options, ASYNC);
}

/**
 * Makes sure that the options of a synchronous call are known, and of their form.
 *
 * @throws {TypeError} If they are no object, or a field is unknown or of the wrong type.
 */
export function checkSyncOptions(breaker: string, options: SyncCallOptions<unknown>): void {
  checkFields(breaker, options, SYNC);
}

/**
 * Makes sure of all that calls of one function will be given.
 *
 * @throws {TypeError} If they are no object, or a field is unknown or of the wrong type.
 * @throws {RangeError} If the time limit is not above 0.
 */
export function checkCall(breaker: string, options: CallOptions<unknown>): void {
  checkCallOptions(breaker, options);
  checkSignal(breaker, options.signal);
  callLimitMs(breaker, options.timeout);
}

/**
 * Makes sure that a call's signal is one, or none. Apart, because whoever reads `aborted` anyhow knows.
 *
 * @throws {TypeError} If it is something else.
 */
export function checkSignal(breaker: string, signal: unknown): void {
  checkFor(breaker).signal(signal);
}

/**
 * A call's own time limit in milliseconds, 0 for none; `undefined`: the policy's holds.
 *
 * @throws {TypeError} If it is no duration.
 * @throws {RangeError} If it is not above 0.
 */
export function callLimitMs(
  breaker: string,
  timeout: Duration | null | undefined,
): number | undefined {
  if (timeout === undefined) return undefined;
  if (timeout === null) return 0;
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs > 0) return timeoutMs;
  throw new RangeError(
    `Cannot call through breaker "${breaker}": "timeout" must be above 0, received ${timeout}`,
  );
}

/** Runs with each call that has options: it looks at the fields that are there, not at all that there could be. */
function checkFields(
  breaker: string,
  options: CallOptions<unknown>,
  known: readonly string[],
): void {
  if (typeof options !== "object") throw noOptions(breaker, options);
  for (const name in options) {
    switch (name) {
      case "fallback":
        checkCallback(breaker, name, options.fallback);
        continue;
      case "isIgnored":
        checkCallback(breaker, name, options.isIgnored);
        continue;
      case "isFailure":
        checkCallback(breaker, name, options.isFailure);
        continue;
      case "isResultFailure":
        checkCallback(breaker, name, options.isResultFailure);
        continue;
      case "holdAfter":
        checkCallback(breaker, name, options.holdAfter);
        continue;
      case "signal":
      case "timeout":
        if (known === ASYNC) continue;
    }
    // What an object inherits, from a polluted prototype say, was not given to the call.
    if (Object.hasOwn(options, name)) checkFor(breaker).known(options, known);
  }
}

function checkCallback(breaker: string, name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") checkFor(breaker).callable(name, value);
}

function checkFor(breaker: string): OptionsCheck {
  return new OptionsCheck(`call through breaker "${breaker}"`);
}

/** What stands where the options belong is most often a time limit. */
function noOptions(breaker: string, options: unknown): TypeError {
  const isDuration = typeof options === "string" || typeof options === "number";
  const found = describeValue(options);
  const hint = isDuration ? `; did you mean { timeout: ${found} }?` : "";
  return new TypeError(
    `Cannot call through breaker "${breaker}": options must be an object, received ${found}${hint}`,
  );
}
