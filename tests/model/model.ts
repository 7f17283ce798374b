/**
 * A slow, plain reference model of the breaker, written from the rules alone:
 * every outcome is kept with its exact time, every transition is made as an
 * event at its own instant, and nothing is optimised.
 *
 * Time: `advance` moves a raw clock that nobody has read yet, also backwards.
 * Every other method reads it first: a reading ahead of the last one moves the
 * model's time through each due transition in turn; a reading behind it leaves
 * time standing and becomes the reading that later ones are measured from
 * (R16). Steps that cancel out between two readings were never seen. What a
 * restored breaker has slept through passes as if it had been awake (R19).
 *
 * What the rules leave open stays open: counts are ranges, `trippedBy` lists
 * every criterion that may be the first to hold, and a settlement whose effect
 * hangs on an open value is settled as the caller says it was seen to go.
 *
 * @module
 */

import type { EffectivePolicy, Mode } from "../../src/policy/policy.ts";
import { Course } from "./course.ts";
import type { ModelCode } from "./criteria.ts";
import type { HalfOpen } from "./half_open.ts";
import type { Counted } from "./history.ts";
import { Holds } from "./holds.ts";
import type { Call, Memory } from "./memory.ts";
import type { Admission, Observation, Outcome, SettlementDetails, Verdict } from "./observation.ts";
import { ProbeTimes } from "./probe_times.ts";
import { type Refusal, refusalOf } from "./refusal.ts";

/** How a restored model goes on (R19). */
export interface Restoring {
  /** How old the snapshot is; below 0 the wall clock went back, which counts as none. @default 0 */
  readonly ageMs?: number;
  /** What it goes on under. @default the policy in force */
  readonly policy?: EffectivePolicy;
}

/** The model. Ids of calls are its own; every method but `advance` reads the clock. */
export class Model {
  readonly #course: Course;
  readonly #calls = new Map<number, Call>();
  readonly #holds = new Holds();
  readonly #probeTimes = new ProbeTimes();
  #nextId = 0;

  /** Starts closed at time 0. */
  constructor(policy: EffectivePolicy, code: ModelCode) {
    this.#course = new Course(policy, code);
  }

  /** Moves the raw clock; negative: back. Looks at nothing. */
  advance(ms: number): void {
    this.#course.advance(ms);
  }

  /** Asks for admission. */
  begin(): Admission {
    const course = this.#course;
    course.read();
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      course.chronicle.rejected += 1;
      return { admitted: false, ...this.#shown(refusal) };
    }
    const id = this.#nextId++;
    const { epoch, nowMs, phase } = course;
    const probe = phase.kind === "half-open"
      ? this.#probeTimes.admit(course.policy, nowMs)
      : undefined;
    this.#calls.set(id, { epoch, begunAtMs: nowMs, probe });
    if (phase.kind === "half-open" && probe !== undefined) phase.admit(id, probe.deadlineMs);
    return { admitted: true, id };
  }

  /**
   * Settles a call.
   *
   * @throws {RangeError} If the effect hangs on what R3 leaves open and `opened` is not given.
   */
  settle(id: number, outcome: Outcome, details: SettlementDetails = {}): Verdict {
    const course = this.#course;
    course.read();
    const call = this.#calls.get(id);
    if (call === undefined) return "ignored";
    this.#calls.delete(id);
    const { nowMs, policy: { slowCallThreshold = Infinity, maxHold } } = course;
    const slow = nowMs - call.begunAtMs > slowCallThreshold;
    if (call.epoch !== course.epoch) {
      this.#settleLate(call, outcome === "success" && !this.#failsAsSlow(slow));
      return "stale";
    }
    if (course.phase.kind === "half-open") course.phase.release(id);
    if (outcome === "ignored" || outcome === "cancelled" || outcome === "dropped") return "ignored";
    if (course.mode === "disabled") return "ignored";

    const { holdAfterMs = 0 } = details;
    if (outcome !== "success" && holdAfterMs > 0) {
      this.#holds.ask(nowMs + Math.min(holdAfterMs, maxHold));
    }
    if (course.phase.kind === "half-open") {
      this.#settleProbe(course.phase, outcome, slow);
      return "probe";
    }
    return this.#record(outcome, slow, details);
  }

  /** Replaces the policy live. */
  setPolicy(policy: EffectivePolicy): void {
    this.#course.read();
    this.#course.setPolicy(policy);
  }

  /** Sets the mode that wins over the policy's, or clears it. */
  override(mode: Mode | null): void {
    this.#course.read();
    this.#course.setOverride(mode);
  }

  /** R4, R11, R22: closes with nothing remembered, learnt or held. */
  reset(): void {
    this.#course.read();
    this.#holds.releaseAll();
    this.#probeTimes.forget();
    this.#course.reset();
  }

  /** R22: refuses every call for a while, on behalf of `owner`. */
  hold(ms: number, owner: string): void {
    this.#course.read();
    this.#holds.hold(owner, this.#course.nowMs + ms);
  }

