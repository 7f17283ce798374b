import type { BreakerSettings, Duration, Permit, StandaloneBreaker } from "../../mod.ts";
import type { ManualClock } from "../../src/testing/mod.ts";
import type { Case, CaseOutcome, Expectation, Step } from "./case.ts";
import type { Library } from "./library.ts";

/** What went wrong in a case. */
export interface CaseFailure {
  /** The step, counted from 1; 0: before the first. */
  readonly step: number;
  /** What was seen and what was expected. */
  readonly seen: string;
}

/** Runs a case against `library` and returns its first failure, if it has one. */
export function runCase(subject: Case, library: Library): CaseFailure | undefined {
  let step = 0;
  try {
    const run = new Run(subject, library);
    for (const each of subject.steps) {
      step++;
      run.take(each);
    }
  } catch (error) {
    return { step, seen: error instanceof Error ? error.message : String(error) };
  }
  return undefined;
}

/** A failure that asks to be left alone for a while. */
class AskingError {
  constructor(readonly duration: Duration) {}
}

/** Overdue probes are no news here. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

class Run {
  readonly #library: Library;
  readonly #clock: ManualClock;
  readonly #permits = new Map<string, Permit>();
  readonly #transitions: string[] = [];
  readonly #asking: Pick<BreakerSettings, "holdAfter">;
  #policy: Case["policy"];
  #draws: readonly number[] = [0];
  #drawn = 0;
  #generation = 0;
  #silence = (): void => {};
  #breaker: StandaloneBreaker;

  constructor(subject: Case, library: Library) {
    this.#library = library;
    this.#clock = new library.ManualClock();
    this.#policy = subject.policy ?? {};
    this.#asking = subject.steps.some((step) => "holdAfter" in step) ? { holdAfter: askedFor } : {};
    this.#breaker = library.createBreaker(subject.name, this.#policy, this.#settings());
    this.#listen();
  }

  /** The settings of one breaker: one that was replaced draws no more. */
  #settings(): BreakerSettings {
    const generation = ++this.#generation;
    const random = (): number => generation === this.#generation ? this.#draw() : 0;
    return { clock: this.#clock, random, logger: SILENT, ...this.#asking };
  }

  #draw(): number {
    const last = this.#draws.length - 1;
    return this.#draws[Math.min(this.#drawn++, last)] ?? 0;
  }

  #listen(): void {
    this.#silence();
    this.#silence = this.#breaker.on("stateChange", ({ to }) => this.#transitions.push(to));
  }

  take(step: Step): void {
    if ("begin" in step) this.#begin(step);
    else if ("settle" in step) this.#settle(step);
    else if ("call" in step) this.#call(step);
    else if ("advance" in step) this.#clock.advance(step.advance);
    else if ("policy" in step) this.#setPolicy(step);
    else if ("mode" in step) this.#breaker.override(step.mode);
    else if ("reset" in step) this.#breaker.reset();
    else if ("hold" in step) this.#breaker.hold(step.hold, ownerOf(step));
    else if ("release" in step) this.#breaker.release(ownerOf(step));
    else if ("trip" in step) this.#breaker.tripNow();
    else if ("random" in step) {
      this.#draws = [step.random].flat();
      this.#drawn = 0;
    } else if ("restore" in step) this.#restore(step);
    else this.#expect(step.expect);
  }

  #begin({ begin, admitted = true, reason }: Extract<Step, { begin: string }>): void {
    const permit = this.#breaker.tryAcquire();
    this.#checkAdmission(permit, admitted, reason);
    if (permit !== undefined) this.#permits.set(begin, permit);
  }

  #checkAdmission(permit: Permit | undefined, admitted: boolean, reason: string | undefined): void {
    const seen = permit === undefined ? `refused (${this.#reason()})` : "admitted";
    if ((permit !== undefined) !== admitted) {
      throw new Error(`the call was ${seen}, expected ${admitted ? "admitted" : "refused"}`);
    }
    if (reason !== undefined && this.#reason() !== reason) {
      throw new Error(`the call was ${seen}, expected refused (${reason})`);
    }
  }

  #reason(): string | null {
    const peek = this.#breaker.peek();
    return peek.admitted ? null : peek.reason;
  }

  #settle({ settle: id, as, holdAfter }: Extract<Step, { settle: string }>): void {
    const permit = this.#permits.get(id);
    if (permit === undefined) throw new Error(`no call "${id}" was admitted`);
    settle(permit, as, holdAfter);
  }

  #call(step: Extract<Step, { call: CaseOutcome }>): void {
    const { call, admitted = true, reason, took, times = 1, holdAfter } = step;
    for (let i = 0; i < times; i++) {
      const permit = this.#breaker.tryAcquire();
      this.#checkAdmission(permit, admitted, reason);
      if (took !== undefined) this.#clock.advance(took);
      if (permit !== undefined) settle(permit, call, holdAfter);
    }
  }

  #setPolicy({ policy, invalid = false }: Extract<Step, { policy: unknown }>): void {
    try {
      this.#breaker.setPolicy(policy);
    } catch (error) {
      if (invalid && error instanceof this.#library.InvalidPolicyError) return;
      throw error;
    }
    if (invalid) throw new Error("the policy was accepted, expected refused");
    this.#policy = policy;
  }

  #restore({ restore, under = this.#policy }: Extract<Step, { restore: unknown }>): void {
    const snapshot = JSON.parse(JSON.stringify(this.#breaker.snapshot()));
    if (restore !== true) snapshot.takenAt -= this.#milliseconds(restore);
    this.#policy = under;
    this.#breaker = this.#library.restoreBreaker(snapshot, under, this.#settings());
    this.#listen();
  }

  #milliseconds(duration: Duration): number {
    const clock = new this.#library.ManualClock();
    clock.advance(duration);
    return clock.now();
  }

  #expect(expected: Expectation): void {
    const seen = this.#observe();
    const wrong = Object.entries(expected).filter(([key, value]) =>
      JSON.stringify(seen[key]) !== JSON.stringify(value)
    );
    if (wrong.length === 0) return;
    throw new Error(
      wrong.map(([key, value]) =>
        `${key} is ${JSON.stringify(seen[key])}, expected ${JSON.stringify(value)}`
      ).join("; "),
    );
  }

  #observe(): Record<string, unknown> {
    const peek = this.#breaker.peek();
    const refused = peek.admitted ? undefined : peek;
    const { trip } = this.#breaker.snapshot();
    return {
      state: this.#breaker.state,
      ...this.#breaker.counts,
      reason: refused?.reason ?? null,
      retryAfterMs: refused?.retryAfterMs ?? null,
      transitions: this.#transitions,
      trippedBy: trip?.criterion ?? null,
      held: peek.heldForMs ?? null,
    };
  }
}

function ownerOf({ owner }: { readonly owner?: string }): { readonly owner?: string } {
  return owner === undefined ? {} : { owner };
}

/** The setting `holdAfter` that {@linkcode settle} speaks to. */
export function askedFor(outcome: unknown): Duration | undefined {
  return outcome instanceof AskingError ? outcome.duration : undefined;
}

/** Ends the call of a permit as a case says; a failure may ask to be left alone for `holdAfter`. */
export function settle(permit: Permit, outcome: CaseOutcome, holdAfter?: Duration): void {
  switch (outcome) {
    case "success":
      return permit.success();
    case "failure":
      return permit.failure(holdAfter === undefined ? undefined : new AskingError(holdAfter));
    case "timeout":
      return permit.timeout();
    case "ignored":
    case "cancelled":
      return permit.ignore();
    case "dropped":
      return permit[Symbol.dispose]();
  }
}
