import assert from "node:assert/strict";
import process from "node:process";
import fc from "npm:fast-check@4.9.0";
import { BreakerTimeoutError } from "../../mod.ts";
import { bench, fail, outcomes } from "../support/breaker_bench.ts";
import { DrivenProducer } from "../support/driven_producer.ts";
import { parametersFrom } from "./settings.ts";
import { type Answer, type Limits, type Step, StreamOracle } from "./stream_oracle.ts";

const FAILURE = new Error("the dependency failed");
const GONE = new Error("the caller left");
const TOO_LATE = new DOMException("the caller ran out of time", "TimeoutError");

/** Longer than what any history takes, so that a probe's own deadline (R11) does not meddle. */
const OPEN_MS = 10_000;

/** One stream through a real breaker, driven by steps. */
class Scene {
  readonly #bench;
  readonly #producer = new DrivenProducer();
  readonly #caller = new AbortController();
  readonly #items;
  readonly answers: Answer[] = [];

  constructor({ first, idle, total, slow }: Limits, isProbe: boolean) {
    this.#bench = bench({
      failureThreshold: 1,
      successThreshold: 2,
      openStateTimeout: OPEN_MS,
      ...(slow < Infinity && { slowCallThreshold: slow }),
    });
    const { breaker, clock } = this.#bench;
    if (isProbe) {
      fail(breaker);
      clock.advance(OPEN_MS);
    }
    const or = (ms: number): number | null => ms === Infinity ? null : ms;
    this.#items = breaker.stream(this.#producer.operation, {
      signal: this.#caller.signal,
      firstWithin: or(first),
      idleWithin: or(idle),
      timeout: or(total),
    })[Symbol.asyncIterator]();
  }

  /** Makes a step. */
  async take(step: Step): Promise<void> {
    const { clock } = this.#bench;
    if (step.kind === "ask") this.#ask();
    else if (step.kind === "pass") await clock.tick(step.ms);
    else if (step.kind === "give") this.#producer.give("item");
    else if (step.kind === "end") this.#producer.end();
    else if (step.kind === "fail") this.#producer.fail(FAILURE);
    else if (step.kind === "leave") await this.#items.return();
    else if (step.kind === "abort") this.#caller.abort(step.isTimeout ? TOO_LATE : GONE);
    await clock.tick();
  }

  #ask(): void {
    const place = this.answers.push("none") - 1;
    this.#items.next().then(
      ({ done }) => this.answers[place] = done ? "done" : "item",
      (error) => this.answers[place] = answerOf(error),
    );
  }

  /** Outcomes since the stream began. */
  outcomes(isProbe: boolean): Record<string, number> {
    const all = outcomes(this.#bench.breaker);
    if (!isProbe) return all;
    const { failures = 0, ...others } = all;
    return failures > 1 ? { ...others, failures: failures - 1 } : others;
  }

  get timers(): number {
    return this.#bench.clock.pendingTimers;
  }

  get inFlight(): number {
    return this.#bench.breaker.counts.inFlight;
  }
}

function answerOf(error: unknown): Answer {
  if (error === FAILURE) return "error";
  if (error === GONE || error === TOO_LATE) return "reason";
  return error instanceof BreakerTimeoutError ? "limit" : "none";
}

function outcomesOf({ counted }: StreamOracle): Record<string, number> {
  if (counted === undefined) return {};
  const { how, isSlow } = counted;
  const slow = isSlow ? { slow: 1 } : {};
  if (how === "success") return { successes: 1, ...slow };
  if (how === "ignored") return { ignored: 1 };
  return how === "failure" ? { failures: 1, ...slow } : { failures: 1, timeouts: 1, ...slow };
}

const limit = fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 6 }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Step>({ kind: "ask" }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 8, arbitrary: fc.constant<Step>({ kind: "give" }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: "end" }, { kind: "fail" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "leave" }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("abort" as const), isTimeout: fc.boolean() }),
  },
);

Deno.test("R27: any history of a stream is counted, limited and answered as the rule says", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ first: limit, idle: limit, total: limit, slow: limit }),
      fc.boolean(),
      fc.array(step, { maxLength: 20 }),
      async (limits, isProbe, steps) => {
        const oracle = new StreamOracle(limits, isProbe);
        const scene = new Scene(limits, isProbe);
        for (const [i, each] of steps.entries()) {
          oracle.take(each);
          await scene.take(each);
          const at = `after step ${i}, ${JSON.stringify(each)}`;
          assert.deepEqual(scene.answers, oracle.answers, at);
          assert.deepEqual(scene.outcomes(isProbe), outcomesOf(oracle), at);
          assert.equal(scene.timers, oracle.isLimited ? 1 : 0, `timers ${at}`);
          const isOpen = isProbe && oracle.open > 0 && oracle.counted === undefined;
          assert.equal(scene.inFlight, isOpen ? 1 : 0, `probes ${at}`);
        }
      },
    ),
    parametersFrom(process.env, 500),
  );
});
