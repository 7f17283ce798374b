/**
 * A slow, plain reference model of the breaker, written from the rules alone:
 * every outcome is kept with its exact time, every transition is made as an
 * event at its own instant, and nothing is optimised.
 *
 * Time: `advance` moves a raw clock that nobody has read yet, also backwards.
 * Every other method reads it first: a reading ahead of the last one moves the
 * model's time through each due transition in turn; a reading behind it leaves
 * time standing and becomes the reading that later ones are measured from
 * (R16). Steps that cancel out between two readings were never seen.
 *
 * What the rules leave open stays open: counts are ranges, `trippedBy` lists
 * every criterion that may be named, and a settlement whose effect hangs on an
 * open value is settled as the caller says it was seen to go.
 *
 * @module
 */

import type { EffectivePolicy, Mode } from "../../src/policy/policy.ts";
import { type Criterion, type ModelCode, openTimeMs } from "./criteria.ts";
import { Chronicle } from "./chronicle.ts";
import { Crossings } from "./crossings.ts";
import { Evidence } from "./evidence.ts";
import { HalfOpen } from "./half_open.ts";
import type { Counted } from "./history.ts";
import type { Call, Due, Memory, Phase } from "./memory.ts";
import type { Admission, Observation, Outcome, Reason, State, Verdict } from "./observation.ts";

/** The model. Ids of calls are its own; every method but `advance` reads the clock. */
export class Model {
  readonly #code: ModelCode;
  #policy: EffectivePolicy;
  #override: Mode | null = null;
  #nowMs = 0;
  #unreadMs = 0;
  #epoch = 0;
  #nextId = 0;
  #calls = new Map<number, Call>();
  #phase: Phase = { kind: "closed" };
  #evidence: Evidence;
  readonly #crossings = new Crossings();
  #reopenings = 0;
  #trippedBy: readonly Criterion[] = [];
  readonly #chronicle = new Chronicle();

  /** Starts closed at time 0. */
  constructor(policy: EffectivePolicy, code: ModelCode) {
    this.#policy = policy;
    this.#code = code;
    this.#evidence = new Evidence(policy);
  }

  /** Moves the raw clock; negative: back. Looks at nothing. */
  advance(ms: number): void {
    this.#unreadMs += ms;
  }

