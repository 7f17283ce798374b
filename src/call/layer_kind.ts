/** The kinds of layers that this package makes. */
export type LayerKind =
  | "breaker"
  | "bulkhead"
  | "limiter"
  | "retry"
  | "timeout"
  | "fallback"
  | "hedge"
  | "cache"
  | "composition";

/**
 * Where a layer says of which kind it is; the same in every copy of the package, each of which has
 * classes of its own. Patterns have a getter of this name: a symbol, or something done to the
 * class, would keep bundlers from leaving out the patterns that a program does not use.
 */
export const LAYER_KIND = "switchgearLayer";

/** Of which kind a layer says that it is, made by this copy of the package or by another; `undefined`: of the user's own. */
export function layerKindOf(layer: object): unknown {
  return Reflect.get(layer, LAYER_KIND);
}
