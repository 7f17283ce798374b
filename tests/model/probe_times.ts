import type { EffectivePolicy } from "../../src/policy/policy.ts";

/** What a probe keeps of its admission. */
export interface Probe {
  readonly deadlineMs: number;
  /** The reset after which it was admitted, counted. */
  readonly era: number;
}

/** R11: how long probes may take, and what the overdue ones have taught. */
export class ProbeTimes {
  #overdue = 0;
  #longestMs = 0;
  #era = 0;

  /** Probes that settled at or after their deadline. */
  get overdue(): number {
    return this.#overdue;
  }

  /** The longest time after which an overdue probe succeeded; 0: none has. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** Resets so far. */
  get era(): number {
    return this.#era;
  }

  /** Admits a probe. */
  admit(policy: EffectivePolicy, nowMs: number): Probe {
    return { deadlineMs: nowMs + this.#timeoutMs(policy), era: this.#era };
  }

  /** Takes note of a probe that settles `nowMs`, having been admitted at `begunAtMs`, in whatever epoch. */
  settle(
    probe: Probe,
    { begunAtMs, nowMs, succeeded }: {
      readonly begunAtMs: number;
      readonly nowMs: number;
      /** As R10 counts success. */
      readonly succeeded: boolean;
    },
  ): void {
    if (nowMs < probe.deadlineMs) return;
    this.#overdue += 1;
    if (succeeded && probe.era === this.#era) {
      this.#longestMs = Math.max(this.#longestMs, nowMs - begunAtMs);
    }
  }

  /** Unlearns everything, and whatever the probes in flight would still teach. */
  forget(): void {
    this.#longestMs = 0;
    this.#era += 1;
  }

  #timeoutMs({ halfOpen, openStateTimeout, timeout = 0 }: EffectivePolicy): number {
    const learntMs = Math.min(2 * this.#longestMs, 10 * openStateTimeout);
    return halfOpen.probeTimeout ?? Math.max(openStateTimeout, timeout, learntMs);
  }
}
