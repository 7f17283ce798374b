import type { Chance } from "./chance.ts";
import type { Ending } from "./judged_call.ts";
import { planOperation } from "./local_operation.ts";
import type { Pattern } from "./pattern.ts";
import { PatternCall, type PatternPlan } from "./pattern_call.ts";
import { after } from "./real_timers.ts";
import type { SoakContext } from "./soak_context.ts";

const BURST = 3;
const MOST_IN_FLIGHT = 24;
/** Calls in which a dependency is up or down. */
const PHASE = 60;
/** Calls between two adjustments. */
const ADJUSTED_AFTER = 60;

/** Makes calls of every kind through one pattern. */
export class PatternDriver {
  readonly #context: SoakContext;
  readonly #pattern: Pattern;
  readonly #chance: Chance;
  /** Apart, because how often it is asked depends on the time that things take. */
  readonly #pace: Chance;
  #steps = 0;
  #inFlight = 0;

  /** A driver of `pattern`. */
  constructor(context: SoakContext, pattern: Pattern, chance: Chance) {
    this.#context = context;
    this.#pattern = pattern;
    this.#chance = chance;
    this.#pace = chance.fork();
  }

  /** Makes calls until the soak ends; what it leaves in flight settles by itself. */
  async run(): Promise<void> {
    while (!this.#context.isOver) {
      for (let i = 0; i < BURST; i++) this.#call(this.#plan());
      do await after(this.#pace.between(10, 25)); while (this.#inFlight > MOST_IN_FLIGHT);
    }
  }

  /** Closes the pattern, once all calls have settled. */
  async close(): Promise<void> {
    await this.#pattern.close?.();
  }

  #plan(): PatternPlan {
    const chance = this.#chance;
    const step = ++this.#steps;
    const isFailing = Math.floor(step / PHASE) % 3 === 0;
    const operation = planOperation(chance, isFailing);
    const aborts = chance.isHit(0.2);
    const abortMs = chance.between(0, 40);
    const variant = chance.below(1e6);
    if (step % ADJUSTED_AFTER === 0) this.#pattern.adjust?.(chance);
    const isEndless = operation.kind === "hangs" || operation.kind === "defies";
    const isUnbounded = isEndless && !aborts && !this.#pattern.endsHangs;
    return {
      operation: isUnbounded ? { ...operation, kind: "rejects late" } : operation,
      abortMs: aborts ? abortMs : undefined,
      variant,
    };
  }

  #call(plan: PatternPlan): void {
    const { ledger, tally, violations } = this.#context;
    const pattern = this.#pattern;
    const { name, limitMs, resources } = pattern;
    const entry = ledger.begin(`${name}, ${plan.operation.kind}`, { limitMs, resources });
    const call = new PatternCall(entry.id, plan, (seen) => {
      const full = `${name}, call ${entry.id} (${plan.operation.kind}): ${seen}`;
      violations.add("a caller gets what the patterns say", full);
    });
    this.#inFlight++;
    tally.add(`via:${name}`);
    const end = (ending: Ending): void => {
      ledger.settle(entry);
      this.#inFlight--;
      const { leavesAborts = false } = pattern;
      const isAnswer = (value: unknown): boolean =>
        pattern.isAnswer?.(call, value) ?? call.isOwn(value);
      tally.add(`${name}:${call.end(ending, { isAnswer, leavesAborts })}`);
      pattern.ended?.(call.runs);
    };
    pattern.run(call).then(
      (value) => end({ kind: "value", value }),
      (error) => end({ kind: "error", error }),
    );
  }
}
