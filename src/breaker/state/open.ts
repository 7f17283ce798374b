import type { Nanos } from "../../time/timeline.ts";
import { type CompiledPolicy, openTime } from "./compiled_policy.ts";
import type { Open } from "./state.ts";

/** When an open breaker becomes half-open under `policy` (R7, R8, R14). */
export function openUntil(state: Open, policy: CompiledPolicy): Nanos {
  return state.since + openTime(policy, state.reopenings, state.draw);
}
