/** What a layer is called in messages: `timeout "users"`, or `timeout` where it has no name. */
export function layerTitle(kind: string, name: string): string {
  return name === "" ? kind : `${kind} "${name}"`;
}
