import { type Nanos, toWholeMs } from "../time/timeline.ts";
import type { RejectionDetails, RejectionReason } from "./events/refusal.ts";
import { BreakerOpenError, lastingError, type Peek } from "./rejection.ts";
import { halfOpenRefusal } from "./state/half_open.ts";
import { Machine } from "./state/machine.ts";
import { intervalEnd } from "./state/ramp.ts";
import type { BreakerCounts } from "./window/counts.ts";
import { Evidence } from "./window/evidence.ts";

const NO_EVIDENCE = new Evidence();

/** A breaker's machine with what it says to callers: what they would get, why not, and what has been counted. */
export class Gate extends Machine {
  /** Calls in flight, stale ones included. */
  inFlight = 0;
  #refusal: { readonly epoch: number; readonly error: BreakerOpenError } | undefined;

  /** Why a call would be refused now; `undefined`: it would be admitted. Look first. */
  refusal(): RejectionReason | undefined {
    if (this.mode === "forced-open") return "forced";
    const { state } = this;
    if (state.kind === "half-open") return halfOpenRefusal(state, this.policy);
    return state.kind === "open" ? "open" : undefined;
  }

  /** Whole milliseconds until a refusal of this kind may be over, from `now`. */
  retryAfterMs(reason: RejectionReason, now: Nanos): number | undefined {
    if (reason === "open") return toWholeMs((this.due ?? now) - now);
    if (reason !== "ramping" || this.state.kind !== "half-open") return undefined;
    return this.state.ramp && toWholeMs(intervalEnd(this.state.ramp) - now);
  }

  /** What a call would get at `now`. Look first. */
  peek(now: Nanos): Peek {
    const reason = this.refusal();
    if (reason === undefined) return { admitted: true };
    const retryAfterMs = this.retryAfterMs(reason, now);
    return {
      admitted: false,
      ...this.details(reason),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }

  /** Everything counted. Look first. */
  counts(at: Nanos): BreakerCounts {
    const { state, evidence = NO_EVIDENCE } = this;
    // From opening to closing the window stands still (R10).
    if (state.kind === "closed") evidence.window?.advance(at);
    const lifetime = evidence.lifetime();
    const { open, probing, ramping, forced } = lifetime.rejected;
    return {
      ...evidence.counts(),
      inFlight: state.kind === "half-open" ? state.probes.size : 0,
      rejected: open + probing + ramping + forced,
      staleCalls: lifetime.stale,
      overdueProbes: lifetime.overdueProbes,
      lifetime,
    };
  }

  /** Whether nothing would be lost with this breaker: nothing measured, in flight, set in code or listened to. */
  isIdle(): boolean {
    const now = this.look();
    this.announce();
    const { state, evidence, inFlight, overridden, hasListeners } = this;
    if (state.kind !== "closed" || inFlight > 0 || overridden !== undefined || hasListeners) {
      return false;
    }
    if (evidence === undefined) return true;
    evidence.window?.advance(now);
    return (evidence.window?.calls ?? 0) === 0 && evidence.consecutiveFailures === 0;
  }

  protected details(reason: RejectionReason): RejectionDetails {
    const { name, shown, trip } = this;
    return { breaker: name, state: shown, reason, ...(trip !== undefined && { trip }) };
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
}
