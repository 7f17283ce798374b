import type { EffectivePolicy } from "../../src/policy/policy.ts";
import type { Opening } from "./memory.ts";

/** R8: when an opening is over that is the `reopenings`th since the trip. */
export function openUntilMs(
  { openedAtMs, draw }: Opening,
  policy: EffectivePolicy,
  reopenings: number,
): number {
  return openedAtMs + openTimeMs(policy, reopenings, draw);
}

function openTimeMs(policy: EffectivePolicy, reopenings: number, draw: number): number {
  const backoff = policy.openBackoff;
  if (backoff === undefined) return policy.openStateTimeout;
  const grown = policy.openStateTimeout * backoff.multiplier ** reopenings;
  return Math.min(backoff.maxTimeout, grown) * (1 - backoff.jitter * draw);
}
