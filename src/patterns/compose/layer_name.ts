import type { Layer } from "../layer.ts";
import { layerTitle } from "../layer_title.ts";
import { isLayer } from "./layer_kinds.ts";

/** What a layer is called in messages, such as `breaker "users"`. */
export function layerName(layer: Layer<unknown>): string {
  if (isLayer(layer, "breaker")) return layerTitle("breaker", layer.name);
  if (isLayer(layer, "bulkhead")) return layerTitle("bulkhead", layer.name);
  if (isLayer(layer, "limiter")) return layerTitle("rate limiter", layer.name);
  if (isLayer(layer, "retry")) return named("retry", layer.name);
  if (isLayer(layer, "timeout")) return named("timeout", layer.name);
  if (isLayer(layer, "fallback")) return named("fallback", layer.name);
  if (isLayer(layer, "hedge")) return named("hedge", layer.name);
  return isLayer(layer, "cache") ? "cache fallback" : "layer";
}

/** Some layers are called what they are unless they are given a name. */
function named(kind: string, name: string): string {
  return layerTitle(kind, name === kind ? "" : name);
}
