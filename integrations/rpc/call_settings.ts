import type { Breaker } from "../../src/breaker/breaker.ts";
import { insideOf } from "../../src/breaker/inside_of.ts";
import type { BreakerOpenError } from "../../src/breaker/rejection.ts";
import type { Outcome } from "../../src/breaker/window/outcome.ts";
import { OptionsCheck } from "../../src/check/check_options.ts";
import { type Logger, LOGGER_METHODS, logSafely } from "../../src/log.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { FAILURE_CODES, MAX_CODE, outcomeOf } from "./status_code.ts";

/** What gRPC's and Connect's interceptors take. */
export interface BreakerInterceptorOptions {
  /**
   * The name of a method's breaker, given the method's full name (`/pkg.Service/Method`).
   *
   * @default the full name itself
   */
  readonly name?: ((method: string) => string) | undefined;
  /**
   * The status codes that are failures. All others are answers, and so successes, but for CANCELLED, which is ignored.
   *
   * @default UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE, DATA_LOSS
   */
  readonly failureCodes?: readonly number[] | undefined;
  /** Whether the policy's `timeout` limits calls whose responses are a stream, too. @default false */
  readonly limitStreams?: boolean | undefined;
  /** Hears of a `name` that throws or gives no text. @default console */
  readonly logger?: Logger | undefined;
}

/** Where breakers come from: a provider, or anything that has a breaker for each name. */
export type BreakerSource = Pick<Provider, "getBreaker">;

/** Why a call is refused, and when to try again. */
export interface Refusal {
  /** The breaker's own error. */
  readonly error: BreakerOpenError;
  /** Metadata for the caller, by key. */
  readonly metadata: Readonly<Record<string, string>>;
}

const OPTION_NAMES = Object.keys(
  { name: true, failureCodes: true, limitStreams: true, logger: true } satisfies Record<
    keyof BreakerInterceptorOptions,
    true
  >,
);

/** How calls by gRPC's status codes go through breakers. */
export class CallSettings {
  readonly #source: BreakerSource;
  readonly #options: BreakerInterceptorOptions;
  readonly #failureCodes: ReadonlySet<number>;

  /** Checks what is given to `task`. */
  constructor(task: string, source: BreakerSource, options: BreakerInterceptorOptions) {
    const check = new OptionsCheck(task);
    check.object("provider", source);
    check.callable("provider.getBreaker", source.getBreaker);
    check.known(options, OPTION_NAMES);
    const { name, failureCodes = FAILURE_CODES, limitStreams, logger } = options;
    if (name !== undefined) check.callable("name", name);
    if (limitStreams !== undefined) check.oneOf("limitStreams", limitStreams, [true, false]);
    if (logger !== undefined) check.methods("logger", logger, LOGGER_METHODS);
    check.object("failureCodes", failureCodes);
    check.callable("failureCodes[Symbol.iterator]", failureCodes[Symbol.iterator]);
    this.#failureCodes = new Set(
      Array.from(
        failureCodes,
        (code, i) => check.integer(`failureCodes[${i}]`, code, { min: 1, max: MAX_CODE }),
      ),
    );
    this.#source = source;
    this.#options = options;
  }

  /** The breaker of a method, by its full name. */
  breakerOf(method: string): Breaker {
    return this.#source.getBreaker(this.#nameOf(method));
  }

  /** How a call that ended so is counted. */
  outcomeOf(code: number, details: string): Outcome {
    return outcomeOf(code, details, this.#failureCodes);
  }

  /** The time limit that the policy sets to a call, in milliseconds. */
  timeoutMs(breaker: Breaker, isStream: boolean): number | undefined {
    return isStream && this.#options.limitStreams !== true ? undefined : breaker.policy.timeout;
  }

  #nameOf(method: string): string {
    const { name, logger = console } = this.#options;
    if (name === undefined) return method;
    try {
      const given: unknown = name(method);
      if (typeof given === "string") return given;
      throw new TypeError(`name must give a text, gave ${typeof given}`);
    } catch (error) {
      logSafely(logger, "error", `Breaker of ${method}: name failed, using the method's`, {
        method,
        error,
      });
      return method;
    }
  }
}

/**
 * What a call is told that `breaker` has just refused. The metadata is that of
 * a server that pushes back (gRFC A6): how many milliseconds to wait; -1, not
 * to try again, while the mode is `forced-open`; nothing while that is not known.
 */
export function refusalOf(breaker: Breaker): Refusal {
  const error = insideOf(breaker).refusal();
  const pushbackMs = error.reason === "forced" ? -1 : error.retryAfterMs;
  return {
    error,
    metadata: pushbackMs === undefined ? {} : { "grpc-retry-pushback-ms": String(pushbackMs) },
  };
}
