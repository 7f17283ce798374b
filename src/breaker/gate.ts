import { type Nanos, toWholeMs } from "../time/timeline.ts";
import type { RejectEvent } from "./events/events.ts";
import type { RejectionDetails, RejectionReason } from "./events/refusal.ts";
import { BreakerOpenError, lastingError, type Peek } from "./rejection.ts";
import { halfOpenRefusal } from "./state/half_open.ts";
import { Machine } from "./state/machine.ts";
import { intervalEnd } from "./state/ramp.ts";

/** A breaker's machine with what it says to who wants a call: whether it gets one, and why not. */
export class Gate extends Machine {
  #refusal: { readonly epoch: number; readonly error: BreakerOpenError } | undefined;

  /** Why a call would be refused now; `undefined`: it would be admitted. Look first. */
  refusal(): RejectionReason | undefined {
    if (this.mode === "forced-open") return "forced";
    const { state } = this;
    if (state.kind === "half-open") return halfOpenRefusal(state, this.policy);
    return state.kind === "open" ? "open" : undefined;
  }

  /** What a call would get at `now`. Look first. */
  peek(now: Nanos): Peek {
    const reason = this.refusal();
    if (reason === undefined) return { admitted: true };
    return { admitted: false, ...this.rejection(reason, now) };
  }

  /** What is said of a call that is refused at `now`. */
  protected rejection(reason: RejectionReason, now: Nanos): RejectEvent {
    const retryAfterMs = this.retryAfterMs(reason, now);
    return { ...this.details(reason), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }

  /**
   * The error for a call that was just refused: one for all calls of an opening
   * that are refused for one reason, unless each is to have its own.
   */
  refusalError(): BreakerOpenError {
    const { epoch } = this;
    const reason = this.refusal() ?? "open";
    const last = this.#refusal;
    if (last?.epoch === epoch && last.error.reason === reason) return last.error;
    const details = this.details(reason);
    const now = (): Nanos => this.host.timeline.now();
    if (this.host.freshErrors) {
      const retryAfterMs = this.retryAfterMs(reason, now());
      return new BreakerOpenError(details, () => retryAfterMs);
    }
    const over = reason === "open" || reason === "ramping" ? 0 : undefined;
    const error = lastingError(
      details,
      () => this.epoch === epoch ? this.retryAfterMs(reason, now()) : over,
    );
    this.#refusal = { epoch, error };
    return error;
  }

  protected details(reason: RejectionReason): RejectionDetails {
    const { name, shown, trip } = this;
    return { breaker: name, state: shown, reason, ...(trip !== undefined && { trip }) };
  }

  /** Whole milliseconds until a refusal of this kind may be over, from `now`. */
  protected retryAfterMs(reason: RejectionReason, now: Nanos): number | undefined {
    if (reason === "open") return toWholeMs((this.due ?? now) - now);
    if (reason !== "ramping" || this.state.kind !== "half-open") return undefined;
    return this.state.ramp && toWholeMs(intervalEnd(this.state.ramp) - now);
  }
}
