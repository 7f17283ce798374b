import { parseCases, type ParsedCase } from "./case.ts";
import type { Library } from "./library.ts";
import { runCase } from "./run_case.ts";

/** The text of one file of cases. */
export interface CaseFile {
  /** What faults and failures name. */
  readonly file: string;
  readonly text: string;
}

/** How many cases passed and failed; a file or case with a fault counts as failed. */
export interface CaseTotals {
  readonly passed: number;
  readonly failed: number;
}

/** What {@link runCases} runs against, and where it tells. */
export interface RunCasesOptions {
  readonly library: Library;
  /** Gets the lines that tell of each failure. */
  readonly print: (line: string) => void;
}

/** Runs the cases of all `files` on any platform: it needs nothing but the language. */
export function runCases(
  files: readonly CaseFile[],
  { library, print }: RunCasesOptions,
): CaseTotals {
  let passed = 0;
  let failed = 0;
  for (const { file, text } of files) {
    let cases: ParsedCase[];
    try {
      cases = parseCases(text, file);
    } catch (error) {
      failed++;
      print(`FAILED ${error instanceof Error ? error.message : error}`);
      continue;
    }
    for (const subject of cases) {
      if ("fault" in subject) {
        failed++;
        print(`FAILED ${subject.fault} (${file})`);
        continue;
      }
      const failure = runCase(subject, library);
      if (failure === undefined) {
        passed++;
        continue;
      }
      failed++;
      const step = subject.steps[failure.step - 1];
      print(`FAILED ${subject.rule}: ${subject.name} (${file})`);
      print(`  step ${failure.step} ${step === undefined ? "" : JSON.stringify(step)}`);
      print(`  ${failure.seen}`);
    }
  }
  return { passed, failed };
}
