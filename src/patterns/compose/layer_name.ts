import { Breaker } from "../../breaker/breaker.ts";
import { Bulkhead } from "../bulkhead/bulkhead.ts";
import { CacheLayer } from "../cache/cache_layer.ts";
import { Fallback } from "../fallback.ts";
import { Hedge } from "../hedge/hedge.ts";
import type { Layer } from "../layer.ts";
import { layerTitle } from "../layer_title.ts";
import { QuotaLimiter } from "../rate_limit/rate_limiter.ts";
import { Retry } from "../retry/retry.ts";
import { Timeout } from "../timeout/timeout.ts";

/** What a layer is called in messages, such as `breaker "users"`. */
export function layerName(layer: Layer<unknown>): string {
  if (layer instanceof Breaker) return layerTitle("breaker", layer.name);
  if (layer instanceof Bulkhead) return layerTitle("bulkhead", layer.name);
  if (layer instanceof QuotaLimiter) return layerTitle("rate limiter", layer.name);
  if (layer instanceof Retry) return named("retry", layer.name);
  if (layer instanceof Timeout) return named("timeout", layer.name);
  if (layer instanceof Fallback) return named("fallback", layer.name);
  if (layer instanceof Hedge) return named("hedge", layer.name);
  return layer instanceof CacheLayer ? "cache fallback" : "layer";
}

/** Some layers are called what they are unless they are given a name. */
function named(kind: string, name: string): string {
  return layerTitle(kind, name === kind ? "" : name);
}
