import type { Logger } from "@switchgear/breaker";
import type { CaseTotals } from "../../conformance/run_cases.ts";

/** Something that must hold on a platform. */
export interface Check {
  /** What holds, as a sentence. */
  readonly name: string;
  /** Throws where it does not hold. */
  readonly run: () => void | Promise<void>;
}

/** A logger for checks that provoke what is worth logging. */
export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** How long one check may take: none waits for more than a second of its own. */
const LIMIT_MS = 20_000;

/** Runs each check and prints those that fail; one that hangs fails too. */
export async function runChecks(
  checks: readonly Check[],
  print: (line: string) => void,
): Promise<CaseTotals> {
  let passed = 0;
  for (const { name, run } of checks) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${LIMIT_MS} ms`)), LIMIT_MS);
    });
    try {
      await Promise.race([Promise.resolve().then(run), limit]);
      passed++;
    } catch (error) {
      print(`FAILED ${name}: ${error instanceof Error ? error.stack ?? error.message : error}`);
    } finally {
      clearTimeout(timer);
    }
  }
  return { passed, failed: checks.length - passed };
}

/** Waits until `holds`, and throws if it still does not after so many milliseconds. */
export async function until(holds: () => boolean, limitMs = 10_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > deadline) {
      throw new Error(`does not hold after ${limitMs} ms: ${holds}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
