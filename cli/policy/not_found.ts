import { nearestName } from "../../src/check/nearest_name.ts";
import { printableName } from "../printable.ts";
import { Refusal } from "../store/refusal.ts";
import type { StoreState } from "../store/store_state.ts";

/** The refusal where there is no policy of a name. */
export function notFound(name: string, state: StoreState): Refusal {
  const nearest = nearestName(name, state.policies().map((held) => held.name));
  const hint = nearest === undefined ? "" : `; did you mean ${printableName(nearest)}?`;
  const group = state.groupOf(name);
  const holds = group === undefined ? "" : `; its group ${printableName(group)} holds`;
  const doubts = state.doubts().map((doubt) => `; ${doubt}`).join("");
  return new Refusal(
    "not-found",
    `There is no policy ${printableName(name)}${holds}${hint}${doubts}`,
  );
}
