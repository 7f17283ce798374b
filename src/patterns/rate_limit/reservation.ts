import { type Nanos, type Timeline, toMs } from "../../time/timeline.ts";
import type { BucketQuota, Promised } from "./bucket_quota.ts";

/**
 * Tokens that are promised for an instant to come; made by `reserve` of a
 * token bucket. Whoever holds it waits for `delayMs`, then acts, or cancels it.
 *
 * @example Usage
 * ```ts
 * import { createTokenBucket } from "@switchgear/breaker";
 * import { ManualClock } from "@switchgear/breaker/testing";
 * import assert from "node:assert/strict";
 *
 * const bucket = createTokenBucket({ rate: 1, burst: 1, clock: new ManualClock() });
 * bucket.allow();
 * const reservation = bucket.reserve();
 * assert.equal(reservation.delayMs, 1_000);
 * reservation.cancel();
 * assert.equal(bucket.reserve().delayMs, 1_000);
 * ```
 */
export class Reservation {
  readonly #bucket: BucketQuota;
  readonly #timeline: Timeline;
  readonly #onCancel: () => void;
  readonly #isPromised: boolean;
  #promised: Promised | undefined;
  readonly #actAt: Nanos;

  /** Made by `reserve`; nothing was promised where there never will be enough. */
  constructor(
    bucket: BucketQuota,
    promised: Promised | undefined,
    { timeline, onCancel }: { readonly timeline: Timeline; readonly onCancel: () => void },
  ) {
    this.#bucket = bucket;
    this.#timeline = timeline;
    this.#onCancel = onCancel;
    this.#isPromised = promised !== undefined;
    this.#promised = promised;
    this.#actAt = promised?.actAt ?? Infinity;
  }

  /** Whether the tokens are promised; not if they are more than the burst, or never come. */
  get ok(): boolean {
    return this.#isPromised;
  }

  /** Milliseconds from now until the tokens may be used; infinite if they are not promised. */
  get delayMs(): number {
    return Math.max(0, toMs(this.#actAt - this.#timeline.now()));
  }

  /**
   * Gives the tokens back, as far as that is possible: not once their instant
   * is past, and without what reservations made later have counted on. Those keep
   * their instants. Cancelling twice does nothing.
   */
  cancel(): void {
    const promised = this.#promised;
    if (promised === undefined) return;
    this.#promised = undefined;
    this.#bucket.takeBack(promised, this.#timeline.now());
    this.#onCancel();
  }
}
