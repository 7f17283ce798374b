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

/** All of them. */
export const FAKED_CHECKS: readonly FakedCheck[] = [
  ...ABORT_CHECKS,
  ...CLOCK_CHECKS,
  ...WAIT_CHECKS,
];
