import { classifyError } from "./classify.ts";
import type { BreakerCore } from "./core.ts";
import { FAILURE, IGNORED, type OutcomeBits, SUCCESS, TIMEOUT } from "./outcome.ts";
import type { Probe } from "./probe_queue.ts";
import type { Reading } from "./timeline.ts";

/** Settles a permit with an outcome that has been judged already; not for users. */
export let settlePermit: (permit: Permit, bits: OutcomeBits) => void;

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
  #core: BreakerCore | undefined;
  readonly #epoch: number;
  readonly #start: Reading;
  readonly #probe: Probe | undefined;

  /** Created by a breaker; use `tryAcquire`. */
  constructor(core: BreakerCore, epoch: number, start: Reading, probe: Probe | undefined) {
    this.#core = core;
    this.#epoch = epoch;
    this.#start = start;
    this.#probe = probe;
  }

  /** The call succeeded. */
  success(): void {
    this.#settle(SUCCESS);
  }

  /** The call failed. An `error` that is given is judged by the breaker's `isIgnored` and `isFailure`. */
  failure(error?: unknown): void {
    if (this.#core === undefined) return;
    const { host, name } = this.#core;
    this.#settle(error === undefined ? FAILURE : classifyError(host, name, error));
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
    const core = this.#core;
    if (core === undefined) return;
    this.#core = undefined;
    core.settle(this.#epoch, this.#start, bits, this.#probe);
  }

  static {
    settlePermit = (permit, bits) => permit.#settle(bits);
  }
}
