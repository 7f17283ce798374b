import { nameErrors } from "../../error_kind.ts";
import { SwitchgearError } from "../../errors.ts";
import { layerTitle } from "../layer_title.ts";

/** What a full pool says. */
export interface PoolRefusal {
  /** Name of the pool. */
  readonly pool: string;
  /** Jobs that ran at that moment. */
  readonly running: number;
  /** Jobs that were accepted and had not begun at that moment. */
  readonly queued: number;
}

/**
 * All workers of a pool are busy and its queue is full: the job was not accepted, and is not run.
 *
 * @example Usage
 * ```ts
 * import { createWorkerPool, PoolFullError } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * await using pool = createWorkerPool({ workers: 1, name: "thumbnails" });
 * pool.submit(() => Promise.resolve("done"));
 * try {
 *   pool.submit(() => Promise.resolve("one too many"));
 *   assert.fail("the job was accepted");
 * } catch (error) {
 *   assert(error instanceof PoolFullError);
 *   assert.deepEqual([error.pool, error.running, error.queued], ["thumbnails", 1, 0]);
 * }
 * ```
 */
export class PoolFullError extends SwitchgearError implements PoolRefusal {
  /** Which kind of error it is. */
  declare readonly code: "POOL_FULL";
  /** Name of the pool. */
  readonly pool: string;
  /** Jobs that ran at that moment. */
  readonly running: number;
  /** Jobs that were accepted and had not begun at that moment. */
  readonly queued: number;

  /** Creates the error for a job that was refused so. */
  constructor({ pool, running, queued }: PoolRefusal) {
    super(
      "POOL_FULL",
      `${poolTitle(pool)} refused the job: it is full (${running} running, ${queued} waiting)`,
    );
    this.pool = pool;
    this.running = running;
    this.queued = queued;
  }

  static {
    nameErrors(this, { name: "PoolFullError", code: "POOL_FULL" });
  }
}

/**
 * What closing had to do with a job: it came too late (`closed`) and was not
 * run, or had not ended when the drain timeout had passed (`timeout`).
 */
export type PoolClosedReason = "closed" | "timeout";

/**
 * A pool was closed before a job came or ended.
 *
 * @example Usage
 * ```ts
 * import { createWorkerPool, PoolClosedError } from "@switchgear/breaker";
 * import assert from "node:assert/strict";
 *
 * const pool = createWorkerPool({ workers: 1 });
 * const hung = pool.submit(() => new Promise(() => {}));
 * await Promise.all([
 *   pool.close({ drainTimeout: "5ms" }),
 *   assert.rejects(hung, (error) => error instanceof PoolClosedError && error.reason === "timeout"),
 * ]);
 * ```
 */
export class PoolClosedError extends SwitchgearError {
  /** Which kind of error it is. */
  declare readonly code: "POOL_CLOSED";
  /** Name of the pool. */
  readonly pool: string;
  /** Whether the job came too late, or took too long. */
  readonly reason: PoolClosedReason;

  /** Creates the error for a job of `pool`. */
  constructor(pool: string, reason: PoolClosedReason) {
    const what = reason === "closed"
      ? "refused the job: it is closed"
      : "gave the job up: it was closed and the drain timeout has passed";
    super("POOL_CLOSED", `${poolTitle(pool)} ${what}`);
    this.pool = pool;
    this.reason = reason;
  }

  static {
    nameErrors(this, { name: "PoolClosedError", code: "POOL_CLOSED" });
  }
}

function poolTitle(name: string): string {
  return layerTitle("Worker pool", name);
}
