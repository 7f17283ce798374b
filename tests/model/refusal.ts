import type { EffectivePolicy, Mode } from "../../src/policy/policy.ts";
import type { Phase } from "./memory.ts";
import type { Reason } from "./observation.ts";
import { openUntilMs } from "./open_time.ts";

/** Why a call is refused, and the instant before which it makes no sense to come again, if there is one. */
export interface Refusal {
  readonly reason: Reason;
  readonly untilMs: number | undefined;
}

/** What decides whether a call is refused. */
export interface Standing {
  readonly mode: Mode;
  readonly policy: EffectivePolicy;
  readonly phase: Phase;
  readonly reopenings: number;
  /** The end of the hold in force. */
  readonly heldUntilMs: number | undefined;
}

/** R18 and R22: why a call would be refused now. */
export function refusalOf(standing: Standing): Refusal | undefined {
  const { mode, policy, phase, reopenings } = standing;
  if (mode === "forced-open") return { reason: "forced", untilMs: undefined };
  const heldUntilMs = mode === "normal" ? standing.heldUntilMs : undefined;
  if (phase.kind === "open") {
    return { reason: "open", untilMs: later(openUntilMs(phase, policy, reopenings), heldUntilMs) };
  }
  const reason = phase.kind === "half-open" ? phase.refusal(policy) : undefined;
  const untilMs = phase.kind === "half-open" && reason === "ramping"
    ? phase.intervalEndsAtMs
    : undefined;
  if (heldUntilMs !== undefined) return { reason: "held", untilMs: later(heldUntilMs, untilMs) };
  return reason && { reason, untilMs };
}

function later(one: number, other: number | undefined): number {
  return other === undefined ? one : Math.max(one, other);
}
