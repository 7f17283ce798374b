import type { PlatformTotals } from "./platform.ts";

/** Checks on one platform, counted; one that fails is told of at once and stops no other. */
export class Checklist {
  readonly #title: string;
  readonly #print: (line: string) => void;
  #passed = 0;
  #failed = 0;

  /** @param title What every failure is told with */
  constructor(title: string, print: (line: string) => void) {
    this.#title = title;
    this.#print = print;
  }

  /** Makes a check, which fails by throwing. */
  async check(name: string, body: () => Promise<void> | void): Promise<void> {
    try {
      await body();
      this.#passed++;
    } catch (error) {
      this.fail(name, error instanceof Error ? error.message : String(error));
    }
  }

  /** Counts a check that was made elsewhere and passed. */
  pass(): void {
    this.#passed++;
  }

  /** Counts a check that failed, and tells why. */
  fail(name: string, why: string): void {
    this.#failed++;
    this.#print(`FAILED ${this.#title}: ${name}`);
    for (const line of why.trim().split("\n")) this.#print(`  ${line}`);
  }

  /** Counts checks that were made and told of elsewhere. */
  add({ passed, failed }: { readonly passed: number; readonly failed: number }): void {
    this.#passed += passed;
    this.#failed += failed;
  }

  /** How all of them ended. */
  totals(name: string, version: string): PlatformTotals {
    return { name, version, passed: this.#passed, failed: this.#failed };
  }
}
