import { POLICY_FIELDS } from "./fields.ts";
import type { Policy } from "./policy.ts";

/**
 * What holds in production where no policy says otherwise, and without a
 * provider. `halfOpen` is left out, because a `ramp` lifts the limit of one
 * probe unless a policy gives it.
 */
export const PRODUCTION_POLICY: Policy = Object.freeze({
  failureThreshold: POLICY_FIELDS.failureThreshold.default,
  successThreshold: POLICY_FIELDS.successThreshold.default,
  openStateTimeout: POLICY_FIELDS.openStateTimeout.default,
  window: Object.freeze({ ...POLICY_FIELDS.window.default }),
  minimumCalls: POLICY_FIELDS.minimumCalls.default,
  mode: POLICY_FIELDS.mode.default,
});

/** What holds in development: as in production, but an open breaker probes after ten seconds. */
export const DEVELOPMENT_POLICY: Policy = Object.freeze({
  ...PRODUCTION_POLICY,
  openStateTimeout: "10s",
});
