import type { Operation } from "../../call/operation.ts";
import { platformPromise } from "../../call/platform_promise.ts";
import { OptionsCheck } from "../../check/check_options.ts";
import { describeValue } from "../../check/describe_value.ts";
import { formatDuration } from "../../time/duration.ts";
import { callFault } from "../call_fault.ts";
import type { CallBounds, Layer, LayerDescription, LayerOptions } from "../layer.ts";
import { layerTitle } from "../layer_title.ts";
import { checkRetryOptions, RetryHost } from "./retry_host.ts";
import type { RetryCallOptions, RetryOptions } from "./retry_options.ts";
import type { RetryPolicy } from "./retry_policy.ts";
import { RetryRun } from "./retry_run.ts";
import { type RetryShorthand, toRetryPolicy } from "./retry_shorthand.ts";

const CALL = /* @__PURE__ */ new OptionsCheck("call through retry");
/** Waits that are added up one by one in `describe`; the rest count as the last of all. */
const MAX_ADDED = 1_000;

/**
 * Runs operations, and runs them again when they fail, as its policy says.
 * Created by {@linkcode createRetry}.
 *
 * @example Usage
 * ```ts
 * import { createRetry } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const retry = createRetry({ maxRetries: 2, backoff: "1ms" });
 * let attempts = 0;
 * const answer = await retry.do(() => {
 *   if (++attempts < 3) throw new Error("Connection reset");
 *   return "answer";
 * });
 * assert.deepEqual([answer, attempts], ["answer", 3]);
 * ```
 */
export class Retry implements Layer {
  readonly #host: RetryHost;

  /** Created by {@linkcode createRetry}. */
  constructor(host: RetryHost) {
    this.#host = host;
  }

  /** The retry's name. */
  get name(): string {
    return this.#host.name;
  }

  /** Attempts of one call at most; infinite where only the policy's `shouldRetry` ends them. */
  get maxAttempts(): number {
    return this.#host.maxAttempts;
  }

  /**
   * Runs `operation` until it succeeds or the policy gives up, and settles as the last attempt did.
   *
   * The first attempt is made synchronously; each is given the caller's signal.
   * The caller's abort ends an attempt and a wait at once, and no attempt follows it.
   *
   * @typeParam T What the operation resolves to.
   * @param operation What to run; must be safe to run more than once.
   * @param options The caller's signal. @default {}
   * @returns What the first attempt that succeeds resolves to.
   * @throws What the last attempt throws, as it is; the signal's reason if the caller aborts.
   */
  do<T>(operation: Operation<T>, options?: LayerOptions): Promise<T> {
    const host = this.#host;
    if (typeof operation !== "function") return Promise.reject(noOperation(operation));
    const fault = callFault(CALL, options);
    if (fault !== undefined) return Promise.reject(fault);
    const signal = options?.signal ?? undefined;
    if (signal !== undefined || host.onReport !== undefined) {
      return new Promise((resolve, reject) => {
        new RetryRun<T>(host, { operation, signal }, { resolve, reject }).start();
      });
    }
    const again = (error: unknown): Promise<T> =>
      new Promise((resolve, reject) => {
        new RetryRun<T>(host, { operation, signal }, { resolve, reject }).resume(error);
      });
    host.deposit();
    try {
      const result = operation(undefined);
      return platformPromise(result).then(undefined, again);
    } catch (error) {
      return again(error);
    }
  }

  /**
   * Whether a first attempt that failed with `error` would be followed by another one. Of a server's
   * Retry-After and of the budget, which may still prevent it, it takes no account.
   */
  retries(error: unknown): boolean {
    return this.#host.refusal(error, 1) === undefined;
  }

  /** What it does, around a call that costs `inner` at worst. */
  describe(inner: CallBounds): LayerDescription {
    const { maxAttempts, maxRetryAfterMs } = this.#host;
    const attempts = maxAttempts * inner.attempts;
    if (maxAttempts === 1) return { text: "tries once", longestMs: inner.longestMs, attempts };
    const times = maxAttempts === Infinity
      ? "until its policy refuses"
      : `up to ${maxAttempts} times`;
    const asked = maxRetryAfterMs === undefined || maxRetryAfterMs === 0
      ? ""
      : `, or as long as a Retry-After of at most ${formatDuration(maxRetryAfterMs)} asks`;
    return {
      text: `tries ${times}, waiting ${this.#waits()} in between${asked}`,
      longestMs: maxAttempts === Infinity
        ? Infinity
        : maxAttempts * inner.longestMs + this.#longestWaitsMs(),
      attempts,
    };
  }

