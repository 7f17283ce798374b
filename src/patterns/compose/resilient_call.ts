import type { GuardedFunction } from "../../call/guarded_function.ts";
import type { Operation } from "../../call/operation.ts";
import type { CallBounds, Layer, LayerDescription, LayerOptions } from "../layer.ts";
import type { OrderWarning } from "./order_warning.ts";

/**
 * What `build` of `resilient` makes: a composed call for operations that resolve to a `T`.
 *
 * @typeParam T What operations may resolve to; with `unknown`, any operation will do, and the call is a layer for others.
 * @typeParam F What the fallback answers; `never` where there is none.
 */
export interface ResilientCall<T, F = never> {
  /** Stands in warnings. */
  readonly name: string;
  /** The layers, outermost first. */
  readonly layers: readonly Layer<F>[];
  /** What a call costs at worst, as the settings of the layers are now. */
  readonly bounds: CallBounds;
  /** What is known to be wrong with the order of the layers, as their settings are now, without what is silenced. */
  warnings(): OrderWarning[];
  /** Runs `operation` through the layers; see `do` of `ComposedCall`. */
  do<U extends T>(operation: Operation<U>, options?: LayerOptions): Promise<U | F>;
  /** A function that runs `fn` through the layers, with the same `this`, arguments and result. */
  wrap<Fn extends (...args: never[]) => Promise<T>>(fn: Fn): GuardedFunction<Fn, F>;
  /** A function that runs `fn` through the layers, and is asynchronous where `fn` is not. */
  wrap<This, Args extends unknown[], R extends T>(
    fn: (this: This, ...args: Args) => R | PromiseLike<R>,
  ): (this: This, ...args: Args) => Promise<R | F>;
  /** What a call goes through, outermost first, and what it costs at worst, as a sentence. */
  describe(): string;
  /** What it does as one layer, around a call that costs `inner` at worst. */
  describe(inner: CallBounds): LayerDescription;
}
