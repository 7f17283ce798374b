import { nameErrors } from "../../error_kind.ts";
import { SwitchgearError } from "../../errors.ts";
import { layerTitle } from "../layer_title.ts";

/**
 * A call was refused by a rate limiter, or would have had to wait for longer than it was willing to.
 *
 * @example Usage
 * ```ts
 * import { createTokenBucket, RateLimitedError } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const limiter = createTokenBucket({ name: "search", rate: 1, burst: 1 });
 * await limiter.do(() => "found");
 * try {
 *   await limiter.do(() => "found");
 *   assert.fail("the call went through");
 * } catch (error) {
 *   assert(error instanceof RateLimitedError);
 *   assert.equal(error.limiter, "search");
 *   assert(error.retryAfterMs <= 1_000);
 * }
 * ```
 */
export class RateLimitedError extends SwitchgearError {
  /** Which kind of error it is. */
  declare readonly code: "RATE_LIMITED";
  /** Name of the limiter. */
  readonly limiter: string;
  /** Whole milliseconds, as of the refusal, until the call may be let through; infinite if it never will be. */
  readonly retryAfterMs: number;

  /** Creates the error for a call that `limiter` may let through in `retryAfterMs` milliseconds. */
  constructor(limiter: string, retryAfterMs: number) {
    const when = Number.isFinite(retryAfterMs)
      ? `try again in ${retryAfterMs} ms`
      : "as the limit is, it can never be let through";
    super("RATE_LIMITED", `${layerTitle("Rate limiter", limiter)} refused the call: ${when}`);
    this.limiter = limiter;
    this.retryAfterMs = retryAfterMs;
  }

  static {
    nameErrors(this, { name: "RateLimitedError", code: "RATE_LIMITED" });
  }
}