  #waits(): string {
    const last = Math.min(this.#host.maxAttempts - 1, Number.MAX_SAFE_INTEGER);
    const firstMs = this.#host.longestDelayMs(1);
    const lastMs = this.#host.longestDelayMs(last);
    if (firstMs === Infinity || lastMs === Infinity) return "as its policy says";
    if (lastMs === 0) return "no time";
    const upTo = `at most ${formatDuration(firstMs)}`;
    return firstMs === lastMs ? upTo : `${upTo} at first and ${formatDuration(lastMs)} at last`;
  }

  #longestWaitsMs(): number {
    const { maxAttempts, maxRetryAfterMs = 0 } = this.#host;
    const longestMs = (attempt: number): number =>
      Math.max(this.#host.longestDelayMs(attempt), maxRetryAfterMs);
    const waits = maxAttempts - 1;
    const added = Math.min(waits, MAX_ADDED);
    let sumMs = 0;
    for (let attempt = 1; attempt <= added; attempt++) sumMs += longestMs(attempt);
    return waits === added ? sumMs : sumMs + (waits - added) * longestMs(waits);
  }

  /** Says to compositions what it is, also to those of another copy of the package. */
  protected get switchgearLayer(): "retry" {
    return "retry";
  }
}

/**
 * Creates a retry, to be used by itself or as a layer around or inside others.
 *
 * It belongs inside a breaker: then the breaker sees one call with one outcome,
 * and what the breaker refuses is not retried. By default a breaker's rejection
 * is not retried in the other order either.
 *
 * @example Usage
 * ```ts
 * import { createRetry, createRetryBudget, exponentialBackoff } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const retry = createRetry(
 *   exponentialBackoff({ maxAttempts: 5, initialDelay: "200ms", maxDelay: "5s", jitter: 0.2 }),
 *   { budget: createRetryBudget({ ratio: 0.2 }), maxRetryAfter: "10s" },
 * );
 * assert.equal(await retry.do(() => Promise.resolve("answer")), "answer");
 * ```
 *
 * @param policy When to try again and after how long, or the shorthand for it. @default {}
 * @param options What is given besides the policy. @default {}
 * @returns The retry.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If an option is out of range.
 */
export function createRetry(
  policy: RetryPolicy | RetryShorthand = {},
  options: RetryOptions = {},
): Retry {
  const check = new OptionsCheck(`create ${layerTitle("retry", String(options?.name ?? ""))}`);
  const maxRetryAfterMs = checkRetryOptions(options, check);
  const checked = toRetryPolicy(policy, check, options.random ?? Math.random);
  return new Retry(new RetryHost(checked, maxRetryAfterMs, options));
}

/**
 * Runs `operation` until it succeeds or the policy gives up, and settles as the
 * last attempt did. Whoever makes many such calls creates the retry once, by
 * {@linkcode createRetry}.
 *
 * @example Usage
 * ```ts
 * import { retry } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * let attempts = 0;
 * const flaky = (): Promise<string> =>
 *   ++attempts < 3 ? Promise.reject(new Error("Connection reset")) : Promise.resolve("answer");
 * const signal = AbortSignal.timeout(10_000);
 * assert.equal(await retry(flaky, { maxRetries: 4, backoff: "1ms", jitter: 0.5 }, { signal }), "answer");
 * ```
 *
 * @typeParam T What the operation resolves to.
 * @param operation What to run; must be safe to run more than once.
 * @param policy When to try again and after how long, or the shorthand for it. @default {}
 * @param options The caller's signal, and what is given besides the policy. @default {}
 * @returns What the first attempt that succeeds resolves to; rejects also where an argument is bad.
 * @throws What the last attempt throws, as it is; the signal's reason if the caller aborts.
 */
export function retry<T>(
  operation: Operation<T>,
  policy: RetryPolicy | RetryShorthand = {},
  options: RetryCallOptions = {},
): Promise<T> {
  try {
    const { signal, ...rest } = options;
    return createRetry(policy, rest).do(operation, signal === undefined ? undefined : { signal });
  } catch (error) {
    return Promise.reject(error);
  }
}

function noOperation(operation: unknown): TypeError {
  return new TypeError(
    `Cannot retry: the operation must be a function, received ${describeValue(operation)}`,
  );
}
