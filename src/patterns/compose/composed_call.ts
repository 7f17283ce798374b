import { invoke } from "../../call/invoke.ts";
import type { AsyncFunction, GuardedFunction } from "../../call/guarded_function.ts";
import { layerKindOf } from "../../call/layer_kind.ts";
import { lookLike } from "../../call/look_like.ts";
import type { Operation } from "../../call/operation.ts";
import { OptionsCheck } from "../../check/check_options.ts";
import { describeValue } from "../../check/describe_value.ts";
import { LOGGER_METHODS, logSafely } from "../../log.ts";
import { callFault } from "../call_fault.ts";
import type { CallBounds, Layer, LayerDescription, LayerOptions } from "../layer.ts";
import { layerTitle } from "../layer_title.ts";
import { WaitingCaller } from "../waiting_caller.ts";
import { COMPOSE_FIELDS, type ComposeOptions } from "./compose_options.ts";
import { BARE, describeLayers, toSentence } from "./description.ts";
import { isAnyOf, isLayer } from "./layer_kinds.ts";
import { type Link, runThrough } from "./link.ts";
import { ORDER_WARNING_CODES, type OrderWarning } from "./order_warning.ts";
import { orderWarnings } from "./order_warnings.ts";

const CALL = /* @__PURE__ */ new OptionsCheck("call through composition");

/**
 * Several layers as one. Created by `pipeline`, and by `build` of `resilient`.
 *
 * @example Usage
 * ```ts
 * import { createBreaker, createRetry, pipeline } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const breaker = createBreaker("users", { timeout: "2s" });
 * const call = pipeline(breaker, createRetry({ maxRetries: 1 }));
 * assert.deepEqual(call.bounds, { longestMs: 2_000, attempts: 2 });
 * const greet = call.wrap((name: string) => `Hello, ${name}`);
 * assert.equal(await greet("Ann"), "Hello, Ann");
 * ```
 *
 * @typeParam F What its layers answer in place of the operation; `never` where they do not.
 */
export class ComposedCall<F = never> implements Layer<F> {
  /** Stands in warnings. */
  readonly name: string;
  /** The layers, outermost first; those of a composition inside of this one are among them. */
  readonly layers: readonly Layer<F>[];
  readonly #first: Link<F> | undefined;
  readonly #passesAborts: boolean;
  readonly #silence: readonly string[];

