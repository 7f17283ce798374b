import type { OptionsCheck } from "../check/check_options.ts";
import type { LayerOptions } from "./layer.ts";

/**
 * What is wrong with the options of a call through a layer; `undefined`: nothing. An option that the layer does not know
 * would be passed over in silence: a time limit for a bulkhead, say.
 *
 * @param check Says through what the call goes.
 * @param options What the call was given.
 */
export function callFault(
  check: OptionsCheck,
  options: LayerOptions | null | undefined,
): unknown {
  if (options === undefined || options === null || isPlain(options)) return undefined;
  try {
    check.known(options, ["signal"]);
    check.signal(options.signal);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Whether there is a signal, or none, and nothing else: that is usual. */
function isPlain(options: LayerOptions): boolean {
  if (typeof options !== "object") return false;
  for (const name in options) if (name !== "signal") return false;
  const { signal } = options;
  return signal === undefined || signal === null || typeof signal.aborted === "boolean";
}
