import type { Admission } from "./admission.ts";
import { classifyError } from "./classify.ts";
import { FAILURE, IGNORED, type OutcomeBits, SUCCESS, TIMEOUT } from "./window/outcome.ts";

/**
 * The right to make one call, to be settled once; later settlements do nothing.
 * Disposed unsettled, it is ignored, so that `using` never leaves a slot taken.
 *
 * @example Usage
 * ```ts
 * import { createBreaker } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const breaker = createBreaker("queue");
 * using permit = breaker.tryAcquire();
 * if (permit !== undefined) {
 *   // … send the message, then:
 *   permit.success();
 * }
 * assert.equal(breaker.counts.successes, 1);
 * ```
 */
export class Permit implements Disposable {
  #admission: Admission | undefined;

  /** Created by a breaker; use `tryAcquire`. */
  constructor(admission: Admission) {
    this.#admission = admission;
  }

  /** The call succeeded. */
  success(): void {
    this.#settle(SUCCESS);
  }

  /** The call failed. An `error` that is given is judged by the breaker's `isIgnored` and `isFailure`. */
  failure(error?: unknown): void {
    const admission = this.#admission;
    if (error === undefined || admission === undefined) {
      this.#settle(FAILURE);
      return;
    }
    this.#admission = undefined;
    const { core } = admission;
    core.conclude(admission, classifyError(core.host, core.name, error), error);
  }

  /** The call took longer than its time limit: a failure that is counted apart too. */
  timeout(): void {
    this.#settle(FAILURE | TIMEOUT);
  }

  /** The call counts for nothing, as when the caller cancelled it. */
  ignore(): void {
    this.#settle(IGNORED);
  }

  /** Ignores the call if it has not been settled. */
  [Symbol.dispose](): void {
    this.#settle(IGNORED);
  }

  #settle(bits: OutcomeBits): void {
    const admission = this.#admission;
    if (admission === undefined) return;
    this.#admission = undefined;
    admission.core.settle(admission, bits);
  }
}
