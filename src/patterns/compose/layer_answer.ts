import type { Operation } from "../../call/operation.ts";
import type { Fallback } from "../fallback.ts";
import type { Layer, LayerOptions } from "../layer.ts";
import type { ComposedCall } from "./composed_call.ts";
import type { ResilientCall } from "./resilient_call.ts";

/**
 * What a layer answers in place of the operation: `never` where it does not.
 * Of a class of one's own that answers it is `unknown`, unless it is handed in as a
 * `Layer` of what it answers.
 *
 * @typeParam L The layer.
 */
export type LayerAnswer<L> = L extends
  { do<T>(operation: Operation<T>, options?: LayerOptions): Promise<T> } ? never
  : L extends Fallback<infer F> ? F
  : L extends ComposedCall<infer F> ? F
  : L extends ResilientCall<infer _, infer F> ? F
  : L extends Layer<infer F> ? F
  : never;