  /** R22: ends the hold of `owner`. */
  release(owner: string): void {
    this.#course.read();
    this.#holds.release(owner);
  }

  /** R23: opens by hand. */
  tripNow(): void {
    const course = this.#course;
    course.read();
    if (course.mode !== "normal") return;
    if (course.phase.kind === "closed") course.trip(["manual"]);
    else if (course.phase.kind === "half-open") course.reopen();
  }

  /** R19: goes on as restored from a snapshot of now. */
  restore({ ageMs = 0, policy }: Restoring = {}): void {
    const course = this.#course;
    course.read();
    this.#calls.clear();
    if (course.phase.kind === "half-open") course.phase.releaseAll();
    const sleptMs = Math.max(0, ageMs);
    course.fallAsleep(sleptMs); // first, because what the policy brings about is told by the clock of now
    if (policy !== undefined) course.setPolicy(policy);
    course.wakeUp(sleptMs);
  }

  /** Reads everything, counting nothing. */
  observe(): Observation {
    const course = this.#course;
    course.read();
    const { phase, evidence, nowMs } = course;
    const refusal = this.#refusal();
    const heldUntilMs = this.#heldUntilMs();
    return {
      state: course.shown,
      ...evidence.counts(nowMs),
      consecutiveFailures: evidence.consecutiveFailures,
      ...course.chronicle.tell(),
      inFlight: phase.kind === "half-open" ? phase.inFlight : 0,
      ...(refusal === undefined ? { reason: null, retryAfterMs: null } : this.#shown(refusal)),
      trippedBy: [...course.trippedBy],
      held: heldUntilMs === undefined ? null : Math.ceil(heldUntilMs - nowMs),
      overdueProbes: this.#probeTimes.overdue,
      // Of the criterion in code nobody can say what it would answer when it is not asked.
      wouldOpen: course.code.readyToTrip === undefined ? course.crossings.announced : null,
    };
  }

  /** How long until time alone changes something; infinite: never. */
  get dueInMs(): number {
    return this.#course.dueInMs;
  }

  /** What decides its future, read for those who tell equal states from different ones. */
  remember(): Memory {
    const course = this.#course;
    course.read();
    return {
      nowMs: course.nowMs,
      epoch: course.epoch,
      calls: this.#calls,
      phase: course.phase,
      evidence: course.evidence,
      reopenings: course.reopenings,
      trippedBy: course.trippedBy,
      crossings: course.crossings,
      holds: this.#holds,
      probeTimes: this.#probeTimes,
    };
  }

  #heldUntilMs(): number | undefined {
    const { nowMs, phase } = this.#course;
    return this.#holds.endMs(nowMs, phase.kind === "closed");
  }

  #refusal(): Refusal | undefined {
    const { mode, policy, phase, reopenings } = this.#course;
    return refusalOf({ mode, policy, phase, reopenings, heldUntilMs: this.#heldUntilMs() });
  }

  #shown(
    { reason, untilMs }: Refusal,
  ): Pick<Observation, "retryAfterMs"> & Pick<Refusal, "reason"> {
    const retryAfterMs = untilMs === undefined ? null : Math.ceil(untilMs - this.#course.nowMs);
    return { reason, retryAfterMs };
  }

  /** R4, R11: a result of an earlier epoch counts for nothing, and may teach how long probes take. */
  #settleLate({ probe, begunAtMs }: Call, succeeded: boolean): void {
    this.#course.chronicle.staleCalls += 1;
    if (probe === undefined) return;
    this.#probeTimes.settle(probe, { begunAtMs, nowMs: this.#course.nowMs, succeeded });
  }

  /** R10: whether a slow success of a probe counts as a failure. */
  #failsAsSlow(slow: boolean): boolean {
    return slow && this.#course.policy.slowCallRateThreshold !== undefined;
  }

  #settleProbe(phase: HalfOpen, outcome: Counted, slow: boolean): void {
    const course = this.#course;
    if (outcome !== "success" || this.#failsAsSlow(slow)) course.reopen();
    else if (phase.succeed(course.policy) === "closes") course.close();
  }

  /** R5: adds an outcome to the evidence, and opens where that is reason enough. */
  #record(outcome: Counted, slow: boolean, { opened }: SettlementDetails): Verdict {
    const course = this.#course;
    const { mode, policy, evidence, crossings, nowMs } = course;
    const evaluate = () => evidence.evaluate(policy, nowMs, course.code);
    if (mode === "metrics-only") crossings.meet(evaluate().holds);
    evidence.record({ outcome, slow }, policy, nowMs);
    if (outcome === "success" && !slow) return "recorded";

    const { candidates, holds } = evaluate();
    if (mode === "metrics-only") crossings.judge(holds);
    const trips = mode === "normal" && (holds ?? opened);
    if (trips === undefined) {
      throw new RangeError("Cannot settle: whether a criterion holds is left open by R3");
    }
    if (!trips) return "recorded";
    course.trip(candidates);
    return "tripped";
  }
}
