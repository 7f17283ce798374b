import type { StateName } from "../../src/breaker/events/state_name.ts";
import type { Happening } from "./happening.ts";

/**
 * The state in each of `cells` equal slices of a stretch of time. A slice in
 * which the breaker was half-open shows that, however short it was.
 *
 * @param happenings What has happened, in order.
 * @param fromMs Begin of the stretch.
 * @param toMs End of the stretch.
 * @param cells Number of slices.
 */
export function stateStrip(
  happenings: readonly Happening[],
  fromMs: number,
  toMs: number,
  cells: number,
): readonly StateName[] {
  const transitions = happenings.filter((happening) => happening.kind === "transition");
  const sliceMs = (toMs - fromMs) / cells;
  return Array.from({ length: cells }, (_, cell) => {
    const startMs = fromMs + cell * sliceMs;
    let state: StateName = "closed";
    for (const happening of transitions) {
      if (happening.atMs >= startMs + sliceMs) break;
      const isWithin = happening.atMs >= startMs;
      if (isWithin && (state === "half-open" || happening.to === "half-open")) return "half-open";
      state = happening.to;
    }
    return state;
  });
}

/** The state at one moment. */
export function stateAt(happenings: readonly Happening[], atMs: number): StateName {
  let state: StateName = "closed";
  for (const happening of happenings) {
    if (happening.kind === "transition" && happening.atMs <= atMs) state = happening.to;
  }
  return state;
}
