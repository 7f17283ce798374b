/**
 * Runs the conformance cases and the checks everywhere that the package claims to
 * run: `deno task everywhere [--only NAMES]`. Prints what failed, a line for each
 * platform with its version, and `N passed, N failed`.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { Interruption } from "../../cli/interruption.ts";
import { BROWSER } from "./browser.ts";
import { CLIENTS_IN_USE } from "./clients.ts";
import { COMMON_JS_FORM } from "./common_js.ts";
import { JSR } from "./jsr.ts";
import { NPM_PACKAGE } from "./npm_package.ts";
import type { Platform } from "./platform.ts";
import { endPrograms } from "./program.ts";
import { lineOf, runPlatforms, type RunPlatformsOptions } from "./run_platforms.ts";
import { DENO, NODE_AND_BUN } from "./runtimes.ts";
import { TEST_TOOLS } from "./test_tools.ts";

const PLATFORMS: readonly Platform[] = [
  NPM_PACKAGE,
  DENO,
  ...NODE_AND_BUN,
  COMMON_JS_FORM,
  CLIENTS_IN_USE,
  TEST_TOOLS,
  BROWSER,
  JSR,
];

const USAGE = `Usage: deno task everywhere [--only NAMES] [--jobs N]

Runs the conformance cases and the checks on every platform. What is needed
comes from the npm registry and, where it is not installed, from Debian; it goes
to a temporary folder. A platform that cannot be had here is skipped and named;
with CI=true in the environment it counts as failed.

  --only NAMES   only these, separated by commas
  --jobs N       how many at a time, by default 2
  -h, --help     shows this

${PLATFORMS.map(({ id, about }) => `  ${id.padEnd(14)} ${about}`).join("\n")}
`;

/** The platforms named after `--only`; all where it is not given. */
function chosen(only: string | undefined): readonly Platform[] {
  if (only === undefined) return PLATFORMS;
  const ids = only.split(",").map((id) => id.trim()).filter(Boolean);
  const unknown = ids.find((id) => !PLATFORMS.some((platform) => platform.id === id));
  if (unknown !== undefined) throw new TypeError(`Unknown platform "${unknown}"`);
  if (ids.length === 0) throw new TypeError("--only names no platform");
  return PLATFORMS.filter(({ id }) => ids.includes(id));
}

/** How many platforms run at a time. */
function jobsOf(text: string | undefined): number {
  const jobs = Number(text ?? 2);
  if (!Number.isInteger(jobs) || jobs < 1) {
    throw new TypeError(`--jobs must be a positive integer, not "${text}"`);
  }
  return jobs;
}

async function main(args: string[]): Promise<number> {
  let platforms: readonly Platform[];
  let jobs: number;
  try {
    const { values } = parseArgs({
      args,
      options: {
        only: { type: "string" },
        jobs: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      console.log(USAGE);
      return 0;
    }
    platforms = chosen(values.only);
    jobs = jobsOf(values.jobs);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  using interruption = new Interruption();
  interruption.signal.addEventListener("abort", endPrograms);
  try {
    return await runAll(platforms, { jobs, print: console.log, signal: interruption.signal });
  } catch (error) {
    if (interruption.status === undefined) throw error;
    console.error("Interrupted; the programs and all folders are gone.");
    return interruption.status;
  }
}

/** Runs the platforms, and prints how they ended. */
async function runAll(
  platforms: readonly Platform[],
  options: RunPlatformsOptions,
): Promise<number> {
  const { totals, missing } = await runPlatforms(platforms, options);
  const passed = totals.reduce((sum, each) => sum + each.passed, 0);
  const failures = totals.reduce((sum, each) => sum + each.failed, 0);
  const failed = failures + (process.env["CI"] === "true" ? missing : 0);
  console.log("");
  for (const each of totals) console.log(lineOf(each));
  if (missing > 0) console.log(`${missing} could not be had here, see MISSING above`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
