import {
  type Breaker,
  createBreaker,
  type Mode,
  type Permit,
  type StandaloneBreaker,
} from "../../../mod.ts";
import { ManualClock } from "../../../src/testing/mod.ts";
import { randomPolicy } from "../../model/differential_policy.ts";
import { pick, seededRandom } from "../../support/seeded_random.ts";

const MODES: readonly (Mode | null)[] = [null, null, "normal", "metrics-only", "disabled"];

/**
 * A breaker whose `random` and `readyToTrip` use it themselves while it waits
 * for what they answer: they make calls, settle some, reset it, change its
 * policy, let time pass, and fail.
 */
export class Antics {
  readonly clock = new ManualClock();
  readonly breaker: StandaloneBreaker;
  /** How often a callback did something to the breaker. */
  meddled = 0;
  /** Whether callbacks only answer. */
  isQuiet = false;
  readonly #random: () => number;
  readonly #permits: Permit[] = [];
  #depth = 0;

  constructor(seed: number) {
    const random = seededRandom(seed);
    this.#random = random;
    this.breaker = createBreaker("antics", randomPolicy(random, "permits"), {
      clock: this.clock,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      random: () => this.#meddle(() => random() < 0.1 ? Number.NaN : pick(random, [0, 0.25, 0.5])),
      holdAfter: () => this.#meddle(() => pick(random, [0, 0, 100, undefined])),
      readyToTrip: () => this.#meddle(() => random() < 0.3),
    });
  }

  /** Does one thing to the breaker, or lets time pass. */
  step(): void {
    const random = this.#random;
    const { breaker } = this;
    const chance = random();
    if (chance < 0.3) this.#begin(breaker);
    else if (chance < 0.65) this.#settle();
    else if (chance < 0.85) this.clock.advance(pick(random, [0.05, 0.37, 50, 100, 250, 1_000]));
    else if (chance < 0.9) breaker.peek();
    else if (chance < 0.93) breaker.setPolicy(randomPolicy(random, "permits"));
    else if (chance < 0.96) breaker.reset();
    else if (chance < 0.97) breaker.tripNow();
    else if (chance < 0.98) {
      breaker.hold(pick(random, [50, 300]), { owner: pick(random, ["a", "b"]) });
    } else if (chance < 0.985) breaker.release({ owner: "a" });
    else breaker.override(pick(random, MODES));
  }

  #begin(breaker: Breaker): void {
    const permit = breaker.tryAcquire();
    if (permit !== undefined) this.#permits.push(permit);
  }

  #settle(): void {
    const random = this.#random;
    const [permit] = this.#permits.splice(Math.floor(random() * this.#permits.length), 1);
    if (random() < 0.3) permit?.success();
    else if (random() < 0.1) permit?.ignore();
    else permit?.failure(random() < 0.3 ? new Error("asks") : undefined);
  }

  #meddle<Answer>(answer: () => Answer): Answer {
    const random = this.#random;
    if (!this.isQuiet && this.#depth < 3 && random() < 0.5) {
      this.#depth++;
      this.meddled++;
      for (let steps = 1 + Math.floor(random() * 3); steps > 0; steps--) this.step();
      this.#depth--;
    }
    if (random() < 0.05) throw new Error("a callback that fails");
    return answer();
  }
}