  /** Created by `pipeline`, and by `build` of `resilient`. */
  constructor(given: readonly Layer<F>[], options: ComposeOptions = {}) {
    const name = options?.name ?? "";
    const title = layerTitle("composition", String(name));
    const check = new OptionsCheck(`create ${title}`);
    check.known(options, COMPOSE_FIELDS);
    this.name = check.text("name", name);
    this.#silence = silenced(check, options.silence ?? []);
    const { logger = console } = options;
    check.methods("logger", logger, LOGGER_METHODS);
    for (const [index, layer] of given.entries()) {
      check.object(`layers[${index}]`, layer);
      check.callable(`layers[${index}].do`, layer.do);
    }
    this.layers = Object.freeze(given.flatMap(layersOf));
    this.#first = this.layers.reduceRight<Link<F> | undefined>(
      (inner, layer) => ({ layer, inner }),
      undefined,
    );
    const limit = this.layers.find((layer) => !isLayer(layer, "limiter"));
    this.#passesAborts = limit === undefined || !endsOnAbort(limit);
    for (const { code, message, outer, inner } of this.warnings()) {
      const silence = `{ silence: [${JSON.stringify(code)}] }`;
      const text = `${
        layerTitle("Composition", this.name)
      }: ${message}. Silence this by ${silence}`;
      const fields = { composition: this.name, code, outer, inner };
      logSafely(logger, "warn", text, fields);
    }
  }

  /** What a call costs at worst, as the settings of the layers are now. */
  get bounds(): CallBounds {
    const { longestMs, attempts } = describeLayers(this.layers, BARE);
    return { longestMs, attempts };
  }

  /**
   * What is known to be wrong with the order of the layers, as their settings
   * are now, without what is silenced. What there is of it at first has been
   * logged; changes are not watched.
   */
  warnings(): OrderWarning[] {
    if (this.#silence.includes("all")) return [];
    return orderWarnings(this.layers).filter(({ code }) => !this.#silence.includes(code));
  }

  /**
   * Runs `operation` through the layers, the outermost first. Each is given the
   * signal that the one outside of it gives to its operation.
   *
   * @typeParam T What the operation resolves to.
   * @param operation The call to guard.
   * @param options The caller's signal. If it is aborted already, no layer and no operation is run.
   * @returns What the operation, or a layer in its place, resolves to.
   * @throws What a layer or the operation throws; the signal's reason, at once, if the caller aborts.
   */
  do<T>(operation: Operation<T>, options?: LayerOptions): Promise<T | F> {
    // Inside, it would look like a failure of the dependency, and a fallback would hide it.
    if (typeof operation !== "function") return Promise.reject(noOperation(operation));
    const fault = callFault(CALL, options);
    if (fault !== undefined) return Promise.reject(fault);
    const signal = options?.signal ?? undefined;
    if (signal === undefined) return this.#run(operation, undefined);
    if (signal.aborted) return Promise.reject(signal.reason);
    const own = { signal };
    return this.#passesAborts ? this.#runFor(operation, own) : this.#run(operation, own);
  }

  /**
   * A function that runs `fn` through the layers, with the same `this`, arguments and result, and the
   * name, `length` and own properties that `fn` has now. `fn` is handed no signal: a time limit rejects at its
   * deadline, but only `do` can cancel what runs on.
   *
   * @param fn The function to guard.
   * @returns The guarded function.
   */
  wrap<Fn extends AsyncFunction>(fn: Fn): GuardedFunction<Fn, F>;
  /** A function that runs `fn` through the layers, and is asynchronous where `fn` is not. */
  wrap<This, Args extends unknown[], R>(
    fn: (this: This, ...args: Args) => R | PromiseLike<R>,
  ): (this: This, ...args: Args) => Promise<R | F>;
  wrap<This, Args extends unknown[], R>(
    fn: (this: This, ...args: Args) => R | PromiseLike<R>,
  ): (this: This, ...args: Args) => Promise<R | F> {
    const run = (operation: Operation<R>): Promise<R | F> => this.do(operation);
    const wrapped = function (this: This, ...args: Args): Promise<R | F> {
      return run(() => fn.apply(this, args));
    };
    return lookLike(wrapped, fn);
  }

  /**
   * What a call goes through, outermost first, and what it costs at worst, as a sentence. It is as the
   * settings of the layers are now. How long a fallback or a cache takes to answer is not in it.
   */
  describe(): string;
  /** What it does as one layer, around a call that costs `inner` at worst. */
  describe(inner: CallBounds): LayerDescription;
  describe(inner?: CallBounds): string | LayerDescription {
    return inner === undefined
      ? toSentence(describeLayers(this.layers, BARE))
      : describeLayers(this.layers, inner);
  }

  #run<T>(operation: Operation<T>, options: LayerOptions | undefined): Promise<T | F> {
    if (this.#first === undefined) return invoke(operation, options?.signal ?? undefined);
    try {
      return runThrough(this.#first, operation, options);
    } catch (error) { // a layer of the user's own
      return Promise.reject(error);
    }
  }

  /** Hears the abort in place of layers that leave it to the operation. */
  #runFor<T>(operation: Operation<T>, options: { readonly signal: AbortSignal }): Promise<T | F> {
    let caller: WaitingCaller<T | F>;
    try {
      caller = new WaitingCaller(options.signal);
    } catch (error) { // no real signal
      return Promise.reject(error);
    }
    const handled = this.#run(operation, options).then(
      (value) => caller.resolve(value),
      (error) => caller.reject(error),
    );
    caller.isServedBy(handled);
    return caller.promise;
  }

  /** Says to compositions what it is, also to those of another copy of the package. */
  protected get switchgearLayer(): "composition" {
    return "composition";
  }
}

/** Whether a layer ends its call on the caller's abort, whatever is inside of it. */
function endsOnAbort(layer: Layer<unknown>): boolean {
  return isAnyOf(layer, [
    "breaker",
    "bulkhead",
    "timeout",
    "retry",
    "hedge",
    "fallback",
    "cache",
  ]);
}

function layersOf<F>(layer: Layer<F>): readonly Layer<F>[] {
  return isComposition(layer) ? layer.layers : [layer];
}

/** Whether it is a composition, also one of another copy of the package. */
function isComposition<F>(layer: Layer<F>): layer is ComposedCall<F> {
  return layerKindOf(layer) === "composition";
}

function silenced(
  check: OptionsCheck,
  silence: ComposeOptions["silence"],
): readonly string[] {
  if (!Array.isArray(silence)) return [check.oneOf("silence", silence, ["all"])];
  return silence.map((code, i) => check.oneOf(`silence[${i}]`, code, ORDER_WARNING_CODES));
}

function noOperation(operation: unknown): TypeError {
  return new TypeError(
    `Cannot call: the operation must be a function, received ${describeValue(operation)}`,
  );
}
