import type { Layer } from "../layer.ts";
import { ComposedCall } from "./composed_call.ts";
import type { ComposeOptions } from "./compose_options.ts";
import type { LayerAnswer } from "./layer_answer.ts";

/**
 * Puts layers around each other, the outermost first, in one's own order; the
 * usual one is that of `resilient`. Anything with the `do` of a {@linkcode Layer} fits: the
 * patterns, breakers, compositions, and one's own. No layers at all is a composition,
 * too, which runs the operation as it is.
 *
 * The chain is made here, once. A call makes no promise besides those of its
 * layers, and without a caller's signal a breaker in it stays on its shortest path.
 *
 * Orders that are known to be wrong are warned of, once, here: see
 * `OrderWarningCode`. What is checked are the settings as they are now; a policy or limit that is
 * changed later is not, until `warnings()` is asked.
 *
 * @example Usage
 * ```ts
 * import { createBreaker, createFallback, createRetry, createTimeout, pipeline } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const call = pipeline(
 *   createFallback(() => "nobody"),
 *   createTimeout("2s"),
 *   createBreaker("users"),
 *   createRetry({ maxRetries: 2, backoff: "50ms" }),
 * );
 * assert.equal(await call.do((_signal) => Promise.resolve("ann")), "ann");
 * assert.match(call.describe(), /at worst 3 attempts in 2s/);
 * ```
 *
 * @typeParam L The layers.
 * @param layers The layers, outermost first.
 * @returns The composition, itself a layer.
 * @throws {TypeError} If one is no layer.
 */
export function pipeline<const L extends readonly Layer<unknown>[]>(
  ...layers: L
): ComposedCall<LayerAnswer<L[number]>>;
/**
 * Puts the layers of a list around each other, and takes options.
 *
 * @example Usage
 * ```ts
 * import { createBreaker, createFallback, pipeline } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * // On purpose: the breaker opens only if the second source fails, too.
 * const call = pipeline(
 *   [createBreaker("both"), createFallback(() => "from the second source")],
 *   { name: "users", silence: ["fallback-inside-breaker"] },
 * );
 * assert.equal(await call.do(() => Promise.reject(new Error("down"))), "from the second source");
 * ```
 *
 * @typeParam L The layers.
 * @param layers The layers, outermost first.
 * @param options A name, and which warnings are not wanted. @default {}
 * @returns The composition, itself a layer.
 * @throws {TypeError} If one is no layer, or an option is unknown or of the wrong type.
 */
export function pipeline<const L extends readonly Layer<unknown>[]>(
  layers: L,
  options?: ComposeOptions,
): ComposedCall<LayerAnswer<L[number]>>;
export function pipeline(
  ...args: readonly Layer<unknown>[] | readonly [readonly Layer<unknown>[], ComposeOptions?]
): ComposedCall<unknown> {
  return isListed(args) ? new ComposedCall(args[0], args[1]) : new ComposedCall(args);
}

function isListed(
  args: readonly Layer<unknown>[] | readonly [readonly Layer<unknown>[], ComposeOptions?],
): args is readonly [readonly Layer<unknown>[], ComposeOptions?] {
  return Array.isArray(args[0]);
}
