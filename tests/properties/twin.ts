import {
  type BreakerSettings,
  type BreakerSnapshot,
  createBreaker,
  type Permit,
  type Policy,
  restoreBreaker,
  type StandaloneBreaker,
} from "../../mod.ts";
import { ManualClock } from "../../src/testing/mod.ts";
import type { Ending, Step } from "./any_history.ts";

/** Takes a step with several breakers at once, those on one clock together, and tells what was seen of each. */
export function takeTogether(twins: readonly Twin[], step: Step): unknown[] {
  const ends = twins.map((twin) => twin.begin(step));
  const ms = step.kind === "advance" ? step.ms : "tookMs" in step ? step.tookMs : 0;
  for (const clock of new Set(twins.map((twin) => twin.clock))) clock.advance(ms);
  return ends.map((end) => end());
}

/** A breaker with draws of its own that takes steps and tells all that can be seen. */
export class Twin {
  readonly breaker: StandaloneBreaker;
  readonly clock: ManualClock;
  readonly #draws: Draws;
  readonly #events: unknown[] = [];
  #policy: Policy;

  private constructor(
    policy: Policy,
    clock: ManualClock,
    draws: Draws,
    breaker: StandaloneBreaker,
  ) {
    this.#policy = policy;
    this.clock = clock;
    this.#draws = draws;
    this.breaker = breaker;
    breaker.on("stateChange", ({ from, to, cause, trip }) => {
      this.#events.push([from, to, cause, trip?.criterion, trip?.observed, trip?.counts]);
    });
    breaker.on("wouldOpen", ({ trip }) => this.#events.push(["wouldOpen", trip.criterion]));
  }

  /** A breaker that has seen nothing. */
  static fresh(policy: Policy, settings: BreakerSettings = {}): Twin {
    const clock = new ManualClock();
    const draws = new Draws(0);
    const breaker = createBreaker("twin", policy, {
      clock,
      random: draws.next,
      ...settings,
    });
    return new Twin(policy, clock, draws, breaker);
  }

  /** One that goes on from a snapshot of this one, under its clock or another. */
  restored(snapshot: BreakerSnapshot, clock: ManualClock = this.clock): Twin {
    const draws = new Draws(this.#draws.taken);
    const breaker = restoreBreaker(snapshot, this.#policy, {
      ...{ clock, random: draws.next, elapsed: 0 },
    });
    return new Twin(this.#policy, clock, draws, breaker);
  }

  /** Begins a step; what is handed back ends it once time has passed, and tells what was seen of it. */
  begin(step: Step): () => unknown {
    const endings = step.kind === "call"
      ? [step.ending]
      : step.kind === "calls"
      ? step.endings
      : [];
    const permits = endings.map(() => this.breaker.tryAcquire());
    if (step.kind === "policy") {
      this.#policy = step.policy;
      this.breaker.setPolicy(step.policy);
    } else if (step.kind === "override") {
      this.breaker.override(step.mode);
    } else if (step.kind === "reset") {
      this.breaker.reset();
    }
    return () => {
      endings.forEach((ending, i) => settle(permits[i], ending));
      return [permits.map((permit) => permit !== undefined), this.look()];
    };
  }

  /** All that can be seen, and what was told since the last look. */
  look(): unknown {
    const { state, mode, counts, policy } = this.breaker;
    const peek = { ...this.breaker.peek(), trip: undefined }; // it stands, as an age, in the snapshot
    const { takenAt: _takenAt, ...snapshot } = this.breaker.snapshot(); // clocks differ in the time of day
    return [state, mode, counts, policy, peek, snapshot, this.#events.splice(0), this.#draws.taken];
  }
}

/** Draws in [0, 1) that depend on nothing but how many were taken. */
class Draws {
  taken: number;
  constructor(taken: number) {
    this.taken = taken;
  }
  readonly next = (): number => (this.taken++ * 3 % 8) / 8;
}

function settle(permit: Permit | undefined, ending: Ending): void {
  if (ending === "success") permit?.success();
  else if (ending === "failure") permit?.failure();
  else if (ending === "timeout") permit?.timeout();
  else permit?.ignore();
}
