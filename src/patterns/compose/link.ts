import type { Operation } from "../../call/operation.ts";
import type { Layer, LayerOptions } from "../layer.ts";

/**
 * One layer, and the link inside of it. The chain is made once; a call makes one
 * function per link that it passes, and no promise.
 *
 * @typeParam F What the layers answer in place of the operation.
 */
export interface Link<F> {
  /** The layer. */
  readonly layer: Layer<F>;
  /** The link inside of it; `undefined`: the operation itself is. */
  readonly inner: Link<F> | undefined;
}

/** Runs `operation` through `link` and those inside of it. */
export function runThrough<T, F>(
  link: Link<F>,
  operation: Operation<T>,
  options: LayerOptions | undefined,
): Promise<T | F> {
  const { layer, inner } = link;
  return layer.do<T | F>(
    inner === undefined ? operation : through(inner, operation, options),
    options,
  );
}

/** What the layer outside of `link`, called with `options`, is given to run. */
function through<T, F>(
  link: Link<F>,
  operation: Operation<T>,
  options: LayerOptions | undefined,
): Operation<T | F> {
  return (signal) => runThrough(link, operation, optionsFor(signal, options));
}

/** The options of the next layer: the same, where the signal is handed on as it was. */
function optionsFor(
  signal: AbortSignal | undefined,
  options: LayerOptions | undefined,
): LayerOptions | undefined {
  // A breaker that is given no options at all is on its shortest path.
  if (signal === undefined) return undefined;
  return signal === options?.signal ? options : { signal };
}
