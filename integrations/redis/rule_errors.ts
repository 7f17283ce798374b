import { describeValue } from "../../src/check/describe_value.ts";
import type { Fault } from "../../src/check/fault.ts";
import { nearestName } from "../../src/check/nearest_name.ts";
import { nameErrors } from "../../src/error_kind.ts";
import { SwitchgearError } from "../../src/errors.ts";

/** A rule was refused. `faults` lists everything that is wrong with it. */
export class InvalidRuleError extends SwitchgearError {
  /** Which kind of error it is. */
  declare readonly code: "INVALID_RULE";
  /** Every fault, in the order of the document. */
  readonly faults: readonly Fault[];

  /** Creates the error for the rule called `subject`. */
  constructor(subject: string, faults: readonly Fault[]) {
    const messages = faults.map(({ message }) => message).join("; ");
    super("INVALID_RULE", `Cannot use rate limit rule ${subject}: ${messages}`);
    this.faults = faults;
  }

  static {
    nameErrors(this, { name: "InvalidRuleError", code: "INVALID_RULE" });
  }
}

/** There is no rule of a name, and no rule `default` either. */
export class UnknownRuleError extends SwitchgearError {
  /** Which kind of error it is. */
  declare readonly code: "UNKNOWN_RULE";
  /** The name that was asked for. */
  readonly rule: string;

  /** Creates the error for the name `rule`, where only `known` have rules. */
  constructor(rule: string, known: readonly string[]) {
    const near = nearestName(rule, known);
    const hint = near === undefined ? 'and no rule "default"' : `did you mean "${near}"?`;
    super("UNKNOWN_RULE", `There is no rate limit rule ${describeValue(rule)}; ${hint}`);
    this.rule = rule;
  }

  static {
    nameErrors(this, { name: "UnknownRuleError", code: "UNKNOWN_RULE" });
  }
}
