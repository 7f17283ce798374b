import type { Policy } from "../../src/policy/policy.ts";

/** The policy with the deadline of probes that R11 gives them before any has taught. */
export function withDeadline(policy: Policy): Policy {
  const { openStateTimeout: probeTimeout = "1m", halfOpen } = policy;
  return { ...policy, halfOpen: { ...(probeTimeout !== null && { probeTimeout }), ...halfOpen } };
}