  /** Asks for admission. */
  begin(): Admission {
    this.#read();
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      this.#chronicle.rejected += 1;
      return { admitted: false, reason: refusal, retryAfterMs: this.#retryAfterMs(refusal) };
    }
    const id = this.#nextId++;
    this.#calls.set(id, { epoch: this.#epoch, begunAtMs: this.#nowMs });
    if (this.#phase.kind === "half-open") this.#phase.admit(id, this.#policy, this.#nowMs);
    return { admitted: true, id };
  }

  /**
   * Settles a call. `opened` is consulted only where R3 leaves open whether a
   * criterion holds: whether the breaker was seen to open.
   *
   * @throws {RangeError} If the effect is undetermined and `opened` is not given.
   */
  settle(id: number, outcome: Outcome, opened?: boolean): Verdict {
    this.#read();
    const call = this.#calls.get(id);
    if (call === undefined) return "ignored";
    this.#calls.delete(id);
    if (call.epoch !== this.#epoch) {
      this.#chronicle.staleCalls += 1;
      return "stale";
    }
    if (this.#phase.kind === "half-open") this.#phase.release(id);
    if (outcome === "ignored" || outcome === "cancelled" || outcome === "dropped") return "ignored";
    const mode = this.#mode();
    if (mode === "disabled") return "ignored";

    const { slowCallThreshold } = this.#policy;
    const slow = slowCallThreshold !== undefined &&
      this.#nowMs - call.begunAtMs > slowCallThreshold;
    if (this.#phase.kind === "half-open") {
      this.#settleProbe(this.#phase, outcome, slow);
      return "probe";
    }
    const evaluate = () => this.#evidence.evaluate(this.#policy, this.#nowMs, this.#code);
    if (mode === "metrics-only") this.#crossings.meet(evaluate().holds);
    this.#evidence.record(outcome, slow, this.#nowMs);
    if (outcome === "success" && !slow) return "recorded";

    const { candidates, holds } = evaluate();
    if (mode === "metrics-only") this.#crossings.judge(holds);
    const trips = mode === "normal" && (holds ?? opened);
    if (trips === undefined) {
      throw new RangeError("Cannot settle: whether a criterion holds is left open by R3");
    }
    if (!trips) return "recorded";
    this.#trippedBy = candidates;
    this.#evidence.freeze(this.#nowMs);
    this.#open();
    return "tripped";
  }

  /** Replaces the policy live. */
  setPolicy(policy: EffectivePolicy): void {
    this.#read();
    const modeBefore = this.#mode();
    const rampBefore = this.#policy.ramp;
    this.#policy = policy;
    this.#evidence.reshape(policy, this.#nowMs);
    if (this.#mode() !== modeBefore) return this.#startAnew(modeBefore);
    if (
      this.#phase.kind === "half-open" && (rampBefore === undefined) !== (policy.ramp === undefined)
    ) {
      this.#phase.startAnew(policy, this.#nowMs);
    }
    this.#read();
  }

  /** Sets the mode that wins over the policy's, or clears it. */
  override(mode: Mode | null): void {
    this.#read();
    const modeBefore = this.#mode();
    this.#override = mode;
    if (this.#mode() !== modeBefore) this.#startAnew(modeBefore);
  }

  /** R4: closes with nothing remembered. */
  reset(): void {
    this.#read();
    this.#startAnew(this.#mode());
  }

  /** R19: goes on as restored from a snapshot taken now. */
  snapshotRestore(): void {
    this.#read();
    this.#calls.clear();
    if (this.#phase.kind === "half-open") this.#phase.releaseAll();
  }

  /** Reads everything, counting nothing. */
  observe(): Observation {
    this.#read();
    const reason = this.#refusal() ?? null;
    return {
      state: this.#shown(this.#mode()),
      ...this.#evidence.counts(this.#nowMs),
      consecutiveFailures: this.#evidence.consecutiveFailures,
      ...this.#chronicle.tell(),
      inFlight: this.#phase.kind === "half-open" ? this.#phase.inFlight : 0,
      reason,
      retryAfterMs: reason === null ? null : this.#retryAfterMs(reason),
      trippedBy: [...this.#trippedBy],
      // Of the criterion in code nobody can say what it would answer when it is not asked.
      wouldOpen: this.#code.readyToTrip === undefined ? this.#crossings.announced : null,
    };
  }

  /** How long until time alone changes something; infinite: never. */
  get dueInMs(): number {
    return this.#nextDue().atMs - this.#nowMs - this.#unreadMs;
  }

  /** What decides its future, read for those who tell equal states from different ones. */
  remember(): Memory {
    this.#read();
    return {
      nowMs: this.#nowMs,
      epoch: this.#epoch,
      calls: this.#calls,
      phase: this.#phase,
      evidence: this.#evidence,
      reopenings: this.#reopenings,
      trippedBy: this.#trippedBy,
      crossings: this.#crossings,
    };
  }

  #mode(): Mode {
    return this.#override ?? this.#policy.mode;
  }

  #shown(mode: Mode): State {
    return mode === "forced-open" ? "open" : this.#phase.kind;
  }

  #read(): void {
    const untilMs = this.#nowMs + Math.max(0, this.#unreadMs);
    this.#unreadMs = 0;
    for (let due = this.#nextDue(); due.atMs <= untilMs; due = this.#nextDue()) {
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.make();
    }
    this.#nowMs = untilMs;
  }

  /** The one transition or interval's end that comes next, if time only passes. */
  #nextDue(): Due {
    const phase = this.#phase;
    if (phase.kind === "open") {
      return { atMs: this.#openUntilMs(phase), make: () => this.#halfOpen() };
    }
    if (phase.kind === "half-open") {
      // R12: at one and the same instant, the deadline comes first.
      return phase.deadlineMs <= phase.intervalEndsAtMs
        ? { atMs: phase.deadlineMs, make: () => this.#reopen() }
        : { atMs: phase.intervalEndsAtMs, make: () => this.#endInterval(phase) };
    }
    return { atMs: Infinity, make: () => {} };
  }

  #openUntilMs(phase: Extract<Phase, { kind: "open" }>): number {
    return phase.openedAtMs + openTimeMs(this.#policy, this.#reopenings, phase.draw);
  }

  #enter(phase: Phase): void {
    this.#epoch += 1;
    this.#phase = phase;
    this.#chronicle.enter(phase.kind, this.#nowMs);
  }

  #open(): void {
    this.#enter({ kind: "open", openedAtMs: this.#nowMs, draw: this.#code.random() });
  }

  #reopen(): void {
    this.#reopenings += 1;
    this.#open();
  }

  #halfOpen(): void {
    this.#enter(new HalfOpen(this.#policy, this.#nowMs));
  }

  #close(): void {
    this.#enter({ kind: "closed" });
    this.#forget();
  }

  #forget(): void {
    this.#evidence = new Evidence(this.#policy);
    this.#reopenings = 0;
    this.#trippedBy = [];
    this.#crossings.forget();
  }

  /** A reset or a change of the effective mode; a state is entered only where the shown one changes. */
  #startAnew(modeBefore: Mode): void {
    const shownBefore = this.#shown(modeBefore);
    this.#epoch += 1;
    this.#phase = { kind: "closed" };
    this.#forget();
    const shown = this.#shown(this.#mode());
    if (shown !== shownBefore) this.#chronicle.enter(shown, this.#nowMs);
  }

  #refusal(): Reason | undefined {
    if (this.#mode() === "forced-open") return "forced";
    const phase = this.#phase;
    if (phase.kind === "open") return "open";
    if (phase.kind !== "half-open") return undefined;
    return phase.refusal(this.#policy);
  }

  #retryAfterMs(reason: Reason): number | null {
    const phase = this.#phase;
    if (reason === "open" && phase.kind === "open") {
      return Math.ceil(this.#openUntilMs(phase) - this.#nowMs);
    }
    if (reason === "ramping" && phase.kind === "half-open") {
      return Math.ceil(phase.intervalEndsAtMs - this.#nowMs);
    }
    return null;
  }

  #settleProbe(phase: HalfOpen, outcome: Counted, slow: boolean): void {
    const failed = outcome !== "success" ||
      (slow && this.#policy.slowCallRateThreshold !== undefined);
    if (failed) this.#reopen();
    else if (phase.succeed(this.#policy) === "closes") this.#close();
  }

  #endInterval(phase: HalfOpen): void {
    if (phase.endInterval(this.#policy, this.#nowMs) === "closes") this.#close();
  }
}
