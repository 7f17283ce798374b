import { nameErrors } from "../../error_kind.ts";
import { SwitchgearError } from "../../errors.ts";

/**
 * What an attempt's signal is aborted with when another attempt has ended the
 * call. Callers never see it; operations may, as their signal's reason.
 *
 * @example Usage
 * ```ts
 * import { createHedge, HedgeLostError } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const signals: (AbortSignal | undefined)[] = [];
 * await createHedge({ delay: 0, name: "users" }).do((signal) => {
 *   signals.push(signal);
 *   return signals.length === 2 ? "answer" : new Promise<string>(() => {});
 * });
 * assert(signals[0]?.reason instanceof HedgeLostError);
 * ```
 */
export class HedgeLostError extends SwitchgearError {
  /** Which kind of error it is. */
  declare readonly code: "HEDGE_LOST";
  /** Name of the hedge. */
  readonly hedge: string;

  /** Creates the error for an attempt of a call through `hedge`. */
  constructor(hedge: string) {
    super("HEDGE_LOST", `Attempt through hedge "${hedge}" was given up: another ended the call`);
    this.hedge = hedge;
  }

  static {
    nameErrors(this, { name: "HedgeLostError", code: "HEDGE_LOST" });
  }
}
