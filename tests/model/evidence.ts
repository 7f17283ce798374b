import type { EffectivePolicy } from "../../src/policy/policy.ts";
import { type Criterion, holding, type ModelCode } from "./criteria.ts";
import { type Counted, type Entry, History, type Tally } from "./history.ts";
import type { Range } from "./observation.ts";

/** What became of an evaluation of R5's criteria. */
export interface Evaluation {
  /** The criteria that may be the first to hold, which is the one that is named. */
  readonly candidates: readonly Criterion[];
  /** Whether any holds; `undefined` where that hangs on what R3 leaves open. */
  readonly holds: boolean | undefined;
}

/** What has been measured since the breaker last closed, and stands still from a trip on (R6, R10). */
export class Evidence {
  readonly #history: History;
  #consecutiveFailures = 0;
  #lastFailureAtMs: number | undefined;
  #frozenAtMs: number | undefined;

  constructor({ window }: EffectivePolicy) {
    this.#history = new History(window);
  }

  get consecutiveFailures(): number {
    return this.#consecutiveFailures;
  }

  /** When the last failure was recorded. */
  get lastFailureAtMs(): number | undefined {
    return this.#lastFailureAtMs;
  }

  /** The instant at which everything stands still, from a trip on. */
  get frozenAtMs(): number | undefined {
    return this.#frozenAtMs;
  }

  /** The outcomes that may still count at `nowMs`, oldest first. */
  entries(nowMs: number): readonly Entry[] {
    return this.#history.kept(this.#frozenAtMs ?? nowMs);
  }

  /** Adds an outcome that settles now; R24: a failure that comes too late after the last one begins the row anew. */
  record(
    { outcome, slow }: { readonly outcome: Counted; readonly slow: boolean },
    { failureThresholdWithin = Infinity }: EffectivePolicy,
    nowMs: number,
  ): void {
    this.#history.add(outcome, slow, nowMs);
    if (outcome === "success") {
      this.#consecutiveFailures = 0;
      return;
    }
    const gapMs = nowMs - (this.#lastFailureAtMs ?? nowMs);
    this.#consecutiveFailures = gapMs > failureThresholdWithin ? 1 : this.#consecutiveFailures + 1;
    this.#lastFailureAtMs = nowMs;
  }

  /** Keeps everything as it is at `nowMs`. */
  freeze(nowMs: number): void {
    this.#frozenAtMs = nowMs;
  }

  /** R14: goes on under `policy`. Once frozen, outcomes have the age that they had then. */
  reshape({ window }: EffectivePolicy, nowMs: number): void {
    this.#history.reshape(window, this.#frozenAtMs ?? nowMs);
  }

  evaluate(policy: EffectivePolicy, nowMs: number, code: ModelCode): Evaluation {
    const consecutiveFailures = this.#consecutiveFailures;
    const verdicts = this.#contents(nowMs).map((counts) => {
      const held = holding(policy, consecutiveFailures, counts);
      if (code.readyToTrip?.({ ...counts, consecutiveFailures })) held.push("readyToTrip");
      return held;
    });
    const held = verdicts.filter((criteria) => criteria.length > 0).length;
    return {
      candidates: [...new Set(verdicts.flatMap((criteria) => criteria.slice(0, 1)))],
      holds: held === verdicts.length ? true : held === 0 ? false : undefined,
    };
  }

  /** The values that R3 allows for each count. */
  counts(nowMs: number): Readonly<Record<keyof Tally, Range>> {
    const contents = this.#contents(nowMs);
    const range = (key: keyof Tally): Range => {
      const values = contents.map((counts) => counts[key]);
      return { min: Math.min(...values), max: Math.max(...values) };
    };
    return {
      calls: range("calls"),
      failures: range("failures"),
      successes: range("successes"),
      slow: range("slow"),
      timeouts: range("timeouts"),
    };
  }

  #contents(nowMs: number): Tally[] {
    return this.#history.possible(this.#frozenAtMs ?? nowMs);
  }
}
