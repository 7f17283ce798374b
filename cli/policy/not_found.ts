import { nearestName } from "../../src/check/nearest_name.ts";
import { printableName } from "../printable.ts";
import { Refusal } from "../store/refusal.ts";
import type { StoreState } from "../store/store_state.ts";

/** The refusal where a breaker has no policy of its own. */
export function notFound(name: string, state: StoreState): Refusal {
  const nearest = nearestName(name, state.policies().map((held) => held.name));
  const hint = nearest === undefined ? "" : `; did you mean ${printableName(nearest)}?`;
  const doubts = state.doubts().map((doubt) => `; ${doubt}`).join("");
  return new Refusal("not-found", `There is no policy ${printableName(name)}${hint}${doubts}`);
}
