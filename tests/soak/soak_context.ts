import type { Logger } from "../../mod.ts";
import { CallLedger } from "./call_ledger.ts";
import { Tally } from "./tally.ts";
import { Violations } from "./violations.ts";

/** What everything in a soak shares. */
export class SoakContext {
  /** What must not be and was. */
  readonly violations: Violations = new Violations();
  /** What happened how often. */
  readonly tally: Tally = new Tally();
  /** Every call, until it settles. */
  readonly ledger: CallLedger = new CallLedger(
    (seen) => this.violations.add("every call settles once, in time", seen),
    () => performance.now(),
  );
  /** Hears what the package reports; throws itself now and then. */
  readonly logger: Logger;
  #isOver = false;

  /** Creates a context in which nothing has happened. */
  constructor() {
    const hear = (level: string) => (message: string): void => {
      this.tally.add(`log:${level}`);
      if (/a listener to .* failed/.test(message)) this.tally.add("report:listener");
      if (/the default stands/.test(message)) this.tally.add("report:predicate");
      if (this.tally.of(`log:${level}`) % 50 === 0) throw new Error("The log is full");
    };
    this.logger = {
      debug: hear("debug"),
      info: hear("info"),
      warn: hear("warn"),
      error: hear("error"),
    };
  }

  /** Whether no new calls are to be made. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends the making of new calls. */
  end(): void {
    this.#isOver = true;
  }
}
