/**
 * What runs in the page: the conformance cases, then the checks. Whoever opened the page calls the
 * global `report` and gets what was seen as JSON.
 *
 * @module
 */
import { timersPending } from "./browser_timers.ts";
import { createBreaker, InvalidPolicyError, restoreBreaker } from "@switchgear/breaker";
import { ManualClock } from "@switchgear/breaker/testing";
import { type CaseFile, type CaseTotals, runCases } from "../conformance/run_cases.ts";
import { CALL_CHECKS } from "./browser_call_checks.ts";
import { SERVICE_CHECKS } from "./browser_service_checks.ts";
import { BREAKER_CHECKS } from "./on_platform/breaker_checks.ts";
import { type Check, runChecks } from "./on_platform/check_list.ts";
import { PATTERN_CHECKS } from "./on_platform/pattern_checks.ts";

/** What was seen in the page. */
export interface PageReport {
  readonly cases: CaseTotals;
  readonly checks: CaseTotals;
  /** What was told of those that failed. */
  readonly lines: readonly string[];
}

async function report(): Promise<PageReport> {
  const files: CaseFile[] = await (await fetch("/cases.json")).json();
  const lines: string[] = [];
  const print = (line: string): void => void lines.push(line);
  const library = { createBreaker, restoreBreaker, InvalidPolicyError, ManualClock };
  const cases = runCases(files, { library, print });
  const all = [...BREAKER_CHECKS, ...PATTERN_CHECKS, ...CALL_CHECKS, ...SERVICE_CHECKS];
  const checks = await runChecks(all.map(leavingNoTimer), print);
  return { cases, checks, lines };
}

/** The check, and that it leaves no timer behind. */
function leavingNoTimer({ name, run }: Check): Check {
  return {
    name,
    run: async () => {
      const before = timersPending();
      await run();
      const left = timersPending() - before;
      if (left > 0) throw new Error(`it leaves ${left} timers behind`);
    },
  };
}

Object.assign(globalThis, { report });
