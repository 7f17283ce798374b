import { type Nanos, toMs, toWholeMs } from "../time/timeline.ts";
import type { RejectEvent } from "./events/events.ts";
import type { CommonRefusal, RejectionDetails, RejectionReason } from "./events/refusal.ts";
import {
  BreakerOpenError,
  describeRefusal,
  lastingError,
  type Peek,
  type RefusalDetails,
  refusalNotice,
} from "./rejection.ts";
import { halfOpenRefusal } from "./state/half_open.ts";
import { Holds } from "./state/holds.ts";
import { Machine } from "./state/machine.ts";
import { intervalEnd } from "./state/ramp.ts";

/** Who holds where a failure has asked for time. */
const DEPENDENCY = "dependency";

/** A breaker's machine with what it says to callers: what they would get, and why not. */
export class Gate extends Machine {
  /** The end of the hold in force, in whatever mode. */
  heldUntil(now: Nanos): Nanos | undefined {
    return this.holds?.until(now, this.state.kind === "closed");
  }

  /** Why a call would be refused at `now`; `undefined`: it would be admitted. Look first. */
  refusal(now: Nanos): RejectionReason | undefined {
    const { mode, state } = this;
    if (mode === "forced-open") return "forced";
    if (state.kind === "open") return "open";
    if (mode === "normal" && this.heldUntil(now) !== undefined) return "held";
    return state.kind === "half-open" ? halfOpenRefusal(state, this.policy) : undefined;
  }

  /** Whole milliseconds until a refusal of this kind may be over, from `now`. */
  retryAfterMs(reason: RejectionReason, now: Nanos): number | undefined {
    if (reason === "forced" || reason === "probing") return undefined;
    const until = Math.max(this.ownEnd() ?? now, this.heldUntil(now) ?? now);
    return toWholeMs(until - now);
  }

  /** When the state itself may let a call through that it refuses now, where that is known. */
  protected ownEnd(): Nanos | undefined {
    const { state } = this;
    if (state.kind === "open") return this.due;
    if (state.kind !== "half-open" || state.ramp === undefined) return undefined;
    const isUsedUp = halfOpenRefusal(state, this.policy) === "ramping";
    return isUsedUp ? intervalEnd(state.ramp) : undefined;
  }

  /** What a call would get at `now`. Look first. */
  peek(now: Nanos): Peek {
    const reason = this.refusal(now);
    const until = this.heldUntil(now);
    const held = until === undefined ? {} : { heldForMs: toWholeMs(until - now) };
    if (reason === undefined) return { admitted: true, ...held };
    return { admitted: false, ...this.rejection(reason, now), ...held };
  }

  /** What is said of a call that is refused at `now`. */
  protected rejection(reason: RejectionReason, now: Nanos): RejectEvent {
    const retryAfterMs = this.retryAfterMs(reason, now);
    return { ...this.details(reason), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }

  /** Refuses every call for so long, on behalf of `owner` (R22). */
  hold(owner: string, lasts: Nanos): void {
    const at = this.look();
    this.watch?.happened({ kind: "hold", owner, lasts, at });
    this.holds ??= new Holds();
    if (this.holds.hold(owner, at + lasts)) this.tellHold(owner, lasts);
    this.keep();
    this.settleDown();
    this.announce();
  }

  /** A failure asks for so much time; whoever calls announces. */
  ask(lasts: Nanos): void {
    const at = this.look();
    this.watch?.happened({ kind: "ask", lasts, at });
    this.holds ??= new Holds();
    if (this.holds.ask(at + lasts)) this.tellHold(DEPENDENCY, lasts);
  }

  protected tellHold(owner: string, lasts: Nanos): void {
    this.gather().hold();
    if (this.hears("hold")) this.enqueue("hold", { breaker: this.name, owner, forMs: toMs(lasts) });
  }

  /** Ends the hold of `owner`. */
  release(owner: string): void {
    const at = this.look();
    this.watch?.happened({ kind: "release", owner, at });
    if (this.holds?.release(owner, at)) this.tellRelease(owner);
    this.settleDown();
    this.announce();
  }

  protected tellRelease(owner: string): void {
    if (this.hears("release")) this.enqueue("release", { breaker: this.name, owner });
  }

  /** Ends all holds, and says so, with all else that a reset forgets. */
  protected override forget(at: Nanos): void {
    super.forget(at);
    for (const { owner } of this.holds?.running(at) ?? []) this.tellRelease(owner);
    if ((this.holds?.askedUntil ?? at) > at) this.tellRelease(DEPENDENCY);
    this.holds = undefined;
  }

  protected details(reason: RejectionReason): RejectionDetails {
    const { name, shown, trip } = this;
    return { breaker: name, state: shown, reason, ...(trip !== undefined && { trip }) };
  }

  /** The error for a call that was just refused: its own, unless one is to serve all of an opening. */
  refusalError(): BreakerOpenError {
    return this.sharedRefusal() ?? new BreakerOpenError(this.lastRefusal(), this.lastMessage());
  }

  /** The error that serves all that are refused as the last call was, where one is to. */
  sharedRefusal(): BreakerOpenError | undefined {
    if (this.host.freshErrors) return undefined;
    const common = this.commonRefusal();
    if (common.error instanceof BreakerOpenError) return common.error;
    return common.error = this.sharedError(common);
  }

  /** Announces that a permit was refused, and keeps why: a listener may move the breaker on. */
  announceRefusal(): void {
    const error = this.mayTell ? this.errorToCome() : undefined;
    this.announce();
    this.permitRefusal = error;
  }

  /** The error for a permit that was just refused. */
  permitError(): BreakerOpenError {
    const error = this.permitRefusal?.();
    return error instanceof BreakerOpenError ? error : this.refusalError();
  }

  /** Makes the error of the call that was just refused, whatever happens to the breaker meanwhile. */
  errorToCome(): () => BreakerOpenError {
    const shared = this.sharedRefusal();
    if (shared !== undefined) return () => shared;
    const details = this.lastRefusal();
    const message = this.lastMessage();
    return () => new BreakerOpenError(details, message);
  }

  /** What a fallback is given for a call that was just refused: it says the same, and is no error that had to be made. */
  refusalNotice(): unknown {
    return refusalNotice(this.lastRefusal(), this.lastMessage());
  }

  /** The call that was just refused, in a sentence. */
  lastMessage(): string {
    return this.commonRefusal().message;
  }

  /** What is to be said of the call that was just refused. */
  lastRefusal(): RefusalDetails {
    const { name, shown, trip } = this;
    const reason = this.refusedFor();
    return {
      breaker: name,
      state: shown,
      reason,
      retryAfterMs: this.retryAfterMs(reason, this.gather().refusedAt),
      trip,
    };
  }

  protected refusedFor(): RejectionReason {
    return this.evidence?.refusedFor ?? "open";
  }

  /** What the refusals of this opening for the last reason have in common. */
  protected commonRefusal(): CommonRefusal {
    const { epoch, common } = this;
    const reason = this.refusedFor();
    if (common?.epoch === epoch && common.reason === reason) return common;
    return this.common = { epoch, reason, message: describeRefusal(this.details(reason)) };
  }

  protected sharedError({ epoch, reason, message }: CommonRefusal): BreakerOpenError {
    const now = (): Nanos => this.host.timeline.now();
    const over = reason === "probing" || reason === "forced" ? undefined : 0;
    return lastingError(
      this.lastRefusal(),
      message,
      () => this.epoch === epoch ? this.retryAfterMs(reason, now()) : over,
    );
  }
}
