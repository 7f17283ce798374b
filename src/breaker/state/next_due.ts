import type { Nanos } from "../../time/timeline.ts";
import type { CompiledPolicy } from "./compiled_policy.ts";
import { openUntil } from "./open.ts";
import { intervalEnd } from "./ramp.ts";
import type { State } from "./state.ts";

/** When time alone next changes something; `undefined`: never. */
export function nextDue(state: State, policy: CompiledPolicy): Nanos | undefined {
  if (state.kind === "closed") return undefined;
  if (state.kind === "open") return openUntil(state, policy);
  const interval = state.ramp === undefined ? Infinity : intervalEnd(state.ramp);
  return Math.min(state.probes.deadline, interval);
}
