import type { SignalledOperation } from "../../call/operation.ts";
import { OptionsCheck } from "../../check/check_options.ts";
import { clockOf } from "../../check/services.ts";
import type { Clock } from "../../time/clock.ts";
import { type Duration, formatDuration } from "../../time/duration.ts";
import { callFault } from "../call_fault.ts";
import type { CallBounds, Layer, LayerDescription, LayerOptions } from "../layer.ts";
import { layerTitle } from "../layer_title.ts";
import { TimedCall } from "./timed_call.ts";

/**
 * What happens at the deadline. In both modes the operation's signal is aborted
 * with a `BreakerTimeoutError`. `hard`: the call rejects with that error at once,
 * even if the operation ignores its signal; `cooperative`: the call settles as
 * the operation does, whenever that is.
 */
export type TimeoutMode = "hard" | "cooperative";

/** What a timeout takes besides its limit. */
export interface TimeoutOptions {
  /** What happens at the deadline. @default "hard" */
  mode?: TimeoutMode | undefined;
  /** Stands in errors. @default "timeout" */
  name?: string | undefined;
  /** The source of time. @default systemClock */
  clock?: Clock | undefined;
}

/** What a single call with a time limit takes. */
export interface WithTimeoutOptions extends TimeoutOptions, LayerOptions {}

const CALL = /* @__PURE__ */ new OptionsCheck("call through timeout");
const MODES: readonly TimeoutMode[] = ["hard", "cooperative"];
const KNOWN = ["mode", "name", "clock"];

/**
 * A time limit for calls. Created by {@linkcode createTimeout}.
 *
 * @example Usage
 * ```ts
 * import { BreakerTimeoutError, createTimeout } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const timeout = createTimeout("5ms", { name: "users" });
 * const hung = () => new Promise<string>(() => {});
 * await assert.rejects(timeout.do(hung), BreakerTimeoutError);
 * ```
 */
export class Timeout implements Layer {
  /** Stands in errors. */
  readonly name: string;
  /** What happens at the deadline. */
  readonly mode: TimeoutMode;
  readonly #check: OptionsCheck;
  readonly #subject: string;
  readonly #clock: Clock;
  #limitMs: number;

  /** Created by {@linkcode createTimeout}. */
  constructor(limit: Duration, options: TimeoutOptions = {}) {
    const title = layerTitle("timeout", String(options?.name ?? ""));
    this.#check = new OptionsCheck(`create ${title}`);
    this.#check.known(options, KNOWN);
    this.name = this.#check.text("name", options.name ?? "timeout");
    this.#subject = options.name === undefined ? "Call" : `Call through ${title}`;
    this.mode = this.#check.oneOf("mode", options.mode ?? "hard", MODES);
    this.#clock = clockOf(this.#check, options.clock);
    this.#limitMs = this.#check.duration("limit", limit, { above: 0 });
  }

  /** The limit of calls from now on, in milliseconds. */
  get limitMs(): number {
    return this.#limitMs;
  }

  /**
   * Changes the limit of calls from now on; those in flight keep their deadline.
   *
   * @param limit The new limit, above 0.
   * @throws {TypeError} If `limit` is neither text nor a number.
   * @throws {RangeError} If it is no duration above 0; the old limit then stands.
   */
  setLimit(limit: Duration): void {
    this.#limitMs = this.#check.duration("limit", limit, { above: 0 });
  }

  /**
   * Runs `operation`, and settles as it does, unless the deadline or the caller
   * ends the call before. A call that is ended leaves the operation's own
   * outcome unheard, a failure included.
   *
   * @typeParam T What the operation resolves to.
   * @param operation The call to limit; its signal is aborted at the deadline and by the caller's abort.
   * @param options The caller's signal. If it is aborted already, the operation is not run.
   * @returns What the operation resolves to.
   * @throws {BreakerTimeoutError} At the deadline, in mode `hard`.
   * @throws What the operation throws; the signal's reason, at once, if the caller aborts.
   */
  do<T>(operation: SignalledOperation<T>, options?: LayerOptions): Promise<T> {
    const fault = callFault(CALL, options);
    if (fault !== undefined) return Promise.reject(fault);
    const signal = options?.signal ?? undefined;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const settings = {
      name: this.name,
      subject: this.#subject,
      limitMs: this.#limitMs,
      isHard: this.mode === "hard",
      clock: this.#clock,
    };
    try {
      return new TimedCall<T>(settings, signal).run(operation);
    } catch (error) { // no real signal
      return Promise.reject(error);
    }
  }

  /** What it does, around a call that costs `inner` at worst: a hard limit is its longest duration. */
  describe({ longestMs, attempts }: CallBounds): LayerDescription {
    const limit = formatDuration(this.#limitMs);
    return this.mode === "hard"
      ? {
        text: `gives up after ${limit}`,
        longestMs: Math.min(longestMs, this.#limitMs),
        attempts,
      }
      : { text: `asks the operation to stop after ${limit}`, longestMs, attempts };
  }

  /** Says to compositions what it is, also to those of another copy of the package. */
  protected get switchgearLayer(): "timeout" {
    return "timeout";
  }
}

/**
 * Creates a time limit for calls: hard, so that no operation can hang its
 * caller, or cooperative, so that the caller never leaves an operation that is
 * still at work. Its error is the breaker's own, `BreakerTimeoutError`.
 *
 * @example Usage
 * ```ts
 * import { createTimeout } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const timeout = createTimeout("2s", { name: "users" });
 * assert.equal(await timeout.do((_signal) => Promise.resolve("in time")), "in time");
 * timeout.setLimit("500ms"); // for calls from now on
 * ```
 *
 * @param limit The longest that a call may take, above 0.
 * @param options What else it takes. @default {}
 * @returns The timeout.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If `limit` is no duration above 0.
 */
export function createTimeout(limit: Duration, options: TimeoutOptions = {}): Timeout {
  return new Timeout(limit, options);
}

/**
 * Runs one operation with a time limit, as {@linkcode Timeout.do} does.
 *
 * @example Usage
 * ```ts
 * import { withTimeout } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const { signal } = new AbortController();
 * assert.equal(await withTimeout(() => Promise.resolve(42), "1s", { signal }), 42);
 * ```
 *
 * @typeParam T What the operation resolves to.
 * @param operation The call to limit.
 * @param limit The longest that it may take, above 0.
 * @param options What else it takes. @default {}
 * @returns What the operation resolves to.
 * @throws {BreakerTimeoutError} At the deadline, in mode `hard`.
 * @throws What the operation throws; the signal's reason, at once, if the caller aborts.
 */
export function withTimeout<T>(
  operation: SignalledOperation<T>,
  limit: Duration,
  options: WithTimeoutOptions = {},
): Promise<T> {
  try {
    const { signal, ...settings } = options;
    const timeout = new Timeout(limit, settings);
    return timeout.do(operation, signal === undefined ? undefined : { signal });
  } catch (error) {
    return Promise.reject(error);
  }
}
