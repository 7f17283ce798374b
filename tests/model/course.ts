import type { EffectivePolicy, Mode } from "../../src/policy/policy.ts";
import { Chronicle } from "./chronicle.ts";
import type { Criterion, ModelCode } from "./criteria.ts";
import { Crossings } from "./crossings.ts";
import { Evidence } from "./evidence.ts";
import { HalfOpen } from "./half_open.ts";
import type { Due, Phase } from "./memory.ts";
import type { State } from "./observation.ts";
import { openUntilMs } from "./open_time.ts";
import { Time } from "./time.ts";

/**
 * Where a breaker stands, and what time, policies and modes make of it. Every
 * transition is made as an event at its own instant. Whoever does anything to it
 * reads the clock first.
 */
export class Course {
  readonly code: ModelCode;
  readonly chronicle = new Chronicle();
  readonly crossings = new Crossings();
  readonly #time = new Time();
  #policy: EffectivePolicy;
  #override: Mode | null = null;
  #epoch = 0;
  #phase: Phase = { kind: "closed" };
  #evidence: Evidence;
  #reopenings = 0;
  #trippedBy: readonly Criterion[] = [];

  /** Starts closed at time 0. */
  constructor(policy: EffectivePolicy, code: ModelCode) {
    this.#policy = policy;
    this.code = code;
    this.#evidence = new Evidence(policy);
  }

  get nowMs(): number {
    return this.#time.nowMs;
  }

  get policy(): EffectivePolicy {
    return this.#policy;
  }

  /** The mode in force. */
  get mode(): Mode {
    return this.#override ?? this.#policy.mode;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get evidence(): Evidence {
    return this.#evidence;
  }

  /** Reopenings since the breaker was last closed. */
  get reopenings(): number {
    return this.#reopenings;
  }

  get trippedBy(): readonly Criterion[] {
    return this.#trippedBy;
  }

  /** The state that is shown. */
  get shown(): State {
    return this.#shownIn(this.mode);
  }

  /** How long until time alone changes something; infinite: never. */
  get dueInMs(): number {
    return this.#nextDue().atMs - this.nowMs - this.#time.unreadMs;
  }

  /** Moves the raw clock; negative: back. Looks at nothing. */
  advance(ms: number): void {
    this.#time.advance(ms);
  }

  /** R19: sleeps from now on, which the clock will not show. */
  fallAsleep(ms: number): void {
    this.#time.fallAsleep(ms);
  }

  /** R19: lives through the time that was slept. */
  wakeUp(ms: number): void {
    this.#time.advance(ms);
    this.read();
  }

  /** Reads the clock, and makes the transitions that are due, each at its instant. */
  read(): void {
    const untilMs = this.#time.read();
    for (let due = this.#nextDue(); due.atMs <= untilMs; due = this.#nextDue()) {
      this.#time.reach(due.atMs);
      due.make();
    }
    this.#time.reach(untilMs);
  }

  /** R14: replaces the policy live. */
  setPolicy(policy: EffectivePolicy): void {
    const modeBefore = this.mode;
    const rampBefore = this.#policy.ramp;
    this.#policy = policy;
    this.#evidence.reshape(policy, this.nowMs);
    if (this.mode !== modeBefore) return this.#startAnew(modeBefore);
    if (
      this.#phase.kind === "half-open" && (rampBefore === undefined) !== (policy.ramp === undefined)
    ) {
      this.#phase.startAnew(policy, this.nowMs);
    }
    this.read();
  }

  /** R13: sets the mode that wins over the policy's, or clears it. */
  setOverride(mode: Mode | null): void {
    const modeBefore = this.mode;
    this.#override = mode;
    if (this.mode !== modeBefore) this.#startAnew(modeBefore);
  }

  /** R4: closes with nothing remembered. */
  reset(): void {
    this.#startAnew(this.mode);
  }

  /** Opens from closed, and keeps the evidence as it is. */
  trip(criteria: readonly Criterion[]): void {
    this.#trippedBy = criteria;
    this.#evidence.freeze(this.nowMs);
    this.#open();
  }

  /** Opens from half-open. */
  reopen(): void {
    this.#reopenings += 1;
    this.#open();
  }

  /** Closes from half-open, with nothing remembered. */
  close(): void {
    this.#enter({ kind: "closed" });
    this.#forget();
  }

  /** The one transition or interval's end that comes next, if time only passes. */
  #nextDue(): Due {
    const phase = this.#phase;
    if (phase.kind === "open") {
      const atMs = openUntilMs(phase, this.#policy, this.#reopenings);
      return { atMs, make: () => this.#enter(new HalfOpen(this.#policy, this.nowMs)) };
    }
    if (phase.kind === "half-open") {
      // R12: at one and the same instant, the deadline comes first.
      return phase.deadlineMs <= phase.intervalEndsAtMs
        ? { atMs: phase.deadlineMs, make: () => this.reopen() }
        : { atMs: phase.intervalEndsAtMs, make: () => this.#endInterval(phase) };
    }
    return { atMs: Infinity, make: () => {} };
  }

  #endInterval(phase: HalfOpen): void {
    if (phase.endInterval(this.#policy, this.nowMs) === "closes") this.close();
  }

  #open(): void {
    this.#enter({ kind: "open", openedAtMs: this.nowMs, draw: this.code.random() });
  }

  #enter(phase: Phase): void {
    this.#epoch += 1;
    this.#phase = phase;
    this.chronicle.enter(phase.kind, this.#time.onClock(this.nowMs));
  }

  #forget(): void {
    this.#evidence = new Evidence(this.#policy);
    this.#reopenings = 0;
    this.#trippedBy = [];
    this.crossings.forget();
  }

  /** A reset or a change of the effective mode; a state is entered only where the shown one changes. */
  #startAnew(modeBefore: Mode): void {
    const shownBefore = this.#shownIn(modeBefore);
    this.#epoch += 1;
    this.#phase = { kind: "closed" };
    this.#forget();
    if (this.shown === shownBefore) return;
    this.chronicle.enter(this.shown, this.#time.onClock(this.nowMs));
  }

  #shownIn(mode: Mode): State {
    return mode === "forced-open" ? "open" : this.#phase.kind;
  }
}
