/**
 * A slot of a bulkhead, held for work that the caller does itself. It is given
 * back once; later releases do nothing.
 *
 * @example Usage
 * ```ts
 * import { createBulkhead } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const bulkhead = createBulkhead({ maxConcurrent: 1 });
 * {
 *   using slot = bulkhead.tryAcquire();
 *   assert(slot !== undefined); // … do the work
 * }
 * assert.equal(bulkhead.active, 0);
 * ```
 */
export class BulkheadSlot implements Disposable {
  #free: (() => void) | undefined;

  /** Created by a bulkhead; use `tryAcquire` or `acquire`. */
  constructor(free: () => void) {
    this.#free = free;
  }

  /** Gives the slot back. */
  release(): void {
    const free = this.#free;
    this.#free = undefined;
    free?.();
  }

  /** Gives the slot back. */
  [Symbol.dispose](): void {
    this.release();
  }
}
