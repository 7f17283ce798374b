import type { Breaker } from "../../breaker/breaker.ts";
import { type LayerKind, layerKindOf } from "../../call/layer_kind.ts";
import type { Bulkhead } from "../bulkhead/bulkhead.ts";
import type { CacheLayer } from "../cache/cache_layer.ts";
import type { Fallback } from "../fallback.ts";
import type { Hedge } from "../hedge/hedge.ts";
import type { Layer } from "../layer.ts";
import type { QuotaLimiter } from "../rate_limit/rate_limiter.ts";
import type { Retry } from "../retry/retry.ts";
import type { Timeout } from "../timeout/timeout.ts";

interface LayersByKind extends Record<Exclude<LayerKind, "composition">, object> {
  breaker: Breaker;
  bulkhead: Bulkhead;
  limiter: QuotaLimiter;
  retry: Retry;
  timeout: Timeout;
  fallback: Fallback<unknown>;
  hedge: Hedge;
  cache: CacheLayer<unknown>;
}

/**
 * Whether a layer is of a kind that this package makes, whichever copy of it has made this one: a
 * program can hold two. So what is used of the layer is its public face.
 */
export function isLayer<K extends keyof LayersByKind>(
  layer: Layer<unknown>,
  kind: K,
): layer is Layer<unknown> & LayersByKind[K] {
  return layerKindOf(layer) === kind;
}

/** Whether a layer is of one of these kinds. */
export function isAnyOf(layer: Layer<unknown>, kinds: readonly LayerKind[]): boolean {
  const kind = layerKindOf(layer);
  return kinds.some((each) => each === kind);
}
