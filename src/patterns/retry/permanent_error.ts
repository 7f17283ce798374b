import { nameErrors } from "../../error_kind.ts";
import { SwitchgearError } from "../../errors.ts";
import { findInCauses } from "./retry_causes.ts";

/**
 * An error that no further attempt can mend, such as a request that is refused
 * for what it asks. A retry stops at once when it meets one, whatever its
 * policy says, and throws it as it is. To a breaker around the retry it is a
 * failure like any other, unless the breaker's `isFailure` is
 * `(error) => !isPermanent(error)`.
 *
 * @example Usage
 * ```ts
 * import { PermanentError, retry } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * let attempts = 0;
 * const call = retry(() => {
 *   attempts++;
 *   throw new PermanentError("No such user");
 * }, { maxRetries: 5 });
 * await assert.rejects(call, PermanentError);
 * assert.equal(attempts, 1);
 * ```
 */
export class PermanentError extends SwitchgearError {
  /** Which kind of error it is. */
  declare readonly code: "PERMANENT";
  /** Creates the error; `options.cause` is what went wrong. */
  constructor(message: string, options?: ErrorOptions) {
    super("PERMANENT", message, options);
  }

  static {
    nameErrors(this, { name: "PermanentError", code: "PERMANENT" });
  }
}

/**
 * Whether an error is a {@linkcode PermanentError}, or has one anywhere among
 * its causes. Each error of an `AggregateError` is one of its causes, as those of
 * Go's `errors.Join` are. It looks at 10,000 errors at most, and never throws.
 *
 * @example Usage
 * ```ts
 * import { isPermanent, PermanentError } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const cause = new PermanentError("No such user");
 * assert.equal(isPermanent(new Error("Cannot load the page", { cause })), true);
 * assert.equal(isPermanent(new Error("Connection reset")), false);
 * ```
 *
 * @param error Anything that was thrown.
 * @returns Whether a further attempt is in vain.
 */
export function isPermanent(error: unknown): boolean {
  return findInCauses(error, (each) => each instanceof PermanentError || undefined) ?? false;
}
