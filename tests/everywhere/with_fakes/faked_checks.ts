/**
 * What must hold where a test tool fakes timers. The tool and the runner are the caller's:
 * every tool runs the same checks.
 *
 * @module
 */
import { ABORT_CHECKS } from "./abort_checks.ts";
import { CLOCK_CHECKS } from "./clock_checks.ts";
import type { FakedCheck } from "./faked_check.ts";
import { WAIT_CHECKS } from "./wait_checks.ts";

/** When the package was loaded, beside the fakes. */
export type Loaded = "before" | "under";

/** All checks that hold where the package was loaded then. */
export function fakedChecks(loaded: Loaded): readonly FakedCheck[] {
  return [...ABORT_CHECKS, ...CLOCK_CHECKS, ...WAIT_CHECKS]
    .filter(({ needsEarlyLoad }) => loaded === "before" || needsEarlyLoad !== true);
}
