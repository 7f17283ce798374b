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

/** Where a layer says of which kind it is; the same in every copy of the package, each of which has classes of its own. */
const KIND = Symbol.for("@switchgear/breaker/layer");

/** Has the layers of a class say of which kind they are. */
export function markLayers(layers: { readonly prototype: object }, kind: LayerKind): void {
  Object.defineProperty(layers.prototype, KIND, { value: kind });
}

/** Of which kind a layer says that it is, made by this copy of the package or by another; `undefined`: of the user's own. */
export function layerKindOf(layer: object): unknown {
  return Reflect.get(layer, KIND);
}
