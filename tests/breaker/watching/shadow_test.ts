import assert from "node:assert/strict";
import { createBreaker, type Permit, type Policy, type StandaloneBreaker } from "../../../mod.ts";
import { coreOf } from "../../../src/breaker/breaker.ts";
import { ManualClock } from "../../../src/testing/mod.ts";
import { randomPolicy } from "../../model/differential_policy.ts";
import { pick, seededRandom } from "../../support/seeded_random.ts";
import { SILENT } from "../../support/silent_logger.ts";
import { Shadow } from "./shadow.ts";

const SEEDS = 400;

/** A call that the armed breaker admitted, and what a breaker with the shadow's policy said to it. */
interface Call {
  readonly armed: Permit;
  readonly judged: Permit | undefined;
}

/** Settles permits alike. */
type Ending = (permit: Permit) => void;

const ENDINGS: readonly Ending[] = [
  (permit) => permit.success(),
  (permit) => permit.success(),
  (permit) => permit.failure(),
  (permit) => permit.timeout(),
  (permit) => permit.ignore(),
];

/** A breaker with a shadow, beside a breaker that is called by hand as the shadow ought to be. */
class Scene {
  readonly clock = new ManualClock();
  readonly shadow: Shadow;
  readonly #armed: StandaloneBreaker;
  readonly #byHand: StandaloneBreaker;
  readonly #calls: Call[] = [];
  #refusedByHand = 0;
  #unknown = 0;

  constructor(armed: Policy, shadow: Policy) {
    const settings = { clock: this.clock, random: (): number => 0, logger: SILENT };
    this.#armed = createBreaker("armed", armed, settings);
    this.#byHand = createBreaker("shadow", { ...shadow, mode: "normal" }, settings);
    this.shadow = new Shadow({ ...shadow, mode: "normal" });
    coreOf(this.#armed).addWatcher(this.shadow);
  }

  begin(): void {
    const armed = this.#armed.tryAcquire();
    if (armed === undefined) this.#unknown++;
    else this.#calls.push({ armed, judged: this.#byHand.tryAcquire() });
  }

  settle(random: () => number): void {
    const [call] = this.#calls.splice(Math.floor(random() * this.#calls.length), 1);
    if (call === undefined) return;
    const end = pick(random, ENDINGS);
    end(call.armed);
    if (call.judged === undefined) this.#refusedByHand++;
    else end(call.judged);
  }

  meddle(random: () => number): void {
    if (random() < 0.5) this.#armed.reset();
    else this.#armed.setPolicy(randomPolicy(random, "permits"));
  }

  check(): void {
    const { shadow } = this;
    const { takenAt: _shadows, ...seen } = shadow.snapshot(coreOf(this.#armed).look());
    const { takenAt: _byHands, ...expected } = this.#byHand.snapshot();
    assert.deepEqual(seen, expected);
    assert.deepEqual([shadow.refusedAndSettled, shadow.unknown], [
      this.#refusedByHand,
      this.#unknown,
    ]);
    assert.equal(shadow.core.inFlight, coreOf(this.#byHand).inFlight);
  }
}

Deno.test("a shadow that is told of each admission, to its end, is what a breaker is that is called by hand", () => {
  let stale = 0;
  let refused = 0;
  let unknown = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const scene = new Scene(randomPolicy(random, "permits"), randomPolicy(random, "permits"));
    for (let step = 0; step < 120; step++) {
      const chance = random();
      if (chance < 0.35) scene.begin();
      else if (chance < 0.7) scene.settle(random);
      else if (chance < 0.95) scene.clock.advance(pick(random, [0, 50, 100, 250, 1_000]));
      else scene.meddle(random);
    }
    scene.check();
    const { core } = scene.shadow;
    stale += core.counts(core.look()).staleCalls;
    refused += scene.shadow.refusedAndSettled;
    unknown += scene.shadow.unknown;
  }
  assert(stale > 100 && refused > 100 && unknown > 100, `${stale} ${refused} ${unknown}`);
});
