import type { EffectivePolicy } from "../../mod.ts";

/** What a probe may take longer by than its policy alone says. */
export interface ProbeAllowance {
  /** The time limit of its call in milliseconds; 0: none. */
  readonly limitMs: number;
  /** The longest time after which an overdue probe succeeded, in milliseconds; 0: none has. */
  readonly slowestMs: number;
}

/** How long a probe may take that is admitted now, in milliseconds (R11). */
export function probeTimeMs(
  { halfOpen, openStateTimeout }: EffectivePolicy,
  { limitMs, slowestMs }: ProbeAllowance,
): number {
  const learntMs = Math.min(2 * slowestMs, 10 * openStateTimeout);
  return halfOpen.probeTimeout ?? Math.max(openStateTimeout, limitMs, learntMs);
}

/** How long the probe of a permit may take at most, whatever has been learnt, in milliseconds. */
export function longestProbeMs(policy: EffectivePolicy): number {
  return probeTimeMs(policy, { limitMs: policy.timeout ?? 0, slowestMs: Infinity });
}

/** A call that was admitted and has not ended. */
export interface OpenAdmission {
  /** How often the breaker had changed its state when it was admitted. */
  readonly transitions: number;
  /** When it fails where it is a probe, in milliseconds. */
  readonly deadlineAt: number;
}

/** Readings of the clock are shared for a millisecond at most; the rest is for the time between two looks. */
const SLACK_MS = 5;

/** A call that has settled is taken out a few microtasks later, between which the process may be suspended. */
const EXPIRY_SLACK_MS = 50;

/**
 * The calls in flight through one breaker. While it stays half-open none of those
 * that it admitted since then can be past its deadline: that probe has failed,
 * and the breaker is open again (R11).
 */
export class ProbeDeadlines {
  readonly #open = new Set<OpenAdmission>();

  /** Enters a call, and returns what takes it out again. */
  admit(admission: OpenAdmission): () => void {
    this.#open.add(admission);
    return () => {
      this.#open.delete(admission);
    };
  }

  /** Calls in flight. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * What is wrong with a probe that failed by its deadline at `at`, which ended half-open after so many
   * `transitions`: the earliest deadline comes first, and calls are entered when they are admitted or later.
   */
  expiry(transitions: number, at: number): string[] {
    let earliest = Infinity;
    for (const admission of this.#open) {
      if (admission.transitions === transitions) {
        earliest = Math.min(earliest, admission.deadlineAt);
      }
    }
    if (at <= earliest + EXPIRY_SLACK_MS) return [];
    return [`a probe failed by a deadline ${Math.round(at - earliest)} ms after the earliest`];
  }

  /** Probes that should have reopened a breaker that is half-open at `now`, after so many `transitions`. */
  overdue(transitions: number, now: number): string[] {
    const found: string[] = [];
    for (const admission of this.#open) {
      if (admission.transitions !== transitions) continue;
      const lateMs = now - admission.deadlineAt;
      if (lateMs > SLACK_MS) {
        found.push(`half-open ${Math.round(lateMs)} ms after the deadline of a probe in flight`);
      }
    }
    return found;
  }
}
