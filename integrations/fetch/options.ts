import type { OptionsCheck } from "../../src/check/check_options.ts";
import { type Logger, LOGGER_METHODS } from "../../src/log.ts";
import type { Retry } from "../../src/patterns/retry/retry.ts";
import type { Duration } from "../../src/time/duration.ts";
import type { WallClock } from "../../src/time/wall_clock.ts";
import type { Fetch, FetchTarget } from "./fetch_target.ts";

/** What {@linkcode protectFetch} takes. */
export interface ProtectFetchOptions {
  /**
   * Names the breaker of a request. Keep secrets and whatever differs from one request to the next out of
   * it: names show in errors and metrics. Where it fails, the origin is the name.
   *
   * @default the origin: scheme, host and port
   */
  name?: ((target: FetchTarget) => string) | undefined;
  /** Whether a response is a failure; the caller gets it all the same. It must not read the body. @default status 429, or 500 and above */
  isFailure?: ((response: Response) => boolean) | undefined;
  /** When a call ends: as its headers arrive, or with the last of its body. @default "headers" */
  until?: "headers" | "body" | undefined;
  /**
   * The longest that a `Retry-After` of a failure with status 429 or 503 keeps an open breaker from probing,
   * up to a year; a longer one is cut to it, and to the policy's `maxHold`. `null`: it is passed over.
   *
   * @default "5m"
   */
  maxRetryAfter?: Duration | null | undefined;
  /** Sends failed requests again whose method is idempotent and whose body can be sent again, inside the breaker and its time limit. @default none */
  retry?: Retry | undefined;
  /** What sends the requests. @default the global fetch, as it is at each call */
  fetch?: Fetch | undefined;
  /** The time of day, for a `Retry-After` that is a date. @default systemWallClock */
  wallClock?: WallClock | undefined;
  /** Hears of callbacks that fail. @default console */
  logger?: Logger | undefined;
}

/** The names of what a protected fetch takes. */
export const FETCH_FIELDS: readonly string[] = Object.keys(
  {
    name: true,
    isFailure: true,
    until: true,
    maxRetryAfter: true,
    retry: true,
    fetch: true,
    wallClock: true,
    logger: true,
  } satisfies Record<keyof ProtectFetchOptions, true>,
);

const MAX_RETRY_AFTER_MS = 366 * 24 * 3_600_000;

/** Checks the options, and gives `maxRetryAfter` in milliseconds; 0: a Retry-After is passed over. */
export function checkFetchOptions(check: OptionsCheck, options: ProtectFetchOptions): number {
  for (const name of ["name", "isFailure", "fetch", "wallClock"] as const) {
    if (options[name] !== undefined) check.callable(name, options[name]);
  }
  if (options.logger !== undefined) check.methods("logger", options.logger, LOGGER_METHODS);
  const { until = "headers", maxRetryAfter = "5m", retry } = options;
  check.oneOf("until", until, ["headers", "body"]);
  if (retry !== undefined) {
    check.object("retry", retry);
    check.callable("retry.do", retry.do);
  }
  if (maxRetryAfter === null) return 0;
  return check.duration("maxRetryAfter", maxRetryAfter, { min: 0, max: MAX_RETRY_AFTER_MS });
}
