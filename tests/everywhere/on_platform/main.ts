/**
 * Runs the conformance cases in the file that is given, and the checks, on the
 * package as it is installed here. Says what it ran on, prints what failed, and
 * closes with `N passed, N failed`.
 *
 * @module
 */
import { createBreaker, InvalidPolicyError, restoreBreaker } from "@switchgear/breaker";
import { ManualClock } from "@switchgear/breaker/testing";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { type CaseFile, runCases } from "../../conformance/run_cases.ts";
import { BACKEND_CHECKS } from "./backend_checks.ts";
import { BREAKER_CHECKS } from "./breaker_checks.ts";
import { runChecks } from "./check_list.ts";
import { INTEGRATION_CHECKS } from "./integration_checks.ts";
import { PATTERN_CHECKS } from "./pattern_checks.ts";
import { thisRuntime } from "./runtime.ts";

const print = (line: string): void => console.log(line);
const { name, version } = thisRuntime();
print(`platform ${name} ${version}`);

const files: CaseFile[] = JSON.parse(await readFile(process.argv[2] ?? "cases.json", "utf8"));
const library = { createBreaker, restoreBreaker, InvalidPolicyError, ManualClock };
const cases = runCases(files, { library, print });
const checks = await runChecks(
  [...BREAKER_CHECKS, ...PATTERN_CHECKS, ...BACKEND_CHECKS, ...INTEGRATION_CHECKS],
  print,
);
print(`${cases.passed + checks.passed} passed, ${cases.failed + checks.failed} failed`);
