import { nameErrors } from "../../error_kind.ts";
import { SwitchgearError } from "../../errors.ts";
import { layerTitle } from "../layer_title.ts";

/**
 * Why a bulkhead refuses a call: as many run and wait as may (`full`), or it
 * has waited for as long as it may (`timeout`).
 */
export type BulkheadRefusalReason = "full" | "timeout";

/** What a bulkhead's refusal says. */
export interface BulkheadRefusal {
  /** Name of the bulkhead. */
  readonly bulkhead: string;
  /** Why it refuses. */
  readonly reason: BulkheadRefusalReason;
  /** Calls that held a slot at that moment. */
  readonly active: number;
  /** Calls that waited for one at that moment, the refused one left out. */
  readonly queued: number;
}

/**
 * A bulkhead refused a call: the operation was not run.
 *
 * @example Usage
 * ```ts
 * import { BulkheadFullError, createBulkhead } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const bulkhead = createBulkhead({ name: "reports", maxConcurrent: 1 });
 * using _slot = bulkhead.tryAcquire();
 * try {
 *   await bulkhead.do(() => Promise.resolve("done"));
 *   assert.fail("the call went through");
 * } catch (error) {
 *   assert(error instanceof BulkheadFullError);
 *   assert.deepEqual([error.reason, error.active, error.queued], ["full", 1, 0]);
 * }
 * ```
 */
export class BulkheadFullError extends SwitchgearError implements BulkheadRefusal {
  /** Which kind of error it is. */
  declare readonly code: "BULKHEAD_FULL";
  /** Name of the bulkhead. */
  readonly bulkhead: string;
  /** Why it refuses. */
  readonly reason: BulkheadRefusalReason;
  /** Calls that held a slot at that moment. */
  readonly active: number;
  /** Calls that waited for one at that moment, the refused one left out. */
  readonly queued: number;

  /** Creates the error for a call that was refused so. */
  constructor(refusal: BulkheadRefusal) {
    super("BULKHEAD_FULL", describe(refusal));
    this.bulkhead = refusal.bulkhead;
    this.reason = refusal.reason;
    this.active = refusal.active;
    this.queued = refusal.queued;
  }

  static {
    nameErrors(this, { name: "BulkheadFullError", code: "BULKHEAD_FULL" });
  }
}

function describe({ bulkhead, reason, active, queued }: BulkheadRefusal): string {
  const why = reason === "full" ? "it is full" : "no slot came free in time";
  const load = `${active} running, ${queued} waiting`;
  return `${layerTitle("Bulkhead", bulkhead)} refused the call: ${why} (${load})`;
}
