import { invoke } from "../call/invoke.ts";
import type { Operation } from "../call/operation.ts";
import { OptionsCheck } from "../check/check_options.ts";
import { type Logger, LOGGER_METHODS, logSafely } from "../log.ts";
import { ask, type Question } from "./ask.ts";
import { callFault } from "./call_fault.ts";
import type { CallBounds, Layer, LayerDescription, LayerOptions } from "./layer.ts";
import { layerTitle } from "./layer_title.ts";
import { WaitingCaller } from "./waiting_caller.ts";

/**
 * Answers in place of a call that failed, and is given the error, and the
 * caller's signal where there is one.
 *
 * @typeParam F What it answers.
 */
export type FallbackHandler<F> = (
  error: unknown,
  signal: AbortSignal | undefined,
) => F | PromiseLike<F>;

/** What a fallback takes besides its handler. */
export interface FallbackOptions {
  /** Which errors it answers; one that throws is reported and counts as `false`. @default () => true */
  handles?: ((error: unknown) => boolean) | undefined;
  /** Stands in reports. @default "fallback" */
  name?: string | undefined;
  /** Hears of a predicate that throws. @default console */
  logger?: Logger | undefined;
}

const KNOWN = ["handles", "name", "logger"];

const CALL = /* @__PURE__ */ new OptionsCheck("call through fallback");

/**
 * Answers in place of calls that fail. Created by {@linkcode createFallback}.
 *
 * @example Usage
 * ```ts
 * import { createFallback } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const fallback = createFallback((error) => `none, because of ${error}`);
 * assert.equal(await fallback.do(() => Promise.reject("rain")), "none, because of rain");
 * ```
 *
 * @typeParam F What the handler answers.
 */
export class Fallback<F> implements Layer<F> {
  /** Stands in reports. */
  readonly name: string;
  readonly #handler: FallbackHandler<F>;
  readonly #handles: Question<unknown> | undefined;

  /** Created by {@linkcode createFallback}. */
  constructor(handler: FallbackHandler<F>, options: FallbackOptions = {}) {
    const check = new OptionsCheck(
      `create ${layerTitle("fallback", String(options?.name ?? ""))}`,
    );
    check.known(options, KNOWN);
    const name = check.text("name", options.name ?? "fallback");
    this.name = name;
    check.callable("handler", handler);
    this.#handler = handler;
    const { handles, logger = console } = options;
    check.methods("logger", logger, LOGGER_METHODS);
    if (handles === undefined) return;
    check.callable("handles", handles);
    this.#handles = {
      name: "handles",
      predicate: handles,
      otherwise: false,
      report: (message, error) =>
        logSafely(logger, "error", `Fallback "${name}": ${message}`, { fallback: name, error }),
    };
  }

  /**
   * Runs `operation`, and settles as it does, or as the handler does if the
   * operation fails. What the handler throws is thrown as it is: nothing is
   * written onto either error, and the handler is given the first.
   *
   * The handler never runs for the caller's own cancellation, so hand the signal
   * to `options` rather than straight to the operation.
   *
   * @typeParam T What the operation resolves to.
   * @param operation The call to answer for.
   * @param options The caller's signal. If it is aborted already, the operation is not run.
   * @returns What the operation or the handler resolves to.
   * @throws What the operation throws, if the handler does not answer it; what the handler throws; the signal's reason, at
   * once, if the caller aborts.
   */
  do<T>(operation: Operation<T>, options?: LayerOptions): Promise<T | F> {
    const fault = callFault(CALL, options);
    if (fault !== undefined) return Promise.reject(fault);
    const signal = options?.signal ?? undefined;
    // The caller's mistake is no failure of the dependency, and nothing to hide.
    if (typeof operation !== "function") return invoke(operation, signal);
    if (signal !== undefined) return this.#doFor(operation, signal);
    try {
      return invoke(operation, undefined).then(undefined, this.#answerUnsignalled);
    } catch (error) { // a promise whose `then` throws
      return this.#answer(error, undefined);
    }
  }

  /** What it does, around a call that costs `inner` at worst; the handler's own time is unknown, and not in it. */
  describe({ longestMs, attempts }: CallBounds): LayerDescription {
    const which = this.#handles === undefined ? "failures" : "the failures that it handles";
    return { text: `answers ${which} with a fallback`, longestMs, attempts };
  }

  /** With a signal the call owns its promise, so that an abort is heard whatever operation and handler do. */
  #doFor<T>(operation: Operation<T>, signal: AbortSignal): Promise<T | F> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const onError = (error: unknown): void | Promise<void> => {
      // Failed before the abort: the error stands, and nobody waits for an answer.
      if (signal.aborted) caller.reject(error);
      else return this.#answer(error, signal).then(onValue, (thrown) => caller.reject(thrown));
    };
    const onValue = (value: T | F): void => caller.resolve(value);
    let caller: WaitingCaller<T | F>;
    try {
      caller = new WaitingCaller(signal);
    } catch (error) { // no real signal
      return Promise.reject(error);
    }
    try {
      caller.isServedBy(invoke(operation, signal).then(onValue, onError));
    } catch (error) { // a promise whose `then` throws
      onError(error);
    }
    return caller.promise;
  }

  readonly #answerUnsignalled = (error: unknown): Promise<F> => this.#answer(error, undefined);

  #answer(error: unknown, signal: AbortSignal | undefined): Promise<F> {
    if (this.#handles !== undefined && !ask(error, this.#handles)) return Promise.reject(error);
    return new Promise((resolve) => resolve(this.#handler(error, signal)));
  }

  /** Says to compositions what it is, also to those of another copy of the package. */
  protected get switchgearLayer(): "fallback" {
    return "fallback";
  }
}

/**
 * Creates a fallback: a second answer for calls that fail, such as an empty
 * list, another region, or what was known last.
 *
 * @example Usage
 * ```ts
 * import { BreakerOpenError, createFallback } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const fallback = createFallback(() => [], {
 *   handles: (error) => error instanceof BreakerOpenError,
 * });
 * const mistake = new TypeError("not handled");
 * await assert.rejects(fallback.do(() => Promise.reject(mistake)), mistake);
 * ```
 *
 * @typeParam F What the handler answers.
 * @param handler Answers in place of a call that failed.
 * @param options What else it takes. @default {}
 * @returns The fallback.
 * @throws {TypeError} If the handler is no function, or an option is unknown or of the wrong type.
 */
export function createFallback<F>(
  handler: FallbackHandler<F>,
  options: FallbackOptions = {},
): Fallback<F> {
  return new Fallback(handler, options);
}
