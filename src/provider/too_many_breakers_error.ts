import { nameErrors } from "../error_kind.ts";
import { SwitchgearError } from "../errors.ts";

/**
 * A new name got no breaker: twice `maxBreakers` are held, and each of them is
 * open, overridden, held, listened to or has a call in flight.
 *
 * @example Usage
 * ```ts
 * import { createProvider, getDefaultConfig, TooManyBreakersError } from "@switchgear/breaker";
 * import { memoryBackend } from "@switchgear/breaker/memory";
 * import assert from "node:assert/strict";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "development"), {
 *   backend: memoryBackend(),
 *   logger: { debug() {}, info() {}, warn() {}, error() {} },
 *   maxBreakers: 1,
 * });
 * for (const name of ["users", "orders"]) provider.getBreaker(name).hold("10m");
 * assert.throws(
 *   () => provider.getBreaker("payments"),
 *   (error) => error instanceof TooManyBreakersError && error.maxBreakers === 1,
 * );
 * ```
 */
export class TooManyBreakersError extends SwitchgearError {
  /** Which kind of error it is. */
  declare readonly code: "TOO_MANY_BREAKERS";
  /** The name that got none. */
  readonly breaker: string;
  /** The setting that bounds how many breakers are held. */
  readonly maxBreakers: number;

  /** Creates the error for a name, where `held` breakers are in use. */
  constructor(breaker: string, maxBreakers: number, held: number) {
    super(
      "TOO_MANY_BREAKERS",
      `Cannot create breaker "${breaker}": ${held} are in use, twice maxBreakers (${maxBreakers}); raise maxBreakers, or use fewer names`,
    );
    this.breaker = breaker;
    this.maxBreakers = maxBreakers;
  }

  static {
    nameErrors(this, { name: "TooManyBreakersError", code: "TOO_MANY_BREAKERS" });
  }
}
